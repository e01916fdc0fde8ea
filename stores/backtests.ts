// Backtests in Postgres: their questions, progress and reports; and the labels of the past that they are judged by.
import { sql } from "kysely";
import type { Label } from "../core/alert.ts";
import { standingLabel } from "../core/alert-label.ts";
import { alertsWithLabels } from "./alert-labels.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { BacktestState } from "./postgres/backtest-tables.ts";

/** Times are UTC ms; `progress` 0-1; `report` only when done, `error` only when failed. */
export type Backtest = {
  merchant_id: string;
  id: string;
  state: BacktestState;
  asked_by: string;
  request: unknown;
  progress: number;
  doing: string;
  report: unknown;
  error: string | null;
  created_at: number;
  finished_at: number | null;
};

const KEPT = 50;

/** Adds a queued one and lets go of the merchant's oldest beyond fifty. */
export async function addBacktest(
  db: Postgres,
  of: Pick<Backtest, "merchant_id" | "id" | "asked_by" | "request" | "created_at">,
): Promise<void> {
  await db
    .insertInto("backtest")
    .values({ ...of, request: JSON.stringify(of.request), state: "queued" })
    .execute();
  await sql`
    DELETE FROM tillwatch.backtest WHERE merchant_id = ${of.merchant_id} AND finished_at IS NOT NULL AND id NOT IN (
      SELECT id FROM tillwatch.backtest WHERE merchant_id = ${of.merchant_id}
      ORDER BY created_at DESC, id DESC LIMIT ${KEPT})`.execute(db);
}

export async function readBacktest(
  db: Postgres,
  merchantId: string,
  id: string,
): Promise<Backtest | undefined> {
  return await db
    .selectFrom("backtest")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Newest first. */
export async function listBacktests(db: Postgres, merchantId: string): Promise<Backtest[]> {
  return await db
    .selectFrom("backtest")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(KEPT)
    .execute();
}

/** Changes one that has not ended; false when it has. */
export async function moveBacktest(
  db: Postgres,
  of: Pick<Backtest, "merchant_id" | "id">,
  to: Partial<Pick<Backtest, "state" | "progress" | "doing" | "error" | "finished_at">> & {
    report?: unknown;
  },
): Promise<boolean> {
  const { report, ...rest } = to;
  const row = report === undefined ? rest : { ...rest, report: JSON.stringify(report) };
  const result = await db
    .updateTable("backtest")
    .set(row)
    .where("merchant_id", "=", of.merchant_id)
    .where("id", "=", of.id)
    .where("state", "in", ["queued", "running"])
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Those that a service left unfinished when it stopped. */
export async function failUnfinished(db: Postgres, error: string, now: number): Promise<void> {
  await db
    .updateTable("backtest")
    .set({ state: "failed", error, finished_at: now })
    .where("state", "in", ["queued", "running"])
    .execute();
}

/** What is known at `asOf` (UTC ms) of alerts whose findings touch the span: people's verdicts, and providers' where nobody judged. */
export async function labelsOf(
  db: Postgres,
  merchantId: string,
  span: { fromTs: number; toTs: number },
  asOf: number,
): Promise<
  { detection: string; subject: string; firstTs: number; lastTs: number; label: Label }[]
> {
  const alerts = await alertsWithLabels(db, merchantId, { ...span, labelled: true });
  return alerts.flatMap(({ detection, subject, first_ts, last_ts, labels }) => {
    const known = standingLabel(labels, asOf);
    if (known === null) return [];
    return [{ detection, subject, firstTs: first_ts, lastTs: last_ts, label: known.label }];
  });
}
