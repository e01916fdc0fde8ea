// What providers reported of payments after the fact, and the events that those payments left behind.
import type { ClickHouse } from "./connect/clickhouse.ts";
import { fieldSql } from "./event-layout.ts";

/** A chargeback or an early fraud warning; times UTC ms. Null: the provider does not say. */
export type Dispute = {
  event_id: string;
  ts: number;
  received_ts: number;
  source: string;
  kind: "chargeback" | "warning";
  payment_id: string | null;
  card_token: string | null;
  is_fraud: boolean | null;
  reason_code: string | null;
};

/** An event that may belong to a disputed payment. */
export type PaidEvent = {
  event_id: string;
  ts: number;
  payment_id: string | null;
  sale_id: string | null;
  card_token: string | null;
};

const KINDS = `${fieldSql("dispute_kind")} IN ('chargeback', 'warning')`;
const ms = (name: string) => `toUnixTimestamp64Milli(${name})`;
const at = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
const MOST_EVENTS = 50_000;

/** Merchants of whom a dispute was received since then, and the newest such instant. */
export async function merchantsWithDisputes(
  ch: ClickHouse,
  sinceTs: number,
): Promise<{ merchantId: string; newestTs: number }[]> {
  const rows = await ch.query<{ merchant_id: string; newest: string | number }>(
    "*",
    `SELECT merchant_id, max(${ms("received_ts")}) AS newest FROM events
     WHERE event_type = 'dispute' AND received_ts >= ${at("since")} AND ${KINDS}
     GROUP BY merchant_id ORDER BY merchant_id`,
    { since: Math.max(0, Math.trunc(sinceTs)) },
  );
  return rows.map(({ merchant_id, newest }) => ({
    merchantId: merchant_id,
    newestTs: Number(newest),
  }));
}

/** A page of a merchant's disputes by (received_ts, event_id), behind `after`. */
export async function disputesAfter(
  ch: ClickHouse,
  merchantId: string,
  after: { receivedTs: number; eventId: string },
  limit: number,
): Promise<Dispute[]> {
  const rows = await ch.query<Record<string, unknown>>(
    merchantId,
    `SELECT event_id, source, ${ms("ts")} AS ms, ${ms("received_ts")} AS received,
       ${fieldSql("dispute_kind")} AS kind, payment_id, card_token,
       ${fieldSql("is_fraud")} AS fraud, ${fieldSql("reason_code")} AS code
     FROM events WHERE merchant_id = {merchant:String} AND event_type = 'dispute' AND ${KINDS}
       AND received_ts >= ${at("after")}
       AND (received_ts > ${at("after")} OR event_id > {id:String})
     ORDER BY received_ts, event_id LIMIT {limit:UInt32}`,
    {
      merchant: merchantId,
      after: Math.max(0, Math.trunc(after.receivedTs)),
      id: after.eventId,
      limit,
    },
  );
  return rows.map((row) => ({
    event_id: String(row.event_id),
    ts: Number(row.ms),
    received_ts: Number(row.received),
    source: String(row.source),
    kind: row.kind === "warning" ? "warning" : "chargeback",
    payment_id: textOf(row.payment_id),
    card_token: textOf(row.card_token),
    is_fraud: row.fraud === null ? null : Number(row.fraud) === 1,
    reason_code: textOf(row.code),
  }));
}

/** Events in the span with one of these ids, and those of the same sales. Disputes themselves are left out. */
export async function eventsOfPayments(
  ch: ClickHouse,
  merchantId: string,
  of: { fromTs: number; toTs: number; payments: readonly string[]; cards: readonly string[] },
): Promise<PaidEvent[]> {
  const where = `merchant_id = {merchant:String} AND ts >= ${at("from")} AND ts <= ${at("to")} AND event_type != 'dispute'`;
  const own = `(payment_id IN {payments:Array(String)} OR card_token IN {cards:Array(String)})`;
  const sales = `sale_id IN (SELECT sale_id FROM events WHERE ${where} AND sale_id IS NOT NULL
    AND payment_id IN {payments:Array(String)})`;
  const rows = await ch.query<Record<string, unknown>>(
    merchantId,
    `SELECT event_id, ${ms("ts")} AS ms, payment_id, sale_id, card_token FROM events
     WHERE ${where} AND (${own} OR ${sales}) ORDER BY ts DESC LIMIT ${MOST_EVENTS}`,
    {
      merchant: merchantId,
      from: Math.max(0, Math.trunc(of.fromTs)),
      to: Math.trunc(of.toTs),
      payments: of.payments,
      cards: of.cards,
    },
  );
  return rows.map((row) => ({
    event_id: String(row.event_id),
    ts: Number(row.ms),
    payment_id: textOf(row.payment_id),
    sale_id: textOf(row.sale_id),
    card_token: textOf(row.card_token),
  }));
}

const textOf = (value: unknown): string | null =>
  value === null || value === undefined || value === "" ? null : String(value);
