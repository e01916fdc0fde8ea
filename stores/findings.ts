// Findings and how far the detectors have come, saved together so that a restart neither loses nor repeats one.
import { sql } from "kysely";
import type { Finding } from "../core/finding.ts";
import type { Postgres } from "./connect/postgres.ts";
import { type Rejudged, withdrawFindings } from "./withdrawals.ts";

/**
 * `instant`: the last instant judged, UTC ms. `received_ts`: every event received at or before it that happened at or
 * before the instant was judged too.
 */
export type Position = { instant: number; received_ts: number };

/** What becomes of a finding: of a rule in shadow, or hidden by a snooze or list entry (its change's seq), no alert takes it. */
export type Fate = { shadow: boolean; hidden_by: number | null };

/**
 * `fateOf`: all are told when left out. `rejudged`: stretches in which `findings`, and what is saved already under an id of
 * `standing`, are all that holds.
 */
export type Judged = {
  findings: readonly Finding[];
  position: Position;
  fateOf?: (of: Finding) => Fate;
  rejudged?: readonly Rejudged[];
  standing?: readonly string[];
};

const ROWS_PER_INSERT = 200;

/**
 * Saves what was judged in one transaction, the caller's where there is one: findings whose ids are there already change nothing, and the position
 * moves. A late finding is left out where another version of its rule has spoken of that instant: what was judged
 * before a knob was turned is not said again. Out: how many findings were new or withdrawn.
 */
export async function saveJudged(
  db: Postgres,
  merchantId: string,
  judged: Judged,
  nowMs: number,
): Promise<number> {
  if (!db.isTransaction) {
    return db.transaction().execute((trx) => saveJudged(trx, merchantId, judged, nowMs));
  }
  const trx = db;
  let fresh = 0;
  for (let i = 0; i < judged.findings.length; i += ROWS_PER_INSERT) {
    const part = judged.findings.slice(i, i + ROWS_PER_INSERT);
    const rows = (await unsaid(trx, merchantId, part)).map((finding) =>
      rowOf(finding, judged.fateOf?.(finding) ?? IN_ALERTS, nowMs),
    );
    if (rows.length === 0) continue;
    const results = await trx
      .insertInto("finding")
      .values(rows)
      .onConflict((conflict) => conflict.columns(["merchant_id", "id"]).doNothing())
      .execute();
    for (const result of results) fresh += Number(result.numInsertedOrUpdatedRows ?? 0);
  }
  const kept = [...judged.findings.map(({ id }) => id), ...(judged.standing ?? [])];
  const again = { rejudged: judged.rejudged ?? [], kept };
  fresh += await withdrawFindings(trx, merchantId, again, nowMs);
  const position = { ...judged.position, updated_at: nowMs };
  await trx
    .insertInto("position")
    .values({ merchant_id: merchantId, ...position })
    .onConflict((conflict) => conflict.column("merchant_id").doUpdateSet(position))
    .execute();
  return fresh;
}

/** A finding that stands, by what says whether it still does. */
export type Standing = Pick<Finding, "id" | "rule" | "rule_version" | "group" | "ts">;

/** Findings of these rules in a span of UTC ms, both ends included, that were not withdrawn. */
export async function standingFindings(
  db: Postgres,
  merchantId: string,
  of: { rules: readonly string[]; fromTs: number; toTs: number },
): Promise<Standing[]> {
  const { rows } = await sql<Standing & { ts: string | number }>`
    SELECT id, payload->>'rule' AS rule, (payload->>'rule_version')::int AS rule_version, payload->'group' AS "group", ts
    FROM tillwatch.finding
    WHERE merchant_id = ${merchantId} AND ts BETWEEN ${of.fromTs} AND ${of.toTs} AND withdrawn_at IS NULL
      AND payload->>'rule' = ANY(${of.rules})`.execute(db);
  return rows.map((row) => ({ ...row, ts: Number(row.ts) }));
}

const IN_ALERTS: Fate = { shadow: false, hidden_by: null };

function rowOf(finding: Finding, { shadow, hidden_by }: Fate, nowMs: number) {
  const { merchant_id, id, detection, subject, level, ts, late } = finding;
  const taken_at = shadow || hidden_by !== null ? nowMs : null;
  const payload = JSON.stringify(finding);
  return {
    ...{ merchant_id, id, detection, subject, level, ts, late, payload },
    ...{ created_at: nowMs, taken_at, shadow, hidden_by, withdrawn_at: null, withdrawn_by: null },
  };
}

async function unsaid(
  trx: Postgres,
  merchantId: string,
  findings: readonly Finding[],
): Promise<Finding[]> {
  const late = findings.filter((finding) => finding.late);
  if (late.length === 0) return [...findings];
  const times = [...new Set(late.map(({ ts }) => ts))];
  const there = await trx
    .selectFrom("finding")
    .select("payload")
    .where("merchant_id", "=", merchantId)
    .where("ts", "in", times)
    .execute();
  const said = new Map(there.map(({ payload }) => [placeOf(payload), payload.rule_version]));
  return findings.filter((finding) => {
    const version = finding.late ? said.get(placeOf(finding)) : undefined;
    return version === undefined || version === finding.rule_version;
  });
}

