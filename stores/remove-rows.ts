// Removes rows from ClickHouse for good: on a data subject's request, and when a merchant's retention is over.
import { createHmac } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../core/errors.ts";
import type { FieldName } from "../core/event-fields.ts";
import { ulid } from "../core/ids.ts";
import { SUBJECT_FIELDS } from "../core/subject.ts";
import { appendAudit } from "./audit-log.ts";
import { REMOVABLE_TABLES } from "./clickhouse-tables.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import type { Postgres } from "./connect/postgres.ts";

type Table = (typeof REMOVABLE_TABLES)[number];

/** Fields of an event that may point at a person; each has a column of its own. */
export const PERSON_FIELDS = [
  ...["customer_id", "card_token", "account_id", "login_hash", "device_id", "ip"],
  ...["gift_card_id", "cashier_id", "approver_id"],
] as const satisfies readonly FieldName[];
export type PersonField = (typeof PERSON_FIELDS)[number];

/** How many rows of each table were removed. */
export type Removed = Record<Table, number>;

const DAY_MS = 86_400_000;
const WAIT_MS = 10 * 60_000;
/** A shorter text would be found inside of others' bodies. */
const LEAST_IN_BODY = 6;

/** Text as an SQL string: a mutation takes no bound values. */
function quoted(text: string): string {
  if (text.includes("\0"))
    throw new AppError("REQUEST_INVALID", "The value holds a NUL character.");
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/** Which rows of each table are about that person. Bodies of deliveries and quarantine are searched as text. */
function aboutPerson(field: PersonField, value: string): Record<Table, string> {
  const v = quoted(value);
  const inBody = value.length < LEAST_IN_BODY ? "0" : `position(body, ${v}) > 0`;
  const subjects = Object.entries(SUBJECT_FIELDS)
    .filter(([, fields]) => (fields as readonly string[]).includes(field))
    .map(([type]) => quoted(`${type}:${value}`));
  const finding = [`group_values[${quoted(field)}] = ${v}`];
  if (subjects.length > 0) finding.push(`subject IN (${subjects.join(", ")})`);
  if (field === "cashier_id") finding.push(`cashier_id = ${v}`);
  return {
    events: `${field} = ${v}`,
    deliveries: inBody,
    quarantine: inBody,
    findings: finding.join(" OR "),
  };
}

/** Rows that are older than so many days. An old event that was imported lives that long from its import on. */
function olderThan(days: number, nowMs: number): Record<Table, string> {
  const before = `fromUnixTimestamp64Milli(${Math.floor(nowMs - days * DAY_MS)}, 'UTC')`;
  return {
    events: `greatest(ts, received_ts) < ${before}`,
    deliveries: `received_ts < ${before}`,
    quarantine: `received_ts < ${before}`,
    findings: `ts < ${before}`,
  };
}

/** Removes what the conditions name, of that merchant alone; resolves when the rows are gone from the disk's live parts. */
async function remove(
  ch: ClickHouse,
  merchantId: string,
  conditions: Record<Table, string>,
): Promise<Removed> {
  const removed: Removed = { events: 0, deliveries: 0, quarantine: 0, findings: 0 };
  for (const table of REMOVABLE_TABLES) {
    const rows = `merchant_id = ${quoted(merchantId)} AND (${conditions[table]})`;
    const count = `SELECT count() AS n FROM ${table} WHERE ${rows}`;
    const [found] = await ch.query<{ n: number }>(merchantId, count);
    removed[table] = Number(found?.n ?? 0);
    if (removed[table] === 0) continue;
    await ch.command(`ALTER TABLE ${table} DELETE WHERE ${rows}`);
    await gone(ch, merchantId, count);
  }
  return removed;
}

async function gone(ch: ClickHouse, merchantId: string, count: string): Promise<void> {
  const until = Date.now() + WAIT_MS;
  for (let pauseMs = 50; Date.now() < until; pauseMs = Math.min(2000, pauseMs * 2)) {
    const [left] = await ch.query<{ n: number }>(merchantId, count);
    if (Number(left?.n ?? 0) === 0) return;
    await sleep(pauseMs);
  }
  throw new AppError(
    "STORE_UNAVAILABLE",
    "The rows are being removed, and it takes longer than ten minutes. The engine goes on; ask again later.",
  );
}

export type ErasureAsked = {
  field: PersonField;
  value: string;
  reason: string;
  actor: string;
  /** Keys the hash that is kept of the value. */
  hashKey: string;
};

/**
 * Removes what is about a person from events, kept deliveries, quarantine and the findings' copy, and keeps a record of
 * it without the value. Call it when the spool is flushed. Findings and alerts in Postgres stay: they are the shop's own
 * record of an incident.
 */
export async function erasePerson(
  { ch, db, now }: { ch: ClickHouse; db: Postgres; now: () => number },
  merchantId: string,
  asked: ErasureAsked,
): Promise<Removed & { id: string }> {
  const { field, value, reason, actor } = asked;
  const removed = await remove(ch, merchantId, aboutPerson(field, value));
  const at = now();
  const id = `era_${ulid(at)}`;
  const value_hash = createHmac("sha256", asked.hashKey)
    .update(JSON.stringify([merchantId, field, value]))
    .digest("hex");
  await db.transaction().execute(async (trx) => {
    const row = { id, merchant_id: merchantId, field, value_hash, reason, actor, at, ...removed };
    await trx.insertInto("erasure").values(row).execute();
    await appendAudit(trx, {
      ...{ merchant_id: merchantId, actor, act: "person.erase", subject: `erasure:${id}`, at },
      address: null,
      details: { field, reason, ...removed },
    });
  });
  return { id, ...removed };
}

export async function listErasures(db: Postgres, merchantId: string) {
  return db
    .selectFrom("erasure")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("at", "desc")
    .limit(200)
    .execute();
}

/** From now on that merchant's rows live so many days, 1 to 400. Call it in the transaction of the act. */
export async function setRetention(
  db: Postgres,
  merchantId: string,
  { days, nowMs }: { days: number; nowMs: number },
): Promise<void> {
  await db
    .insertInto("retention")
    .values({ merchant_id: merchantId, days, set_at: nowMs, applied_at: null })
    .onConflict((on) =>
      on.column("merchant_id").doUpdateSet({ days, set_at: nowMs, applied_at: null }),
    )
    .execute();
}

/** Removes what is too old of every merchant whose turn it is: once a day, and after a change. Gives what went, by merchant. */
export async function applyRetention({
  ch,
  db,
  now,
}: {
  ch: ClickHouse;
  db: Postgres;
  now: () => number;
}): Promise<Map<string, Removed>> {
  const nowMs = now();
  const due = await db
    .selectFrom("retention")
    .select(["merchant_id", "days"])
    .where((eb) => eb.or([eb("applied_at", "is", null), eb("applied_at", "<=", nowMs - DAY_MS)]))
    .execute();
  const all = new Map<string, Removed>();
  for (const { merchant_id, days } of due) {
    const removed = await remove(ch, merchant_id, olderThan(days, nowMs));
    all.set(merchant_id, removed);
    await db.transaction().execute(async (trx) => {
      await trx
        .updateTable("retention")
        .set({ applied_at: nowMs })
        .where("merchant_id", "=", merchant_id)
        .where("days", "=", days)
        .execute();
      if (Object.values(removed).every((rows) => rows === 0)) return;
      await appendAudit(trx, {
        ...{ merchant_id, actor: "service", act: "retention.apply", subject: "rows", at: nowMs },
        ...{ address: null, details: { days, ...removed } },
      });
    });
  }
  return all;
}
