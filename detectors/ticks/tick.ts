// One tick of one merchant: takes the stretches that nobody has judged, judges them, saves what came of it, all or nothing.
import { randomUUID } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import type { Event } from "../../core/event.ts";
import type { Finding } from "../../core/finding.ts";
import type { Log } from "../../core/log.ts";
import type { Merchant } from "../../core/merchant.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { nextEventTs } from "../../stores/events.ts";
import { type Judged, readPosition, saveJudged, standingFindings } from "../../stores/findings.ts";
import { findMerchant } from "../../stores/merchants.ts";
import {
  addUnjudged,
  dropLease,
  dropUnjudged,
  holdsLease,
  readUnjudged,
  type Stretch,
  type StretchRow,
  takeLease,
} from "../../stores/unjudged.ts";
import type { DetectorMetrics } from "../detector-metrics.ts";
import { createEngine, type Engine } from "../engine/live/engine.ts";
import type { InForce, Rulebook } from "../settings/rulebook.ts";
import { LATE_LIMIT_MS } from "../watch.ts";
import { judgeStretch, readStretch } from "./judge-stretch.ts";

export type TickDeps = {
  db: Postgres;
  ch: ClickHouse;
  rulebook: Rulebook;
  now: () => number;
  log: Log;
  metrics: DetectorMetrics;
  onFindings(merchantId: string): void;
  /** Events that a tick judges at most; for tests. */
  mostEvents?: number;
};

/** A holder that died lets go after this. */
const LEASE_MS = 120_000;
const MOST_EVENTS = 20_000;
/** The mark of the position stays so far behind what was read: another process may still bring what it received then. */
const MARK_SLACK_MS = 3_600_000;

/** Out: "done", "more" when a part is left, "held" when another process is at this merchant. */
export async function tickMerchant(
  deps: TickDeps,
  merchantId: string,
): Promise<"done" | "more" | "held"> {
  const lease = { merchantId, holder: randomUUID() };
  const take = () => takeLease(deps.db, { ...lease, ms: LEASE_MS });
  if (!(await take())) return "held";
  // However long it takes, a holder that lives keeps it; whether it did is asked once more when it saves.
  const keeping = setInterval(() => void take().catch(() => false), LEASE_MS / 4);
  try {
    return await judgeOne(deps, lease);
  } finally {
    clearInterval(keeping);
    await dropLease(deps.db, lease);
  }
}

type Lease = { merchantId: string; holder: string };

async function judgeOne(deps: TickDeps, lease: Lease): Promise<"done" | "more"> {
  const { db, ch, now } = deps;
  const { merchantId } = lease;
  const rows = await readUnjudged(db, merchantId);
  const due = dueStretch(rows, now());
  if (due === undefined) return "done";
  const most = deps.mostEvents ?? MOST_EVENTS;
  const { events, toTs } = await readStretch(ch, merchantId, { ...due, most });
  const judged =
    events.length === 0 ? undefined : await judge(deps, merchantId, { ...due, events, toTs });
  const left = await leftOver(deps, merchantId, { due, judgedTo: toTs });
  const fresh = await db.transaction().execute(async (trx) => {
    // Another process took over meanwhile: what it reads later knows more than what was read here.
    if (!(await holdsLease(trx, lease))) {
      throw new AppError("STORE_UNAVAILABLE", "Another process took this merchant meanwhile.");
    }
    const seqs = due.rows.map(({ seq }) => seq);
    await dropUnjudged(trx, merchantId, seqs);
    await addUnjudged(trx, left);
    return judged === undefined ? 0 : saveJudged(trx, merchantId, judged, now());
  });
  if (judged !== undefined) count(deps, events, judged.findings);
  if (fresh > 0) deps.onFindings(merchantId);
  const others = rows.filter((row) => !due.rows.includes(row));
  return [...left, ...others].some(({ from_ts }) => from_ts <= now()) ? "more" : "done";
}

/** Stretches no further apart than this are judged as one. */
const NEAR_MS = 60_000;

