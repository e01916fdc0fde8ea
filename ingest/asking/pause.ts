// How long to wait before a provider is asked again, and what its owner is told. Pure.

/**
 * limited: too many questions. refused: the token. gone: no such object. away: it does not answer, or with a fault of its own.
 * unreadable: an answer that is not what it documents. ours: a store of ours.
 */
export type AskFault = {
  kind: "limited" | "refused" | "gone" | "away" | "unreadable" | "ours";
  /** For the shop's owner; holds no secret and nothing that the provider wrote. */
  words: string;
  /** What the provider asks for, where it does. */
  retryAfterMs?: number;
};

const FIRST_MS = 15_000;
const LONGEST_MS = 3_600_000;
/** A token does not mend itself: no use in asking every minute. */
const REFUSED_MS = 900_000;
/** An answer that names a later time is not believed beyond this. */
const LONGEST_RETRY_AFTER_MS = 6 * 3_600_000;

/**
 * In: the fault, how many came before it in a row, and a chance in [0, 1) that spreads out many sources. Doubles from 15 s
 * to an hour; never shorter than what the provider asks for, up to six hours.
 */
export function pauseMs(fault: AskFault, failuresBefore: number, chance: number): number {
  const doubled = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failuresBefore, 20));
  const least = fault.kind === "refused" ? Math.max(doubled, REFUSED_MS) : doubled;
  const asked = Math.min(LONGEST_RETRY_AFTER_MS, fault.retryAfterMs ?? 0);
  return Math.round(Math.max(least, asked) * (1 + chance * 0.2));
}

/** ms out of a Retry-After header: seconds or an HTTP date. Anything else is undefined. */
export function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined;
  if (/^\s*\d{1,9}\s*$/.test(header)) return Number(header) * 1000;
  const at = header.length < 60 ? Date.parse(header) : Number.NaN;
  return Number.isNaN(at) ? undefined : Math.max(0, at - nowMs);
}

/** What a status that is not 200 means. */
export function faultOfStatus(status: number, retryAfter: number | undefined): AskFault {
  const again = retryAfter === undefined ? {} : { retryAfterMs: retryAfter };
  if (status === 429)
    return { kind: "limited", words: "The provider wants fewer questions.", ...again };
  if (status === 401 || status === 403)
    return {
      kind: "refused",
      words: `The provider refuses the token (${status}): make a new one there and set it here.`,
      ...again,
    };
  if (status === 404 || status === 410)
    return { kind: "gone", words: `The provider knows no such thing (${status}).`, ...again };
  if (status >= 300 && status < 400)
    return {
      kind: "unreadable",
      words: `The provider sends us elsewhere (${status}); we do not go.`,
    };
  return { kind: "away", words: `The provider answers with an error (${status}).`, ...again };
}
