// Deduplicates prepared events and puts the new ones on disk. After every other step, so that a claim is held for as short as can be.

import type { CheckedEvent } from "../../core/check-event.ts";
import { AppError } from "../../core/errors.ts";
import type { EventDraft } from "../../core/event.ts";
import type { RawEvent } from "../../core/event-body.ts";
import type { EventOutcome } from "../../core/event-outcome.ts";
import type { SharedClaims } from "../../stores/seen/shared-claims.ts";
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
  /** Undefined where this process alone takes events. */
  shared?: Pick<SharedClaims, "claim" | "settle"> | undefined;
  pause(ms: number): Promise<unknown>;
  recent: RecentFacts;
  metrics: IngestMetrics;
  now: () => number;
  append: AppendDurable;
  prepare(raw: RawEvent, shop: ShopFacts, origin: Origin): Prepared | Refusal;
};

type Chunk = { events: readonly RawEvent[]; lines: readonly SpoolLine[]; shop: ShopFacts };
type Ready = Prepared & { draft: { event_id: string } };
/** An event on its way. `at`: its place among the outcomes; a report of ours has none. `noted`: it was admitted before. */
type Item = { at?: number; ready: Ready; noted?: boolean };
/** A batch, and what was claimed for it, by id. */
type Work = { batch: Batch; claims: Map<string, Item> };
/** One chunk's way: `waiting` for a look into history or for another request, `busy` in another process. */
type Run = {
  origin: Origin;
  tools: TakeTools;
  outcomes: EventOutcome[];
  waiting: Item[];
  busy: Item[];
};

/** Ids that need a look into history, or that another request holds: so many at once. */
const LOOKS_AT_ONCE = 8;
/** Another process's claim ends within ten seconds, also when it died. */
const PATIENCE_MS = 12_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 250;
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
  const outcomes: EventOutcome[] = new Array(chunk.events.length);
  const run: Run = { origin, tools, outcomes, waiting: [], busy: [] };
  await committing(run, chunk.lines, (work) => {
    for (const [at, raw] of chunk.events.entries()) {
      const ready = tools.prepare(raw, chunk.shop, origin);
      if (!ready.ok) outcomes[at] = setAside(raw, ready, work, run);
      else if (ready.draft.event_id === undefined) outcomes[at] = NO_ID;
      else takeNow({ at, ready: ready as Ready }, work, run);
    }
  });
  await takeRest(run);
  return outcomes;
}

/** What could not be decided at once, until nothing is left. */
async function takeRest(run: Run): Promise<void> {
  let pauseMs = FIRST_PAUSE_MS;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    const { waiting } = run;
    run.waiting = [];
    await inParallel(waiting, (item) => takeWaiting(item, run));
    const { busy } = run;
    if (busy.length === 0) return;
    if (waitedMs >= PATIENCE_MS)
      throw new AppError("STORE_UNAVAILABLE", "Another process is taking the same events.");
    if (waitedMs > 0) pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    await run.tools.pause(pauseMs);
    run.busy = [];
    await committing(run, [], (work) => {
      for (const item of busy) takeNow(item, work, run);
    });
  }
}

function takeNow(item: Item, work: Work, run: Run): void {
  const { event_id: id, ts } = item.ready.draft;
  const verdict = work.claims.has(id)
    ? "known"
    : run.tools.seen.claimSync(run.origin.merchantId, id, ts);
  if (verdict === undefined) run.waiting.push(item);
  else if (verdict === "known") isDuplicate(item, run);
  else admit(item, work, run);
}

async function takeWaiting(item: Item, run: Run): Promise<void> {
  const { event_id: id, ts, store_id: storeId } = item.ready.draft;
  const { seen } = run.tools;
  if ((await seen.claim(run.origin.merchantId, id, ts, storeId)) === "known")
    return isDuplicate(item, run);
  await committing(run, [], (work) => admit(item, work, run));
}

