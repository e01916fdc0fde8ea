// Lets a shop trade in real time and posts its events in small batches.
import { setTimeout as delay } from "node:timers/promises";
import { z } from "zod";
import { demoShop } from "./chain.ts";
import { liveShop } from "./live.ts";
import { postEvents } from "./post-events.ts";
import type { SimulatedEvent } from "./recorder.ts";

export type StreamOptions = {
  url: string;
  key: string;
  seed: string;
  speed: number;
  attacks: readonly string[];
  attackEveryMs: number;
  /** Ends the stream; what has happened by then is still posted. */
  signal: AbortSignal;
  now: () => number;
  /** One line for the person who watches. */
  say: (line: string) => void;
};

const MOST_EVENTS = 500;

async function sleepUntilAborted(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch(() => undefined);
}

const Answer = z.object({ quarantined: z.number(), rejected: z.number() });

/** How many events of a batch the service did not take, as far as its answer says. */
function refusedOf(answer: string): number {
  let json: unknown;
  try {
    json = JSON.parse(answer);
  } catch {
    return 0;
  }
  const counts = Answer.safeParse(json);
  return counts.success ? counts.data.quarantined + counts.data.rejected : 0;
}

/** Streams until the signal. Out: how many events were posted. Throws as {@link postEvents} does. */
export async function streamLive(options: StreamOptions): Promise<number> {
  const { signal, now, say } = options;
  const post = {
    url: options.url,
    key: options.key,
    fetch,
    signal,
    sleep: (ms: number) => sleepUntilAborted(ms, signal),
    onWait: (status: number | "no answer", waitMs: number) =>
      say(`the service answers ${status}; next try in ${Math.round(waitMs / 1000)} s`),
  };
  let batch: SimulatedEvent[] = [];
  let posted = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    const notTaken = refusedOf(await postEvents(batch, post));
    if (notTaken > 0) say(`the service set aside or turned away ${notTaken} events`);
    posted += batch.length;
    batch = [];
  };
  const stream = liveShop({
    seed: options.seed,
    shop: demoShop(options.seed),
    startMs: now(),
    speed: options.speed,
    attackEveryMs: options.attacks.length === 0 ? 0 : options.attackEveryMs,
    attacks: options.attacks,
    now,
    sleep: async (ms) => {
      await flush();
      await sleepUntilAborted(ms, signal);
    },
    signal,
  });
  for await (const event of stream) {
    if (event.label !== undefined && !batch.some(({ label }) => label?.id === event.label?.id)) {
      say(`attack: ${event.label.attack}`);
    }
    batch.push(event);
    if (batch.length >= MOST_EVENTS) await flush();
  }
  await flush();
  return posted;
}
