// Findings and how far the detectors have come, saved together so that a restart neither loses nor repeats one.
import type { Finding } from "../core/finding.ts";
import type { Postgres } from "./connect/postgres.ts";

/**
 * `instant`: the last instant judged, UTC ms. `received_ts`: every event received at or before it that happened at or
 * before the instant was judged too.
 */
export type Position = { instant: number; received_ts: number };

const ROWS_PER_INSERT = 200;

/**
 * Saves what was judged in one transaction: findings whose ids are there already change nothing, and the position
 * moves. Out: how many findings were new.
 */
export async function saveJudged(
  db: Postgres,
  merchantId: string,
  judged: { findings: readonly Finding[]; position: Position },
  nowMs: number,
): Promise<number> {
  const rows = judged.findings.map((finding) => ({
    merchant_id: merchantId,
    id: finding.id,
    detection: finding.detection,
    subject: finding.subject,
    level: finding.level,
    ts: finding.ts,
    late: finding.late,
    payload: JSON.stringify(finding),
    created_at: nowMs,
    taken_at: null,
  }));
  return db.transaction().execute(async (trx) => {
    let fresh = 0;
    for (let i = 0; i < rows.length; i += ROWS_PER_INSERT) {
      const results = await trx
        .insertInto("finding")
        .values(rows.slice(i, i + ROWS_PER_INSERT))
        .onConflict((conflict) => conflict.columns(["merchant_id", "id"]).doNothing())
        .execute();
      for (const result of results) fresh += Number(result.numInsertedOrUpdatedRows ?? 0);
    }
    const position = { ...judged.position, updated_at: nowMs };
    await trx
      .insertInto("position")
      .values({ merchant_id: merchantId, ...position })
      .onConflict((conflict) => conflict.column("merchant_id").doUpdateSet(position))
      .execute();
    return fresh;
  });
}

export async function readPosition(
  db: Postgres,
  merchantId: string,
): Promise<Position | undefined> {
  const row = await db
    .selectFrom("position")
    .select(["instant", "received_ts"])
    .where("merchant_id", "=", merchantId)
    .executeTakeFirst();
  return row === undefined
    ? undefined
    : { instant: Number(row.instant), received_ts: Number(row.received_ts) };
}

/** Newest findings first. `limit` at most 200. */
export async function listFindings(
  db: Postgres,
  merchantId: string,
  page: { limit: number; beforeTs?: number },
): Promise<Finding[]> {
  let query = db
    .selectFrom("finding")
    .select("payload")
    .where("merchant_id", "=", merchantId)
    .orderBy("ts", "desc")
    .orderBy("id")
    .limit(Math.min(200, Math.max(1, Math.trunc(page.limit))));
  if (page.beforeTs !== undefined) query = query.where("ts", "<", page.beforeTs);
  return (await query.execute()).map((row) => row.payload);
}
