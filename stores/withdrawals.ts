// Findings that a late event has shown not to hold: marked by the detectors, taken by the alerts.
import { sql } from "kysely";
import type { Finding } from "../core/finding.ts";
import type { Postgres } from "./connect/postgres.ts";

/**
 * A stretch of one group that was judged again, whole: of that rule and version, what stands in [fromTs, toTs] (UTC ms) and
 * was not found again does not hold. `by`: the late event.
 */
export type Rejudged = {
  rule: string;
  version: number;
  group: Readonly<Record<string, string>>;
  fromTs: number;
  toTs: number;
  by: string;
};

/** Marks what was not found again; `kept`: ids of all that was. In the caller's transaction. Out: how many. */
export async function withdrawFindings(
  trx: Postgres,
  merchantId: string,
  { rejudged, kept }: { rejudged: readonly Rejudged[]; kept: readonly string[] },
  nowMs: number,
): Promise<number> {
  let count = 0;
  for (const { rule, version, group, fromTs, toTs, by } of rejudged) {
    const result = await sql`
      UPDATE tillwatch.finding SET withdrawn_at = ${nowMs}, withdrawn_by = ${by}
      WHERE merchant_id = ${merchantId} AND payload->>'rule' = ${rule} AND ts BETWEEN ${fromTs} AND ${toTs}
        AND (payload->>'rule_version')::bigint = ${version} AND payload->'group' = ${JSON.stringify(group)}::jsonb
        AND withdrawn_at IS NULL AND NOT (id = ANY(${kept}))`.execute(trx);
    count += Number(result.numAffectedRows ?? 0);
  }
  return count;
}

/** Takes withdrawals that some alert had heard of, and marks them taken in the caller's transaction. */
export async function takeWithdrawn(
  trx: Postgres,
  limit: number,
): Promise<{ finding: Finding; by: string }[]> {
  const { rows } = await sql<{ payload: Finding; withdrawn_by: string }>`
    WITH due AS (
      SELECT merchant_id, id FROM tillwatch.finding
      WHERE withdrawn_at IS NOT NULL AND NOT withdrawal_taken AND taken_at IS NOT NULL
      ORDER BY withdrawn_at, id LIMIT ${limit} FOR UPDATE
    )
    UPDATE tillwatch.finding f SET withdrawal_taken = true FROM due
    WHERE f.merchant_id = due.merchant_id AND f.id = due.id
    RETURNING f.payload, f.withdrawn_by`.execute(trx);
  return rows.map(({ payload, withdrawn_by }) => ({ finding: payload, by: withdrawn_by }));
}

/** How many findings of a detection on a subject still stand in a span, those nobody is told of left out. */
export async function countStanding(
  trx: Postgres,
  merchantId: string,
  of: { detection: string; subject: string; fromTs: number; toTs: number },
): Promise<number> {
  const { rows } = await sql<{ n: number | string }>`
    SELECT count(*) AS n FROM tillwatch.finding
    WHERE merchant_id = ${merchantId} AND detection = ${of.detection} AND subject = ${of.subject}
      AND ts BETWEEN ${of.fromTs} AND ${of.toTs} AND withdrawn_at IS NULL AND NOT shadow
      AND hidden_by IS NULL`.execute(trx);
  return Number(rows[0]?.n ?? 0);
}