function isDuplicate({ at, ready }: Item, { outcomes }: Run): void {
  if (at !== undefined) outcomes[at] = { outcome: "duplicate", event_id: ready.draft.event_id };
}

/** What a claimed event adds to its batch: itself, and reports where card data was masked. */
function admit(item: Item, { batch, claims }: Work, { tools, outcomes }: Run): void {
  const { draft, notes, found } = item.ready;
  claims.set(draft.event_id, item);
  batch.drafts.push(draft);
  if (found.length > 0) batch.drafts.push(...cardDataFound(draft, found, batch.merchantId));
  // Once, though another process may have it: a sale told again later could stand over a newer one.
  if (item.noted !== true) {
    tools.recent.remember(batch.merchantId, draft);
    tools.metrics.masked(found);
  }
  item.noted = true;
  if (item.at === undefined) return;
  outcomes[item.at] = {
    outcome: "accepted",
    event_id: draft.event_id,
    durability: "spooled",
    ...(found.length > 0 ? { masked: [...new Set(found.map(({ field }) => field))] } : {}),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

function setAside(raw: RawEvent, refusal: Refusal, work: Work, run: Run): EventOutcome {
  const { origin, tools } = run;
  const aside = quarantineEvent(raw, refusal, { ...origin, nowMs: tools.now() });
  work.batch.lines.push({ kind: "quarantine", line: aside.line });
  tools.metrics.masked(aside.found);
  for (const report of aside.reports) {
    const id = report.event_id as string;
    if (tools.seen.claimSync(origin.merchantId, id, report.ts) !== "new") continue;
    admit({ ready: { ok: true, draft: report, notes: [], found: [] } as Ready }, work, run);
  }
  return aside.outcome;
}

/** Fills a batch, appends it, and then settles its claims, come what may: an open claim would make others wait for ever. */
async function committing(
  run: Run,
  lines: readonly SpoolLine[],
  fill: (work: Work) => void,
): Promise<void> {
  const { merchantId, source } = run.origin;
  const { seen, shared, append } = run.tools;
  const batch: Batch = { merchantId, source, drafts: [], lines: [...lines] };
  const work: Work = { batch, claims: new Map() };
  let durable = false;
  try {
    fill(work);
    if (shared !== undefined && work.claims.size > 0) await agree(work, run, shared);
    await append(batch);
    durable = true;
  } finally {
    for (const id of work.claims.keys()) seen.settle(merchantId, id, durable);
    shared?.settle(merchantId, claimedDrafts(work), durable);
  }
}

/** Asks the other processes. What one of them has, or is taking, leaves the batch, and its claim here ends. */
async function agree(
  work: Work,
  run: Run,
  shared: Pick<SharedClaims, "claim" | "settle">,
): Promise<void> {
  const { merchantId } = run.origin;
  const items = [...work.claims.values()];
  const verdicts = await shared.claim(merchantId, claimedDrafts(work));
  const leaving = new Set<string>();
  const leave = (draft: EventDraft) => leaving.add(draft.event_id as string);
  for (const [at, item] of items.entries()) {
    const verdict = verdicts[at];
    if (verdict === "new") continue;
    const { draft, found } = item.ready;
    leave(draft);
    for (const report of cardDataFound(draft, found, merchantId)) leave(report);
    work.claims.delete(draft.event_id);
    run.tools.seen.settle(merchantId, draft.event_id, verdict === "known");
    if (verdict === "known") isDuplicate(item, run);
    else run.busy.push(item);
  }
  if (leaving.size === 0) return;
  work.batch.drafts = work.batch.drafts.filter(({ event_id: id }) => !leaving.has(id as string));
}

function claimedDrafts({ claims }: Work): Ready["draft"][] {
  return Array.from(claims.values(), ({ ready }) => ready.draft);
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  const workers = Array.from({ length: Math.min(LOOKS_AT_ONCE, items.length) }, async () => {
    for (const item of queue) await work(item);
  });
  await Promise.all(workers);
}
