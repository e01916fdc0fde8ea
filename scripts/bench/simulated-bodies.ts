// The last days of a simulated chain, as request bodies and as events, for load.
import type { Event } from "../../core/event.ts";
import { threeStoreChain } from "../simulate/chain.ts";
import { simulateHistory } from "../simulate/history.ts";

const DAY_MS = 86_400_000;
/** A three-shop chain makes about so many events a day. */
const EVENTS_PER_DAY = 12_000;

/** The newest `count` events before `nowMs`, in order of time; bodies are NDJSON with `batch` events each. */
export function simulatedBodies(
  count: number,
  batch: number,
  nowMs: number,
): { bodies: Buffer[]; events: Event[] } {
  const days = Math.ceil(count / EVENTS_PER_DAY) + 3;
  const history = simulateHistory({
    seed: "bench",
    shop: threeStoreChain("bench"),
    fromMs: nowMs - days * DAY_MS,
    toMs: nowMs,
  });
  const drafts = Array.from(history, ({ draft }) => draft).slice(-count);
  const bodies: Buffer[] = [];
  for (let from = 0; from < drafts.length; from += batch) {
    const lines = drafts.slice(from, from + batch).map((draft) => JSON.stringify(draft));
    bodies.push(Buffer.from(`${lines.join("\n")}\n`));
  }
  const events = drafts.map(
    (draft) => ({ ...draft, merchant_id: "bench", source: "api", received_ts: nowMs }) as Event,
  );
  return { bodies, events };
}
