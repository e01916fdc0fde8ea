// Decides when a message is tried again, and when a destination that does not answer is left alone for a while.
import type { ChannelRow } from "../core/channel.ts";

const FIRST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 3_600_000;
/** A receiver that wants more than that is not going to take an alert in time to be of use. */
const LONGEST_RETRY_AFTER_MS = 6 * 3_600_000;
/** So many tries in a row may fail before the destination rests. */
const FAILURES_ALLOWED = 3;
const LONGEST_REST_MS = 900_000;

/** The pause before the next try: it doubles, and is never shorter than what the receiver asked for. */
export function pauseMs(attempts: number, retryAfterMs: number | undefined): number {
  const growing = Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, attempts - 1), LONGEST_PAUSE_MS);
  return Math.max(growing, Math.min(retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS));
}

type Circuit = Pick<ChannelRow, "failures" | "paused_until">;

/**
 * The destination's circuit after a try. `answered`: it said yes or no; else it was busy, broken or silent. A named
 * time to come back holds for all that waits for it. After a rest one message is tried; if that fails, a longer rest.
 */
export function circuitAfter(
  before: Circuit,
  attempt: { answered: boolean; retryAfterMs?: number | undefined },
  now: number,
): Circuit {
  if (attempt.answered) return { failures: 0, paused_until: 0 };
  const failures = before.failures + 1;
  const asked = Math.min(attempt.retryAfterMs ?? 0, LONGEST_RETRY_AFTER_MS);
  const beyond = failures - FAILURES_ALLOWED;
  const rest = beyond < 0 ? 0 : Math.min(FIRST_PAUSE_MS * 3 * 2 ** beyond, LONGEST_REST_MS);
  const pause = Math.max(asked, rest);
  return { failures, paused_until: pause === 0 ? before.paused_until : now + pause };
}
