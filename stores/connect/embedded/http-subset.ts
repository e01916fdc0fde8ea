// What of ClickHouse's HTTP interface the child understands: enough for the unmodified client. Pure: a request in, a plan out.

import { malformed, notHere, refused } from "./engine-error.ts";
import { quote } from "./quote.ts";

/** `owner` may write and see all merchants; `reader` reads one merchant at a time. */
export type Role = "owner" | "reader";

export type Plan =
  | {
      kind: "read";
      sql: string;
      streams: boolean;
      scope: string;
      params: Record<string, string>;
      limits: Record<string, string>;
    }
  | { kind: "command"; sql: string }
  | { kind: "insert"; statement(path: string): string };

/** Settings that a caller may give a read, with the most each may be. */
const READ_LIMITS: Readonly<Record<string, number>> = {
  max_execution_time: 600,
  max_memory_usage: 8_000_000_000,
  max_result_rows: 100_000_000,
  max_result_bytes: 8_000_000_000,
  max_rows_to_read: 10_000_000_000,
  max_block_size: 65_536,
  max_threads: 8,
  max_bytes_before_external_sort: 8_000_000_000,
  output_format_json_quote_64bit_integers: 1,
  optimize_use_projections: 1,
  use_query_condition_cache: 1,
};
const INSERT_SETTINGS = new Set([
  "insert_deduplication_token",
  "async_insert",
  "input_format_parallel_parsing",
]);
/** Sent by clients, without meaning here. */
const IGNORED = new Set([
  "query_id",
  "database",
  "query",
  "enable_http_compression",
  "wait_end_of_query",
  "send_progress_in_http_headers",
  "http_headers_progress_interval_ms",
  "SQL_merchant",
]);
const REFUSED = new Set([
  "session_id",
  "session_check",
  "session_timeout",
  "role",
  "compress",
  "decompress",
]);

const READS = /^(SELECT|WITH|SHOW|DESCRIBE|DESC|EXPLAIN|EXISTS)\b/i;
const STREAMS = /^(SELECT|WITH)\b/i;
const INSERT =
  /^INSERT\s+INTO\s+([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)?)\s*(\([\w\s,`]+\))?\s+FORMAT\s+([A-Za-z]+)\s*$/i;

/** The statement without leading blanks and comments, to tell its first word. */
function bare(sql: string): string {
  return sql.replace(/^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, "");
}

/**
 * Reads a request. In: the URL's parameters, the body as text (empty for an insert, whose body stays bytes), the role.
 * Throws EngineError in the server's words.
 */
export function planRequest(query: URLSearchParams, body: string, role: Role): Plan {
  for (const name of query.keys()) {
    if (REFUSED.has(name)) throw notHere(`${name} does not exist in the embedded engine.`);
  }
  const inUrl = query.get("query") ?? "";
  const database = query.get("database");
  if (database !== null && database !== "tillwatch" && database !== "default") {
    throw refused(`There is no database ${JSON.stringify(database)} here.`);
  }
  if (/^INSERT\b/i.test(bare(inUrl))) return planInsert(bare(inUrl), query, role);
  const sql = [inUrl, body].filter((part) => part !== "").join("\n");
  if (bare(sql) === "") throw malformed("The query is empty.");
  if (sql.includes("\0")) throw malformed("The query holds a NUL character.");
  if (READS.test(bare(sql))) return planRead(sql, query, role);
  if (role !== "owner") throw refused("This key may only read.");
  if (/^INSERT\b/i.test(bare(sql))) {
    throw notHere("Rows go in the body, with the INSERT … FORMAT statement in the URL's query.");
  }
  return { kind: "command", sql };
}

/** True when the body holds rows and not SQL. */
export function bodyIsRows(query: URLSearchParams): boolean {
  return /^INSERT\b/i.test(bare(query.get("query") ?? ""));
}

function planRead(sql: string, query: URLSearchParams, role: Role): Plan {
  const scope = query.get("SQL_merchant") ?? (role === "owner" ? "*" : "");
  if (role !== "owner" && (scope === "*" || scope === "")) {
    throw refused("SQL_merchant must name one merchant.");
  }
  const params: Record<string, string> = {};
  const limits: Record<string, string> = { max_execution_time: "60" };
  for (const [name, value] of query) {
    if (name.startsWith("param_") && /^param_\w{1,64}$/.test(name)) {
      params[name.slice("param_".length)] = value;
    } else if (!IGNORED.has(name)) {
      limits[name] = checkedLimit(name, value);
    }
  }
  return { kind: "read", sql, streams: STREAMS.test(bare(sql)), scope, params, limits };
}

function checkedLimit(name: string, value: string): string {
  const most = READ_LIMITS[name];
  if (most === undefined || !Object.hasOwn(READ_LIMITS, name)) {
    throw notHere(`The setting ${JSON.stringify(name)} is not taken by the embedded engine.`);
  }
  const number = Number(value);
  if (!/^\d{1,12}$/.test(value) || number > most) {
    throw malformed(`The setting ${name} takes whole numbers up to ${most}.`);
  }
  return value;
}

/** No bytes ever go inline: two newlines would end the data, and the rest would run as SQL. */
function planInsert(sql: string, query: URLSearchParams, role: Role): Plan {
  if (role !== "owner") throw refused("This key may only read.");
  const match = INSERT.exec(sql);
  if (match === null) throw malformed("Only INSERT INTO table (columns) FORMAT format is taken.");
  const [, table, columns, format] = match;
  const settings = ["async_insert = 0"];
  for (const [name, value] of query) {
    if (IGNORED.has(name) || name === "async_insert") continue;
    if (!INSERT_SETTINGS.has(name)) {
      throw notHere(`The setting ${JSON.stringify(name)} is not taken by the embedded engine.`);
    }
    settings.push(`${name} = ${quote(value)}`);
  }
  return {
    kind: "insert",
    statement: (path) =>
      `INSERT INTO ${table} ${columns ?? ""} FROM INFILE ${quote(path)} SETTINGS ${settings.join(", ")} FORMAT ${format}`,
  };
}
