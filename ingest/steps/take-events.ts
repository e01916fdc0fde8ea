// Deduplicates prepared events and puts the new ones on disk. After every other step, so that a claim is held for as short as can be.

import type { CheckedEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import type { RawEvent } from "../../core/event-body.ts";
import type { EventOutcome } from "../../core/event-outcome.ts";
import type { SeenEvents } from "../../stores/seen-events.ts";
import type { SpoolLine } from "../../stores/spool.ts";
import type { IngestMetrics } from "../metrics.ts";
import type { Origin } from "../origin.ts";
import type { AppendDurable, Batch } from "./append-durable.ts";
import { quarantineEvent } from "./quarantine-event.ts";
import type { RecentFacts } from "./recent-facts.ts";
import { cardDataFound } from "./report-card-data.ts";
import type { FoundInField } from "./scrub-delivery.ts";
import type { ShopFacts } from "./shop-facts.ts";

/** Past every step but these two: is it new, and is it on disk? */
export type Prepared = { ok: true; draft: EventDraft; notes: string[]; found: FoundInField[] };
export type Refusal = Extract<CheckedEvent, { ok: false }>;

export type TakeTools = {
  seen: Pick<SeenEvents, "claim" | "claimSync" | "settle">;
  recent: RecentFacts;
  metrics: IngestMetrics;
  now: () => number;
  append: AppendDurable;
  prepare(raw: RawEvent, shop: ShopFacts, origin: Origin): Prepared | Refusal;
};

type Chunk = { events: readonly RawEvent[]; lines: readonly SpoolLine[]; shop: ShopFacts };
type Ready = Prepared & { draft: { event_id: string } };
/** A batch, and the ids claimed for it. */
type Work = { batch: Batch; claims: Set<string> };

/** Ids that need a look into history, or that another request holds: so many at once. */
const LOOKS_AT_ONCE = 8;
const NO_ID: EventOutcome = {
  outcome: "rejected",
  reason: "event_id_missing",
  detail: "event_id: send one, or a webhook-id header",
};

/** One outcome for each event, after all that was new is on disk. Never waits for a claim while it holds one, or two requests could wait for each other. */
export async function takeEvents(
  chunk: Chunk,
  origin: Origin,
  tools: TakeTools,
): Promise<EventOutcome[]> {
  const work = newWork(origin, chunk.lines);
  const outcomes: EventOutcome[] = new Array(chunk.events.length);
  const waiting: { at: number; ready: Ready }[] = [];
  await committing(work, tools, () => {
    for (const [at, raw] of chunk.events.entries()) {
      const ready = tools.prepare(raw, chunk.shop, origin);
      const outcome = ready.ok
        ? takeNow(ready, work, tools)
        : setAside(raw, ready, { origin, work, tools });
      if (outcome === "wait") waiting.push({ at, ready: ready as Ready });
      else outcomes[at] = outcome;
    }
  });
  await inParallel(waiting, async ({ at, ready }) => {
    outcomes[at] = await takeWaiting(ready, origin, tools);
  });
  return outcomes;
}

function newWork({ merchantId, source }: Origin, lines: readonly SpoolLine[]): Work {
  return { batch: { merchantId, source, drafts: [], lines: [...lines] }, claims: new Set() };
}

function takeNow(ready: Prepared, work: Work, tools: TakeTools): EventOutcome | "wait" {
  const { event_id: id, ts } = ready.draft;
  if (id === undefined) return NO_ID;
  if (work.claims.has(id)) return { outcome: "duplicate", event_id: id };
  const verdict = tools.seen.claimSync(work.batch.merchantId, id, ts);
  if (verdict === undefined) return "wait";
  if (verdict === "known") return { outcome: "duplicate", event_id: id };
  work.claims.add(id);
  return admit(ready as Ready, work.batch, tools);
}

async function takeWaiting(ready: Ready, origin: Origin, tools: TakeTools): Promise<EventOutcome> {
  const { event_id: id, ts, store_id: storeId } = ready.draft;
  if ((await tools.seen.claim(origin.merchantId, id, ts, storeId)) === "known")
    return { outcome: "duplicate", event_id: id };
  const work = newWork(origin, []);
  work.claims.add(id);
  let outcome: EventOutcome = { outcome: "duplicate", event_id: id };
  await committing(work, tools, () => {
    outcome = admit(ready, work.batch, tools);
  });
  return outcome;
}

/** What a new event adds to its batch: itself, and reports where card data was masked. */
function admit({ draft, notes, found }: Ready, batch: Batch, tools: TakeTools): EventOutcome {
  tools.recent.remember(batch.merchantId, draft);
  batch.drafts.push(draft);
  if (found.length > 0) batch.drafts.push(...cardDataFound(draft, found, batch.merchantId));
  tools.metrics.masked(found);
  return {
    outcome: "accepted",
    event_id: draft.event_id,
    durability: "spooled",
    ...(found.length > 0 ? { masked: [...new Set(found.map(({ field }) => field))] } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

type AsideTools = { origin: Origin; work: Work; tools: TakeTools };

function setAside(raw: RawEvent, refusal: Refusal, { origin, work, tools }: AsideTools) {
  const aside = quarantineEvent(raw, refusal, { ...origin, nowMs: tools.now() });
  work.batch.lines.push({ kind: "quarantine", line: aside.line });
  tools.metrics.masked(aside.found);
  for (const report of aside.reports) {
    const id = report.event_id as string;
    if (tools.seen.claimSync(origin.merchantId, id, report.ts) !== "new") continue;
    work.claims.add(id);
    work.batch.drafts.push(report);
  }
  return aside.outcome;
}

/** Fills the work, appends it, and then settles its claims, come what may: an open claim would make others wait for ever. */
async function committing(work: Work, tools: TakeTools, fill: () => void): Promise<void> {
  let durable = false;
  try {
    fill();
    await tools.append(work.batch);
    durable = true;
  } finally {
    for (const id of work.claims) tools.seen.settle(work.batch.merchantId, id, durable);
  }
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: Math.min(LOOKS_AT_ONCE, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(workers);
}
