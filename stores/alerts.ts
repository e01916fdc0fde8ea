// Alerts in Postgres, and the findings they are made of: taken, changed and marked in one transaction.
import { sql } from "kysely";
import { type Alert, type AlertState, WAITING_STATES } from "../core/alert.ts";
import type { Finding } from "../core/finding.ts";
import type { Level } from "../core/level.ts";
import type { Postgres } from "./connect/postgres.ts";

/** One merchant's id, or every merchant for a caller who may reach them all. */
export type MerchantScope = string | "*";

/** A finding that no alert has taken yet, and when the detectors stored it, UTC ms. */
export type TakenFinding = { finding: Finding; stored_at: number };

/** Only one worker at a time turns findings into alerts, or two could open two alerts for one subject. */
export async function lockAlerts(trx: Postgres): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtext('tillwatch.alert'))`.execute(trx);
}

/** Takes the oldest findings, all merchants', and marks them taken in the caller's transaction. */
export async function takeFindings(
  trx: Postgres,
  limit: number,
  now: number,
): Promise<TakenFinding[]> {
  const { rows } = await sql<{ payload: Finding; created_at: number | string }>`
    WITH due AS (
      SELECT merchant_id, id FROM tillwatch.finding
      WHERE taken_at IS NULL AND withdrawn_at IS NULL
      ORDER BY created_at, id LIMIT ${limit} FOR UPDATE
    )
    UPDATE tillwatch.finding f SET taken_at = ${now} FROM due
    WHERE f.merchant_id = due.merchant_id AND f.id = due.id
    RETURNING f.payload, f.created_at`.execute(trx);
  return rows
    .map((row) => ({ finding: row.payload, stored_at: Number(row.created_at) }))
    .sort((a, b) => a.finding.ts - b.finding.ts || (a.finding.id < b.finding.id ? -1 : 1));
}

/** How many findings wait to be taken. */
export async function countUntaken(db: Postgres): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::int AS count FROM tillwatch.finding
    WHERE taken_at IS NULL AND withdrawn_at IS NULL`.execute(db);
  return rows[0]?.count ?? 0;
}

/** The newest alert on that subject whose first finding lies less than `spanMs` from `ts`, or that is snoozed; locked. */
export async function findGroup(
  trx: Postgres,
  merchantId: string,
  finding: Pick<Finding, "detection" | "subject" | "ts">,
  spanMs: number,
): Promise<Alert | undefined> {
  const row = await trx
    .selectFrom("alert")
    .select("body")
    .where("merchant_id", "=", merchantId)
    .where("detection", "=", finding.detection)
    .where(sql<boolean>`md5(subject) = md5(${finding.subject})`)
    .where("subject", "=", finding.subject)
    .where((where) =>
      where.or([
        where("state", "=", "snoozed"),
        where.and([
          where("first_ts", ">", finding.ts - spanMs),
          where("first_ts", "<", finding.ts + spanMs),
        ]),
      ]),
    )
    .orderBy("opened_at", "desc")
    .orderBy("first_ts", "desc")
    .orderBy("id", "desc")
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row?.body;
}

export async function saveAlert(trx: Postgres, alert: Alert): Promise<void> {
  const row = {
    merchant_id: alert.merchant_id,
    id: alert.id,
    detection: alert.detection,
    subject: alert.subject,
    level: alert.level,
    state: alert.state,
    label: alert.label,
    first_ts: alert.first_ts,
    opened_at: alert.opened_at,
    snoozed_until: alert.snoozed_until,
    store_id: alert.store_id,
    told_at: alert.told_at,
    held_at: alert.held_at,
    body: JSON.stringify(alert),
  };
  await trx
    .insertInto("alert")
    .values(row)
    .onConflict((conflict) => conflict.columns(["merchant_id", "id"]).doUpdateSet(row))
    .execute();
}

/** Alerts whose snooze is over, of all merchants; locked. */
export async function findSnoozesOver(trx: Postgres, now: number, limit: number): Promise<Alert[]> {
  const rows = await trx
    .selectFrom("alert")
    .select("body")
    .where("state", "=", "snoozed")
    .where("snoozed_until", "<=", now)
    .orderBy("snoozed_until")
    .limit(limit)
    .forUpdate()
    .execute();
  return rows.map((row) => row.body);
}

export async function readAlert(
  db: Postgres,
  merchantId: MerchantScope,
  id: string,
): Promise<Alert | undefined> {
  const row = await scoped(db, merchantId).where("id", "=", id).executeTakeFirst();
  return row?.body;
}

/** As {@link readAlert}, and nobody else may change it until the transaction ends. */
export async function readAlertForUpdate(
  trx: Postgres,
  merchantId: string,
  id: string,
): Promise<Alert | undefined> {
  const row = await scoped(trx, merchantId).where("id", "=", id).forUpdate().executeTakeFirst();
  return row?.body;
}

export type AlertFilter = {
  state?: AlertState | readonly AlertState[] | undefined;
  level?: Level | undefined;
  detection?: string | undefined;
  subject?: string | undefined;
  /** Opened at or after, and before; UTC ms. */
  from?: number | undefined;
  to?: number | undefined;
  /** Start behind this alert. */
  after?: { opened_at: number; id: string } | undefined;
  limit: number;
};

/** Newest first. At most `limit`, never over 201 (one more than a page, to see whether there is another). */
export async function listAlerts(
  db: Postgres,
  merchantId: MerchantScope,
  filter: AlertFilter,
): Promise<Alert[]> {
  let query = scoped(db, merchantId);
  if (filter.state !== undefined) query = query.where("state", "in", [filter.state].flat());
  if (filter.level !== undefined) query = query.where("level", "=", filter.level);
  if (filter.detection !== undefined) query = query.where("detection", "=", filter.detection);
  if (filter.subject !== undefined) query = query.where("subject", "=", filter.subject);
  if (filter.from !== undefined) query = query.where("opened_at", ">=", filter.from);
  if (filter.to !== undefined) query = query.where("opened_at", "<", filter.to);
  if (filter.after !== undefined) {
    const { opened_at, id } = filter.after;
    query = query.where(sql<boolean>`(opened_at, id) < (${opened_at}, ${id})`);
  }
  const rows = await query
    .orderBy("opened_at", "desc")
    .orderBy("id", "desc")
    .limit(Math.min(filter.limit, 201))
    .execute();
  return rows.map((row) => row.body);
}

export type AlertCount = { state: AlertState; level: Level; count: number };

/** How many alerts there are of each state and level, of those opened since `from`; waiting ones whenever. */
export async function countAlerts(
  db: Postgres,
  merchantId: MerchantScope,
  from: number,
): Promise<AlertCount[]> {
  let query = db
    .selectFrom("alert")
    .select(["state", "level", sql<number>`count(*)::int`.as("count")])
    .where((where) =>
      where.or([where("opened_at", ">=", from), where("state", "in", WAITING_STATES)]),
    )
    .groupBy(["state", "level"]);
  if (merchantId !== "*") query = query.where("merchant_id", "=", merchantId);
  return await query.execute();
}

function scoped(db: Postgres, merchantId: MerchantScope) {
  const all = db.selectFrom("alert").select("body");
  return merchantId === "*" ? all : all.where("merchant_id", "=", merchantId);
}
