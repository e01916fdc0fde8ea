// Sends events to a running Tillwatch as a sender should: in batches, again when told to wait, never in silence.
import { AppError } from "../../core/errors.ts";

export type PostOptions = {
  /** Address of the service, such as `http://localhost:8080`. */
  url: string;
  /** Wait until the events are in the event store, not only on disk. */
  stored?: boolean;
  /** API key with the scope `events:write`. */
  key: string;
  fetch: typeof fetch;
  sleep: (ms: number) => Promise<void>;
  /** After it is aborted there is one last try and no more pauses. */
  signal?: AbortSignal;
  /** Told of each pause, for the person who watches. */
  onWait: (status: number | "no answer", waitMs: number) => void;
};

/** How often a batch is tried before we give up: with the longest pause about ten minutes. */
const TRIES = 20;
const LONGEST_PAUSE_MS = 30_000;

function pauseMs(tried: number, retryAfter: string | null): number {
  const told = Number(retryAfter);
  if (retryAfter !== null && Number.isFinite(told) && told >= 0)
    return Math.min(told * 1000, 300_000);
  return Math.min(LONGEST_PAUSE_MS, 500 * 2 ** tried);
}

type Answer = { status: number; retryAfter: string | null; text: string } | undefined;

async function send(body: string, options: PostOptions): Promise<Answer> {
  try {
    const path = options.stored === true ? "/v1/events?wait=stored" : "/v1/events";
    const response = await options.fetch(new URL(path, options.url), {
      method: "POST",
      headers: {
        authorization: `Bearer ${options.key}`,
        "content-type": "application/x-ndjson",
      },
      body,
    });
    const { status, headers } = response;
    return { status, retryAfter: headers.get("retry-after"), text: await response.text() };
  } catch {
    // Refused or cut connections look alike: the service may be starting.
    return undefined;
  }
}

/**
 * Posts a batch as NDJSON and returns the service's answer as text.
 * A 429, a 5xx or no answer is tried again, after Retry-After where it is given; ids make a repeat harmless.
 * Throws REQUEST_INVALID for any other refusal, STORE_UNAVAILABLE after the last try.
 */
export async function postEvents(
  events: readonly { draft: object }[],
  options: PostOptions,
): Promise<string> {
  const body = events.map(({ draft }) => JSON.stringify(draft)).join("\n");
  for (let tried = 0; tried < TRIES; tried += 1) {
    const answer = await send(body, options);
    if (answer !== undefined && answer.status < 300) return answer.text;
    if (answer !== undefined && answer.status < 500 && answer.status !== 429) {
      const words = answer.text.slice(0, 300);
      throw new AppError("REQUEST_INVALID", `The service refused with ${answer.status}: ${words}`);
    }
    if (options.signal?.aborted === true) break;
    const waitMs = pauseMs(tried, answer?.retryAfter ?? null);
    options.onWait(answer?.status ?? "no answer", waitMs);
    await options.sleep(waitMs);
  }
  throw new AppError(
    "STORE_UNAVAILABLE",
    `The service did not take the last ${events.length} events.`,
  );
}
