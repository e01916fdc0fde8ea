// Finds events for people: by a search, counted over time, of a subject. Time and memory are bounded by the engine.
import type { Event } from "../core/event.ts";
import type { FieldName } from "../core/event-fields.ts";
import type { SearchTerm } from "../core/search-query.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { decodeEvent, EVENT_SELECT, knownField } from "./event-columns.ts";
import { FIELD_HOMES, fieldSql } from "./event-layout.ts";

/** UTC ms on `ts`, from included, to not. */
export type TimeSpan = { fromTs: number; toTs: number };
/** A place in the list: the last event that was seen. */
export type EventPlace = { ts: number; eventId: string };
export type FoundPage = { events: Event[]; next: EventPlace | undefined };
export type Bucket = { fromTs: number; count: number; by: Record<string, number> };

const LEAST_TS = Date.UTC(1970, 0, 1);
const MOST_TS = Date.UTC(2200, 0, 1);
const clampTs = (ts: number) => Math.min(MOST_TS, Math.max(LEAST_TS, Math.trunc(ts)));
const MS = "toUnixTimestamp64Milli(ts)";
const time = (name: string) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`;
const IN_SPAN = `merchant_id = {merchant:String} AND ts >= ${time("from")} AND ts < ${time("to")}`;

type Bound = { sql: string; params: Record<string, unknown> };

/**
 * A page of the events that meet every term, newest first (or oldest first), behind `after`. Two steps: the places by
 * the few columns that the search reads, then the whole rows of one page.
 */
export async function findEvents(
  ch: ClickHouse,
  merchantId: string,
  search: TimeSpan & {
    terms: readonly SearchTerm[];
    order: "newest" | "oldest";
    limit: number;
    after?: EventPlace | undefined;
  },
): Promise<FoundPage> {
  const where = whereOf(merchantId, search, search.terms);
  const beyond = search.order === "newest" ? "<" : ">";
  const direction = search.order === "newest" ? "DESC" : "ASC";
  const { after, limit } = search;
  const behind =
    after === undefined
      ? ""
      : ` AND (ts ${beyond} ${time("afterTs")} OR (ts = ${time("afterTs")} AND event_id ${beyond} {afterId:String}))`;
  const places = await ch.query<{ ms: string | number; event_id: string }>(
    merchantId,
    `SELECT DISTINCT ${MS} AS ms, event_id FROM events WHERE ${where.sql}${behind}
     ORDER BY ms ${direction}, event_id ${direction} LIMIT {limit:UInt32}`,
    {
      ...where.params,
      limit: limit + 1,
      ...(after === undefined ? {} : { afterTs: after.ts, afterId: after.eventId }),
    },
  );
  const shown = places.slice(0, limit);
  const last = shown.at(-1);
  const events = await eventsAt(ch, merchantId, shown);
  const next =
    places.length > limit && last !== undefined
      ? { ts: Number(last.ms), eventId: last.event_id }
      : undefined;
  return { events, next };
}

/** Whole rows of the places, in their order; a row that is stored twice comes once. */
async function eventsAt(
  ch: ClickHouse,
  merchantId: string,
  places: readonly { ms: string | number; event_id: string }[],
): Promise<Event[]> {
  if (places.length === 0) return [];
  const times = places.map(({ ms }) => Number(ms));
  const byId = new Map<string, Event>();
  const rows = ch.stream<unknown[]>(
    merchantId,
    `SELECT ${EVENT_SELECT} FROM events
     WHERE merchant_id = {merchant:String} AND ts >= ${time("from")} AND ts <= ${time("to")}
       AND event_id IN {ids:Array(String)}`,
    {
      merchant: merchantId,
      from: Math.min(...times),
      to: Math.max(...times),
      ids: places.map((place) => place.event_id),
    },
    "arrays",
  );
  for await (const batch of rows) {
    for (const row of batch) {
      const event = decodeEvent(row);
      byId.set(event.event_id, event);
    }
  }
  return places.flatMap(({ event_id }) => byId.get(event_id) ?? []);
}

/** Values of the split field beside the most frequent ones; the empty text stands for "none". */
const OTHERS = "(others)";
const MOST_PARTS = 8;

/**
 * How many events meet the terms, by time: at most `buckets` stretches of equal width, empty ones included. `by` splits
 * each by a field's eight most frequent values.
 */
export async function countByTime(
  ch: ClickHouse,
  merchantId: string,
  search: TimeSpan & {
    terms: readonly SearchTerm[];
    buckets: number;
    by?: FieldName | undefined;
  },
): Promise<{ widthMs: number; total: number; buckets: Bucket[] }> {
  const span = { fromTs: clampTs(search.fromTs), toTs: clampTs(search.toTs) };
  const widthMs = Math.max(1, Math.ceil((span.toTs - span.fromTs) / search.buckets));
  const where = whereOf(merchantId, span, search.terms);
  const part = search.by === undefined ? "''" : `ifNull(toString(${fieldSql(search.by)}), '')`;
  const rows = await ch.query<{ bucket: string | number; part: string; n: string | number }>(
    merchantId,
    `SELECT intDiv(${MS} - {from:Int64}, {width:Int64}) AS bucket, ${part} AS part, count() AS n
     FROM events WHERE ${where.sql} GROUP BY bucket, part`,
    { ...where.params, width: widthMs },
  );
  const buckets: Bucket[] = [];
  for (let at = span.fromTs; at < span.toTs; at += widthMs) {
    buckets.push({ fromTs: at, count: 0, by: {} });
  }
  const frequent = search.by === undefined ? new Set<string>() : mostFrequent(rows);
  let total = 0;
  for (const row of rows) {
    const bucket = buckets[Number(row.bucket)];
    if (bucket === undefined) continue;
    const n = Number(row.n);
    total += n;
    bucket.count += n;
    if (search.by === undefined) continue;
    const name = frequent.has(row.part) ? row.part : OTHERS;
    bucket.by[name] = (bucket.by[name] ?? 0) + n;
  }
  return { widthMs, total, buckets };
}

function mostFrequent(rows: readonly { part: string; n: string | number }[]): Set<string> {
  const totals = new Map<string, number>();
  for (const { part, n } of rows) totals.set(part, (totals.get(part) ?? 0) + Number(n));
  const sorted = [...totals].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return new Set(sorted.slice(0, MOST_PARTS).map(([part]) => part));
}

/** What a merchant's events with one value of a field are: by type, when first and last, how much money by currency. */
export async function summarizeField(
  ch: ClickHouse,
  merchantId: string,
  of: { fields: readonly FieldName[]; value: string } & TimeSpan,
): Promise<
  {
    event_type: string;
    currency: string;
    count: number;
    first_ts: number;
    last_ts: number;
    amount: number;
  }[]
> {
  const rows = await ch.query<Record<string, string | number>>(
    merchantId,
    `SELECT event_type, ifNull(currency, '') AS currency, count() AS count, min(${MS}) AS first_ts,
       max(${MS}) AS last_ts, sum(toInt128(ifNull(amount, 0))) AS amount
     FROM events WHERE ${IN_SPAN} AND ${anySql(of.fields, "value")}
     GROUP BY event_type, currency ORDER BY count DESC, event_type, currency`,
    {
      merchant: merchantId,
      from: clampTs(of.fromTs),
      to: clampTs(of.toTs),
      value: of.value,
    },
  );
  return rows.map((row) => ({
    event_type: String(row.event_type),
    currency: String(row.currency),
    count: Number(row.count),
    first_ts: Number(row.first_ts),
    last_ts: Number(row.last_ts),
    amount: Number(row.amount),
  }));
}

function whereOf(merchantId: string, span: TimeSpan, terms: readonly SearchTerm[]): Bound {
  const params: Record<string, unknown> = {
    merchant: merchantId,
    from: clampTs(span.fromTs),
    to: clampTs(span.toTs),
  };
  let sql = IN_SPAN;
  for (const [index, term] of terms.entries()) {
    const bound = termSql(term, `t${index}`);
    // A field that is absent makes a term false, and its opposite true.
    sql += ` AND ${term.not ? "NOT " : ""}ifNull(${bound.sql}, 0)`;
    Object.assign(params, bound.params);
  }
  return { sql, params };
}

function termSql(term: SearchTerm, name: string): Bound {
  switch (term.kind) {
    case "is": {
      const type = valueType(term.field);
      const values = term.values.map((value) =>
        type === "String" ? String(value) : Number(value),
      );
      return {
        sql: `(${valueSql(term.field)} IN {${name}:Array(${type})})`,
        params: { [name]: values },
      };
    }
    case "like": {
      const parts = term.patterns.map(
        (_, i) => `lowerUTF8(${valueSql(term.field)}) LIKE lowerUTF8({${name}_${i}:String})`,
      );
      return {
        sql: `(${parts.join(" OR ")})`,
        params: Object.fromEntries(term.patterns.map((one, i) => [`${name}_${i}`, likeOf(one)])),
      };
    }
    case "compare": {
      const sign = { lt: "<", lte: "<=", gt: ">", gte: ">=" }[term.compare];
      return {
        sql: `(${valueSql(term.field)} ${sign} {${name}:${valueType(term.field)}})`,
        params: { [name]: term.value },
      };
    }
    case "exists":
      return { sql: `(${valueSql(term.field)} IS NOT NULL)`, params: {} };
    case "text":
      return { sql: textSql(name), params: { [name]: term.text } };
    case "any":
      return { sql: anySql(term.fields, name), params: { [name]: term.value } };
  }
}

function anySql(fields: readonly FieldName[], name: string): string {
  const any = fields.map((field) => `ifNull(${fieldSql(field)} = {${name}:String}, 0)`);
  return `(${any.join(" OR ")})`;
}

/** Times as ms and booleans as 0 and 1, so that one type of value fits all that is not text. */
function valueSql(field: FieldName): string {
  const home = FIELD_HOMES.get(field);
  const sql = fieldSql(field);
  if (home?.kind === "t" && home.in === "column") return `toUnixTimestamp64Milli(${sql})`;
  return home?.kind === "b" ? `toInt64(${sql})` : sql;
}

function valueType(field: FieldName): "String" | "Float64" | "Int64" {
  const kind = FIELD_HOMES.get(field)?.kind;
  if (kind === "s" || kind === "l") return "String";
  return kind === "deg" ? "Float64" : "Int64";
}

/** LIKE's own signs are taken as they are; `*` is any run. */
const likeOf = (pattern: string) => pattern.replace(/[\\%_]/g, "\\$&").replaceAll("*", "%");

const TEXT_COLUMNS = [...FIELD_HOMES].flatMap(([name, home]) => {
  const searched = home.in === "column" && home.kind === "s" && name !== "merchant_id";
  const field = searched ? knownField(name) : undefined;
  return field === undefined ? [] : [`ifNull(toString(${fieldSql(field)}), '')`];
});

/** Any text of the event, also what the vocabulary lacks, holds the value. */
function textSql(name: string): string {
  const needle = `lowerUTF8({${name}:String})`;
  const inMap = (map: string) =>
    `arrayExists(v -> position(lowerUTF8(v), ${needle}) > 0, mapValues(${map}))`;
  const own = `position(lowerUTF8(concatWithSeparator('\\n', ${TEXT_COLUMNS.join(", ")})), ${needle}) > 0`;
  return `(${own} OR ${inMap("texts")} OR ${inMap("attributes")})`;
}
