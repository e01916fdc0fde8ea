// One tick of one merchant: takes the stretches that nobody has judged, judges them, saves what came of it, all or nothing.
import { randomUUID } from "node:crypto";
import { AppError } from "../../core/errors.ts";
import type { Event } from "../../core/event.ts";
import type { Log } from "../../core/log.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { nextEventTs } from "../../stores/events.ts";
import { readPosition, saveJudgedIn, standingFindings } from "../../stores/findings.ts";
import { findMerchant } from "../../stores/merchants.ts";
import {
  addUnjudged,
  dropLease,
  dropUnjudged,
  holdsLease,
  readUnjudged,
  type StretchRow,
  takeLease,
} from "../../stores/unjudged.ts";
import type { DetectorMetrics } from "../detector-metrics.ts";
import { createEngine } from "../engine/live/engine.ts";
import type { InForce, Rulebook } from "../settings/rulebook.ts";
import { LATE_LIMIT_MS } from "../watch.ts";
import { judgeStretch, readStretch, type StretchVerdict } from "./judge-stretch.ts";

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

/** Longer than any tick should take: a holder that died lets go after this. */
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
  if (!(await takeLease(deps.db, { ...lease, ms: LEASE_MS }))) return "held";
  try {
    return await judgeOne(deps, lease);
  } finally {
    await dropLease(deps.db, lease);
  }
}

type Lease = { merchantId: string; holder: string };

async function judgeOne(deps: TickDeps, lease: Lease): Promise<"done" | "more"> {
  const { db, ch, now } = deps;
  const { merchantId } = lease;
  const rows = await readUnjudged(db, merchantId);
  const span = dueSpan(rows, now());
  if (span === undefined) return "done";
  const most = deps.mostEvents ?? MOST_EVENTS;
  const { events, toTs } = await readStretch(ch, merchantId, { ...span, most });
  const position = await readPosition(db, merchantId);
  const instant = Math.max(position?.instant ?? toTs, toTs);
  const inForce = deps.rulebook.held(merchantId) ?? (await deps.rulebook.load(merchantId));
  const verdict = await judge(
    deps,
    { merchantId, inForce },
    {
      events,
      ...{ fromTs: span.fromTs, toTs, horizonTs: instant },
      lateBeforeTs: position?.instant ?? Number.NEGATIVE_INFINITY,
    },
  );
  const received = Math.max(0, ...events.map(({ received_ts }) => received_ts));
  const mark = Math.max(position?.received_ts ?? 0, received - MARK_SLACK_MS);
  const left = await leftOver(deps, merchantId, { rows, judgedTo: toTs, whole: span.toTs });
  const judged = {
    ...verdict,
    position: { instant, received_ts: mark },
    fateOf: inForce.fateOf,
  };
  const fresh = await db.transaction().execute(async (trx) => {
    // Another process took over meanwhile: what it reads later knows more than what was read here.
    if (!(await holdsLease(trx, lease))) {
      throw new AppError("STORE_UNAVAILABLE", "A tick took longer than its lease.");
    }
    const saved = await saveJudgedIn(trx, merchantId, judged, now());
    await dropUnjudged(
      trx,
      merchantId,
      rows.map(({ seq }) => seq),
    );
    await addUnjudged(trx, left);
    return saved;
  });
  count(deps, events, judged);
  if (fresh > 0) deps.onFindings(merchantId);
  return left.some(({ from_ts }) => from_ts <= now()) ? "more" : "done";
}

/** All that is due at once, as one span: what lies between two stretches was judged, and is judged alike again. */
export function dueSpan(
  rows: readonly StretchRow[],
  nowMs: number,
): { fromTs: number; toTs: number } | undefined {
  const due = rows.filter(
    ({ from_ts, to_ts }) => from_ts <= nowMs && to_ts >= nowMs - LATE_LIMIT_MS,
  );
  if (due.length === 0) return rows.length === 0 ? undefined : { fromTs: nowMs, toTs: nowMs };
  const fromTs = Math.min(...due.map(({ from_ts }) => from_ts));
  const toTs = Math.max(...due.map(({ to_ts }) => to_ts));
  return { fromTs: Math.max(fromTs, nowMs - LATE_LIMIT_MS), toTs: Math.min(toTs, nowMs) };
}

/** What the rows name beyond what was judged: behind the bound of a tick, or ahead of the clock. */
async function leftOver(
  { ch }: TickDeps,
  merchantId: string,
  { rows, judgedTo, whole }: { rows: readonly StretchRow[]; judgedTo: number; whole: number },
): Promise<{ merchant_id: string; from_ts: number; to_ts: number }[]> {
  const lastTs = Math.max(...rows.map(({ to_ts }) => to_ts));
  if (judgedTo < whole) return [{ merchant_id: merchantId, from_ts: judgedTo + 1, to_ts: lastTs }];
  if (lastTs <= judgedTo) return [];
  // Looked for again when it is due, not at every tick until then.
  const next = await nextEventTs(ch, merchantId, judgedTo);
  return next === undefined ? [] : [{ merchant_id: merchantId, from_ts: next, to_ts: lastTs }];
}

async function judge(
  deps: TickDeps,
  { merchantId, inForce }: { merchantId: string; inForce: InForce },
  of: Parameters<typeof judgeStretch>[1],
): Promise<StretchVerdict> {
  const { db, ch, log, metrics } = deps;
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) {
    throw new AppError("NOT_FOUND", "Events name a merchant that is not here.");
  }
  const { currency, language } = merchant;
  const { ruleset, settings } = inForce;
  const engine = createEngine(ruleset, {
    ...{ merchantId, currency, language, lists: settings.lists.has },
    onFault(rule, err) {
      log.error({ err, rule, merchantId }, "rule failed and is left out of this tick");
      metrics.faults.inc({ rule });
    },
  });
  engine.absorbUpTo(of.horizonTs);
  const standing = (rules: readonly string[], fromTs: number, toTs: number) =>
    standingFindings(db, merchantId, { rules, fromTs, toTs });
  const given = { ch, merchant: { id: merchantId, currency, language }, ruleset, engine, standing };
  return judgeStretch({ ...given, lists: settings.lists }, of);
}

function count(
  { metrics, now }: TickDeps,
  events: readonly Event[],
  { findings }: StretchVerdict,
): void {
  for (const { level } of findings) metrics.findings.inc({ level });
  for (const event of events) metrics.lag.observe(Math.max(0, now() - event.received_ts) / 1000);
  metrics.events.inc({ how: "tick" }, events.length);
}
