// Questions about stored events.
import type { Event, FieldValue } from "../core/event.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { decodeEvent, EVENT_SELECT, knownField } from "./event-columns.ts";
import { FIELD_HOMES, fieldSql } from "./event-layout.ts";

/**
 * Times are UTC ms on `ts`, both ends included. Every pair in `where` must hold, and each text field of `among` must have one
 * of its values; they travel in a request's head, so a few thousand characters at most.
 */
export type EventRange = {
  fromTs: number;
  toTs: number;
  eventTypes?: readonly string[];
  where?: readonly Record<string, FieldValue>[];
  among?: Readonly<Record<string, readonly string[]>>;
};

/** Rows of one answer at most, so that a sort and a pause stay small. */
const SLICE_ROWS = 100_000;
const HOUR_MS = 3_600_000;
const LEAST_TS = Date.UTC(1970, 0, 1);
const MOST_TS = Date.UTC(2200, 0, 1);
const clampTs = (ts: number) => Math.min(MOST_TS, Math.max(LEAST_TS, Math.trunc(ts)));
const BETWEEN =
  "ts BETWEEN fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND fromUnixTimestamp64Milli({to:Int64}, 'UTC')";

type Condition = { sql: string; params: Record<string, unknown> };

/** Events in the order in which rules see them, (ts, event_id), in batches. */
export function readEvents(
  ch: ClickHouse,
  merchantId: string,
  range: EventRange,
): AsyncIterable<Event[]> {
  return inOrder(ch, merchantId, range, conditionOf(range));
}

/** Events received after `receivedTs` that happened at or before `throughTs`, in (ts, event_id) order, in batches. */
export function receivedAfter(
  ch: ClickHouse,
  merchantId: string,
  receivedTs: number,
  throughTs: number,
): AsyncIterable<Event[]> {
  return inOrder(
    ch,
    merchantId,
    { fromTs: LEAST_TS, toTs: throughTs },
    {
      sql: " AND received_ts > fromUnixTimestamp64Milli({received:Int64}, 'UTC')",
      params: { received: clampTs(receivedTs) },
    },
  );
}

/** One event by its id, or undefined. */
export async function findEvent(
  ch: ClickHouse,
  merchantId: string,
  eventId: string,
): Promise<Event | undefined> {
  const sql = `SELECT ${EVENT_SELECT} FROM events
    WHERE merchant_id = {merchant:String} AND event_id = {id:String} LIMIT 1`;
  const params = { merchant: merchantId, id: eventId };
  for await (const [row] of ch.stream<unknown[]>(merchantId, sql, params, "arrays")) {
    if (row !== undefined) return decodeEvent(row);
  }
  return undefined;
}

/** A page of events, newest first. `limit` at most 1000; `where` as in {@link EventRange}. */
export async function listEvents(
  ch: ClickHouse,
  merchantId: string,
  page: { from: number; to: number; limit: number } & Pick<EventRange, "eventTypes" | "where">,
): Promise<Event[]> {
  const range = { ...page, fromTs: page.from, toTs: page.to };
  const condition = conditionOf(range);
  const sql = `SELECT ${EVENT_SELECT} FROM events
    WHERE merchant_id = {merchant:String} AND ${BETWEEN}${condition.sql}
    ORDER BY ts DESC, event_id DESC LIMIT {limit:UInt32}`;
  const params = {
    ...condition.params,
    merchant: merchantId,
    from: clampTs(page.from),
    to: clampTs(page.to),
    limit: Math.min(1000, Math.max(1, Math.trunc(page.limit))),
  };
  const events: Event[] = [];
  for await (const rows of ch.stream<unknown[]>(merchantId, sql, params, "arrays")) {
    for (const row of rows) events.push(decodeEvent(row));
  }
  return events;
}

/** Merchants that have an event at or after `sinceTs`. */
export async function merchantsWithEvents(ch: ClickHouse, sinceTs: number): Promise<string[]> {
  const rows = await ch.query<{ merchant_id: string }>(
    "*",
    `SELECT DISTINCT merchant_id FROM events
     WHERE ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') ORDER BY merchant_id`,
    { since: clampTs(sinceTs) },
  );
  return rows.map((row) => row.merchant_id);
}

/** The time of the first event after `ts`, or undefined. UTC ms. */
export async function nextEventTs(
  ch: ClickHouse,
  merchantId: string,
  ts: number,
): Promise<number | undefined> {
  const [row] = await ch.query<{ n: string | number; first: string | number }>(
    merchantId,
    `SELECT count() AS n, toUnixTimestamp64Milli(min(ts)) AS first FROM events
     WHERE merchant_id = {merchant:String} AND ts > fromUnixTimestamp64Milli({after:Int64}, 'UTC')`,
    { merchant: merchantId, after: clampTs(ts) },
  );
  return row === undefined || Number(row.n) === 0 ? undefined : Number(row.first);
}