const placeOf = ({ rule, group, ts }: Finding): string =>
  JSON.stringify([rule, Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1)), ts]);

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

/** The newest `received_ts` up to which any merchant's events were judged; 0 when none were. */
export async function newestJudged(db: Postgres): Promise<number> {
  const row = await db
    .selectFrom("position")
    .select((select) => select.fn.max("received_ts").as("newest"))
    .executeTakeFirst();
  return Number(row?.newest ?? 0);
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

/** What a rule has found lately: told, in shadow, hidden; and when it last found anything at all, UTC ms. */
export type RuleCounts = { told: number; shadow: number; hidden: number; last_ts: number };

/** Of every rule that has ever found something; counts since `fromTs`. */
export async function countByRule(
  db: Postgres,
  merchantId: string,
  fromTs: number,
): Promise<Map<string, RuleCounts>> {
  const { rows } = await sql<Record<"rule" | keyof RuleCounts, string | number>>`
    SELECT payload->>'rule' AS rule, max(ts) AS last_ts,
      count(*) FILTER (WHERE ts >= ${fromTs} AND NOT shadow AND hidden_by IS NULL) AS told,
      count(*) FILTER (WHERE ts >= ${fromTs} AND shadow) AS shadow,
      count(*) FILTER (WHERE ts >= ${fromTs} AND NOT shadow AND hidden_by IS NOT NULL) AS hidden
    FROM tillwatch.finding WHERE merchant_id = ${merchantId} GROUP BY 1`.execute(db);
  return new Map(
    rows.map(({ rule, told, shadow, hidden, last_ts }) => [
      String(rule),
      {
        told: Number(told),
        shadow: Number(shadow),
        hidden: Number(hidden),
        last_ts: Number(last_ts),
      },
    ]),
  );
}

/** How many findings each change (seq) has hidden. */
export async function countHidden(db: Postgres, merchantId: string): Promise<Map<number, number>> {
  const { rows } = await sql<{ hidden_by: string | number; n: string | number }>`
    SELECT hidden_by, count(*) AS n FROM tillwatch.finding
    WHERE merchant_id = ${merchantId} AND hidden_by IS NOT NULL GROUP BY 1`.execute(db);
  return new Map(rows.map(({ hidden_by, n }) => [Number(hidden_by), Number(n)]));
}

/** A finding with what became of it. */
export type KeptFinding = Finding & {
  shadow: boolean;
  hidden_by: number | null;
  /** The late event that showed that it does not hold. */
  withdrawn_by: string | null;
};

export async function readFinding(
  db: Postgres,
  merchantId: string,
  id: string,
): Promise<KeptFinding | undefined> {
  const row = await db
    .selectFrom("finding")
    .select(["payload", "shadow", "hidden_by", "withdrawn_by"])
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .executeTakeFirst();
  return row === undefined ? undefined : keptOf(row);
}

/** Newest first. `rule`: findings of that rule alone. `limit` at most 200. */
export async function findingsOfRule(
  db: Postgres,
  merchantId: string,
  page: { rule: string; limit: number; beforeTs: number | undefined },
): Promise<KeptFinding[]> {
  const rows = await db
    .selectFrom("finding")
    .select(["payload", "shadow", "hidden_by", "withdrawn_by"])
    .where("merchant_id", "=", merchantId)
    .where(sql<boolean>`payload->>'rule' = ${page.rule}`)
    .where("ts", "<", page.beforeTs ?? Number.MAX_SAFE_INTEGER)
    .orderBy("ts", "desc")
    .orderBy("id")
    .limit(Math.min(200, Math.max(1, Math.trunc(page.limit))))
    .execute();
  return rows.map(keptOf);
}

const keptOf = (row: {
  payload: Finding;
  shadow: boolean;
  hidden_by: number | null;
  withdrawn_by: string | null;
}): KeptFinding => ({
  ...row.payload,
  shadow: row.shadow,
  withdrawn_by: row.withdrawn_by,
  hidden_by: row.hidden_by === null ? null : Number(row.hidden_by),
});

/** The finding of a detection on a subject at an instant, UTC ms. */
export async function findingAt(
  db: Postgres,
  merchantId: string,
  at: { detection: string; subject: string; ts: number },
): Promise<Finding | undefined> {
  const row = await db
    .selectFrom("finding")
    .select("payload")
    .where("merchant_id", "=", merchantId)
    .where("ts", "=", at.ts)
    .where("detection", "=", at.detection)
    .where("subject", "=", at.subject)
    .orderBy("id")
    .executeTakeFirst();
  return row?.payload;
}
