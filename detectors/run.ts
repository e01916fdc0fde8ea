// Runs the rules over every merchant's events as they become durable, in order, and saves what they find.
import type { Registry } from "prom-client";
import { AppError } from "../core/errors.ts";
import type { Event } from "../core/event.ts";
import { contentId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { encodeEvent } from "../stores/event-columns.ts";
import { merchantsWithEvents } from "../stores/events.ts";
import { findMerchant } from "../stores/merchants.ts";
import type { Spool } from "../stores/spool.ts";
import { readRuleFiles } from "./catalogue.ts";
import { type DetectorMetrics, detectorMetrics } from "./detector-metrics.ts";
import { createEngine, type Engine } from "./engine/live/engine.ts";
import type { Ruleset } from "./engine/plan.ts";
import { createTuner } from "./engine/tune/tuned.ts";
import { createRulebook, type Rulebook } from "./settings/rulebook.ts";
import { LATE_LIMIT_MS, Watch, type WatchDeps } from "./watch.ts";

/** At most ten turns a second: each is one transaction. */
const TURN_MS = 100;
/** Less than the lead with which list entries come into force. */
const RELOAD_MS = 1000;

export type DetectorDeps = {
  db: Postgres;
  ch: ClickHouse;
  spool: Pick<Spool, "flush" | "append">;
  rules: Ruleset;
  now: () => number;
  log: Log;
  metrics: Registry;
  /** New findings of this merchant are in Postgres. */
  onFindings(merchantId: string): void;
};

/**
 * `offer`: durable events of one merchant, in the order in which they were appended. `idle` resolves when all that was
 * offered and is due is judged and saved. `close` stops without waiting for more; the position knows where.
 */
export type Detectors = {
  offer(merchantId: string, events: readonly Event[]): void;
  idle(): Promise<void>;
  close(): Promise<void>;
  metrics: DetectorMetrics;
};

/** Rebuilds every merchant's windows, then judges what is offered. Call it before the door opens. */
export async function startDetectors(deps: DetectorDeps): Promise<Detectors> {
  const metrics = detectorMetrics(deps.metrics);
  const rulebook = createRulebook(deps.db, createTuner(deps.rules, readRuleFiles), deps.log);
  const watches = new Map<string, Watch>();
  const offer = (merchantId: string, events: readonly Event[]) => watchOf(merchantId).offer(events);
  const watchDeps: WatchDeps = {
    ...deps,
    metrics,
    makeEngine: (merchantId) => makeEngine({ deps, metrics, rulebook, offer }, merchantId),
    fateOf: (merchantId, finding) =>
      rulebook.held(merchantId)?.fateOf(finding) ?? { shadow: false, hidden_by: null },
  };
  const watchOf = (merchantId: string): Watch => {
    let watch = watches.get(merchantId);
    if (watch === undefined) {
      watch = new Watch(merchantId, watchDeps);
      watches.set(merchantId, watch);
    }
    return watch;
  };
  await deps.spool.flush();
  for (const id of await merchantsWithEvents(deps.ch, deps.now() - LATE_LIMIT_MS)) watchOf(id);
  for (const watch of watches.values()) await watch.turn();
  const turnAll = () => {
    let held = 0;
    const open = [...watches.values()].filter((watch) => {
      held += watch.waiting();
      return watch.idleUntil(deps.now()) <= deps.now();
    });
    metrics.held.set(held);
    return Promise.all(open.map((watch) => watch.turn()));
  };
  let closed = false;
  const timer = setInterval(() => void turnAll(), TURN_MS);
  const reload = makeReload(rulebook, watches, deps.log);
  const reloadTimer = setInterval(reload, RELOAD_MS);
  return {
    offer: (merchantId, events) => {
      if (!closed && events.length > 0) offer(merchantId, events);
    },
    idle: () => untilIdle(watches, turnAll, { now: deps.now, isClosed: () => closed }),
    async close() {
      closed = true;
      clearInterval(timer);
      clearInterval(reloadTimer);
      await Promise.all([...watches.values()].map((watch) => watch.settled()));
    },
    metrics,
  };
}

/** Brings changed settings to the merchants that they are of. One look at a time. */
function makeReload(
  rulebook: Rulebook,
  watches: ReadonlyMap<string, Watch>,
  log: Log,
): () => Promise<void> {
  let running = false;
  return async () => {
    if (running) return;
    running = true;
    try {
      for (const merchantId of await rulebook.refresh()) watches.get(merchantId)?.reload();
    } catch (err) {
      log.warn({ err }, "rule settings could not be read, will be tried again");
    }
    running = false;
  };
}

async function untilIdle(
  watches: ReadonlyMap<string, Watch>,
  turnAll: () => Promise<unknown>,
  { now, isClosed }: { now: () => number; isClosed: () => boolean },
): Promise<void> {
  // An event ahead of the clock is not waited for.
  const isOpen = (watch: Watch) => watch.idleUntil(now()) <= now() + 300;
  while (!isClosed() && [...watches.values()].some(isOpen)) {
    await turnAll();
    await new Promise((done) => setTimeout(done, 20));
  }
}

type EngineParts = {
  deps: DetectorDeps;
  metrics: DetectorMetrics;
  rulebook: Rulebook;
  offer: Detectors["offer"];
};

async function makeEngine(
  { deps, metrics, rulebook, offer }: EngineParts,
  merchantId: string,
): Promise<Engine> {
  const merchant = await findMerchant(deps.db, merchantId);
  if (merchant === undefined)
    throw new AppError("NOT_FOUND", "Events name a merchant that is not here.");
  const reported = new Set<string>();
  const { ruleset } = await rulebook.load(merchantId);
  return createEngine(ruleset, {
    merchantId,
    currency: merchant.currency,
    language: merchant.language,
    lists: (list, value, ts) =>
      rulebook.held(merchantId)?.settings.lists.has(list, value, ts) === true,
    onFault(rule, err) {
      if (reported.has(rule)) return;
      reported.add(rule);
      deps.log.error({ err, rule, merchantId }, "rule failed and is switched off");
      metrics.faults.inc({ rule });
      reportFault(deps, { merchantId, rule, offer });
    },
    onShed(rule, lost) {
      deps.log.warn(
        { rule, merchantId, ...lost },
        "rule is over its memory, quiet groups were let go",
      );
      metrics.shed.inc({ rule }, lost.items);
    },
  });
}

/** A control that fails is an event like any other: durable, then judged. Once a day and rule. */
function reportFault(
  deps: DetectorDeps,
  { merchantId, rule, offer }: { merchantId: string; rule: string; offer: Detectors["offer"] },
): void {
  const ts = deps.now();
  const event: Event = {
    event_id: contentId("control_failed", rule, Math.floor(ts / 86_400_000)),
    event_type: "control_failed",
    merchant_id: merchantId,
    source: "service",
    ts,
    received_ts: ts,
    control: "detector",
    attributes: { rule },
  };
  deps.spool.append([{ kind: "event", line: encodeEvent(event) }]).then(
    () => offer(merchantId, [event]),
    (err: unknown) =>
      deps.log.error({ err, rule, merchantId }, "failed control could not be stored"),
  );
}