/** Of what was received after a stamp and happened at or after `sinceTs`: first and last instant of each hour that has any. */
export async function hoursReceived(
  ch: ClickHouse,
  merchantId: string,
  { afterTs, sinceTs }: { afterTs: number; sinceTs: number },
): Promise<{ fromTs: number; toTs: number }[]> {
  const rows = await ch.query<{ first: string | number; last: string | number }>(
    merchantId,
    `SELECT toUnixTimestamp64Milli(min(ts)) AS first, toUnixTimestamp64Milli(max(ts)) AS last FROM events
     WHERE merchant_id = {merchant:String} AND received_ts > fromUnixTimestamp64Milli({after:Int64}, 'UTC')
       AND ts >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
     GROUP BY intDiv(toUnixTimestamp64Milli(ts), ${HOUR_MS}) ORDER BY first`,
    { merchant: merchantId, after: clampTs(afterTs), since: clampTs(sinceTs) },
  );
  return rows.map(({ first, last }) => ({ fromTs: Number(first), toTs: Number(last) }));
}

/** The newest instant that each source has shown up to a time, training left out. All UTC ms. */
export async function newestBySource(
  ch: ClickHouse,
  merchantId: string,
  throughTs: number,
): Promise<Map<string, number>> {
  const rows = await ch.query<{ source: string; newest: string | number }>(
    merchantId,
    `SELECT source, toUnixTimestamp64Milli(max(ts)) AS newest FROM events
     WHERE merchant_id = {merchant:String} AND ts <= fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       AND ifNull(training, 0) = 0 GROUP BY source`,
    { merchant: merchantId, to: clampTs(throughTs) },
  );
  return new Map(rows.map(({ source, newest }) => [source, Number(newest)]));
}

/** `eventTypes` and `where` as SQL with bound values. A name outside the vocabulary matches nothing. */
function conditionOf({
  eventTypes,
  where = [],
  among = {},
}: Pick<EventRange, "eventTypes" | "where" | "among">): Condition {
  const condition: Condition = { sql: "", params: {} };
  if (eventTypes !== undefined) {
    condition.sql += " AND event_type IN {types:Array(String)}";
    condition.params.types = [...eventTypes];
  }
  for (const [name, values] of Object.entries(among)) {
    const field = knownField(name);
    if (field === undefined) return { sql: " AND 0", params: {} };
    const param = `a${Object.keys(condition.params).length}`;
    condition.params[param] = values;
    condition.sql += ` AND ${fieldSql(field)} IN {${param}:Array(String)}`;
  }
  for (const [name, value] of where.flatMap((pairs) => Object.entries(pairs))) {
    const field = knownField(name);
    if (field === undefined) return { sql: " AND 0", params: {} };
    const param = `p${Object.keys(condition.params).length}`;
    const bound = boundValue(name, value);
    condition.sql += ` AND ${fieldSql(field)} = ${bound.sql(param)}`;
    condition.params[param] = bound.value;
  }
  return condition;
}

function boundValue(name: string, value: FieldValue) {
  const kind = FIELD_HOMES.get(name)?.kind;
  if (kind === "t") {
    return {
      value: Number(value),
      sql: (param: string) =>
        FIELD_HOMES.get(name)?.in === "column"
          ? `fromUnixTimestamp64Milli({${param}:Int64}, 'UTC')`
          : `{${param}:Int64}`,
    };
  }
  if (kind === "s") return { value: String(value), sql: (param: string) => `{${param}:String}` };
  if (kind === "l") {
    return {
      value: String(value),
      sql: (param: string) => `parseDateTime64BestEffortOrNull({${param}:String}, 3, 'UTC')`,
    };
  }
  if (kind === "deg") return { value: Number(value), sql: (param: string) => `{${param}:Float64}` };
  return { value: Number(value), sql: (param: string) => `{${param}:Int64}` };
}

/** Reads slice by slice of whole hours, since (ts, event_id) is not the table's order and each slice must be sorted. */
async function* inOrder(
  ch: ClickHouse,
  merchantId: string,
  range: { fromTs: number; toTs: number },
  condition: Condition,
): AsyncGenerator<Event[]> {
  const whole = { from: clampTs(range.fromTs), to: clampTs(range.toTs) };
  if (whole.from > whole.to) return;
  const params = { ...condition.params, merchant: merchantId };
  const where = `WHERE merchant_id = {merchant:String} AND ${BETWEEN}${condition.sql}`;
  const hours = await ch.query<{ hour: number; n: number }>(
    merchantId,
    `SELECT intDiv(toUnixTimestamp64Milli(ts), ${HOUR_MS}) AS hour, count() AS n
     FROM events ${where} GROUP BY hour ORDER BY hour`,
    { ...params, ...whole },
  );
  const sql = `SELECT ${EVENT_SELECT} FROM events ${where} ORDER BY ts, event_id`;
  for (const slice of slicesOf(hours)) {
    const bounds = {
      from: Math.max(whole.from, slice.from),
      to: Math.min(whole.to, slice.to),
    };
    const rows = ch.stream<unknown[]>(merchantId, sql, { ...params, ...bounds }, "arrays");
    for await (const batch of rows) yield batch.map(decodeEvent);
  }
}

/** Joins neighbouring hours to slices of about SLICE_ROWS; `to` is included. */
export function slicesOf(
  hours: readonly { hour: number; n: number }[],
  most = SLICE_ROWS,
): { from: number; to: number }[] {
  const slices: { from: number; to: number; n: number }[] = [];
  for (const { hour, n } of hours) {
    const last = slices.at(-1);
    const to = (hour + 1) * HOUR_MS - 1;
    if (last === undefined || last.n + n > most) slices.push({ from: hour * HOUR_MS, to, n });
    else Object.assign(last, { to, n: last.n + n });
  }
  return slices.map(({ from, to }) => ({ from, to }));
}