export type DueStretch = { rows: readonly StretchRow[]; fromTs: number; toTs: number };

/**
 * The newest of what is due, with all stretches that touch it: what has just happened does not wait for history that
 * comes in. The span ends at `nowMs` and begins where events are young enough to raise anything; it is empty, its end
 * before its beginning, where none are.
 */
export function dueStretch(rows: readonly StretchRow[], nowMs: number): DueStretch | undefined {
  const due = rows
    .filter(({ from_ts }) => from_ts <= nowMs)
    .sort((a, b) => b.to_ts - a.to_ts || b.from_ts - a.from_ts);
  const [newest] = due;
  if (newest === undefined) return undefined;
  let fromTs = newest.from_ts;
  const touching: StretchRow[] = [];
  for (const row of due) {
    if (row.to_ts < fromTs - NEAR_MS) break;
    touching.push(row);
    fromTs = Math.min(fromTs, row.from_ts);
  }
  return {
    rows: touching,
    fromTs: Math.max(fromTs, nowMs - LATE_LIMIT_MS),
    toTs: Math.min(newest.to_ts, nowMs),
  };
}

/** What these rows name beyond what was judged: behind the bound of a tick, or ahead of the clock. */
async function leftOver(
  { ch }: TickDeps,
  merchantId: string,
  { due, judgedTo }: { due: DueStretch; judgedTo: number },
): Promise<Stretch[]> {
  const to_ts = Math.max(...due.rows.map((row) => row.to_ts));
  if (judgedTo < due.toTs) return [{ merchant_id: merchantId, from_ts: judgedTo + 1, to_ts }];
  if (to_ts <= judgedTo) return [];
  // Looked for again when it is due, not at every tick until then.
  const next = await nextEventTs(ch, merchantId, judgedTo);
  return next === undefined ? [] : [{ merchant_id: merchantId, from_ts: next, to_ts }];
}

async function judge(
  deps: TickDeps,
  merchantId: string,
  of: { events: readonly Event[]; fromTs: number; toTs: number },
): Promise<Judged> {
  const { db, ch, rulebook } = deps;
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) {
    throw new AppError("NOT_FOUND", "Events name a merchant that is not here.");
  }
  const position = await readPosition(db, merchantId);
  const instant = Math.max(position?.instant ?? of.toTs, of.toTs);
  const inForce = rulebook.held(merchantId) ?? (await rulebook.load(merchantId));
  const engine = engineOf(deps, merchant, inForce);
  engine.absorbUpTo(instant);
  const standing = (rules: readonly string[], fromTs: number, toTs: number) =>
    standingFindings(db, merchantId, { rules, fromTs, toTs });
  const { ruleset, settings } = inForce;
  const verdict = await judgeStretch(
    { ch, merchant, ruleset, engine, standing, lists: settings.lists },
    { ...of, horizonTs: instant, lateBeforeTs: position?.instant ?? Number.NEGATIVE_INFINITY },
  );
  const received = of.events.reduce((most, { received_ts }) => Math.max(most, received_ts), 0);
  const mark = Math.max(position?.received_ts ?? 0, received - MARK_SLACK_MS);
  const { fateOf } = inForce;
  return { ...verdict, position: { instant, received_ts: mark }, fateOf };
}

function engineOf(
  { log, metrics }: TickDeps,
  { id: merchantId, currency, language }: Merchant,
  { ruleset, settings }: InForce,
): Engine {
  return createEngine(ruleset, {
    ...{ merchantId, currency, language, lists: settings.lists.has },
    onFault(rule, err) {
      log.error({ err, rule, merchantId }, "rule failed and is left out of this tick");
      metrics.faults.inc({ rule });
    },
  });
}

function count(
  { metrics, now }: TickDeps,
  events: readonly Event[],
  findings: readonly Finding[],
): void {
  for (const { level } of findings) metrics.findings.inc({ level });
  for (const event of events) metrics.lag.observe(Math.max(0, now() - event.received_ts) / 1000);
  metrics.events.inc({ how: "tick" }, events.length);
}
