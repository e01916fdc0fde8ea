// What a ClickHouse client asks over HTTP, as far as it is understood here. Pure: a request in, what is meant out.
import { AppError } from "../../core/errors.ts";
import { MOST_SQL, type SqlLimits } from "../../stores/sql/analyst-sql.ts";

/** Output formats, with the content type that ClickHouse's server gives each. */
export const OUTPUT_FORMATS: Readonly<Record<string, string>> = {
  TabSeparated: "text/tab-separated-values; charset=UTF-8",
  TSV: "text/tab-separated-values; charset=UTF-8",
  TabSeparatedWithNames: "text/tab-separated-values; charset=UTF-8",
  TSVWithNames: "text/tab-separated-values; charset=UTF-8",
  TabSeparatedWithNamesAndTypes: "text/tab-separated-values; charset=UTF-8",
  TSVWithNamesAndTypes: "text/tab-separated-values; charset=UTF-8",
  CSV: "text/csv; charset=UTF-8; header=absent",
  CSVWithNames: "text/csv; charset=UTF-8; header=present",
  CSVWithNamesAndTypes: "text/csv; charset=UTF-8; header=present",
  JSON: "application/json; charset=UTF-8",
  JSONCompact: "application/json; charset=UTF-8",
  JSONColumnsWithMetadata: "application/json; charset=UTF-8",
  JSONEachRow: "application/x-ndjson; charset=UTF-8",
  JSONCompactEachRow: "application/x-ndjson; charset=UTF-8",
  JSONCompactEachRowWithNames: "application/x-ndjson; charset=UTF-8",
  JSONCompactEachRowWithNamesAndTypes: "application/x-ndjson; charset=UTF-8",
  JSONStringsEachRow: "application/x-ndjson; charset=UTF-8",
  Native: "application/octet-stream",
  RowBinary: "application/octet-stream",
  RowBinaryWithNames: "application/octet-stream",
  RowBinaryWithNamesAndTypes: "application/octet-stream",
  Parquet: "application/octet-stream",
  Arrow: "application/octet-stream",
  ArrowStream: "application/octet-stream",
  Pretty: "text/plain; charset=UTF-8",
  PrettyCompact: "text/plain; charset=UTF-8",
  Vertical: "text/plain; charset=UTF-8",
  Null: "text/plain; charset=UTF-8",
};

/** What was asked; `format` is the one without a FORMAT clause. */
export type ClickHouseRequest = {
  sql: string;
  format: string;
  params: Record<string, string | null>;
  limits: SqlLimits;
  quotes64: boolean;
  queryId: string | null;
  zips: boolean;
};

/** Sent by clients without meaning here: the service has bounds of its own, reads only, and so has nothing for a session to keep. */
const IGNORED = new Set([
  ...["session_id", "session_check", "session_timeout"],
  ...["query", "database", "query_id", "default_format", "enable_http_compression", "readonly"],
  ...["wait_end_of_query", "send_progress_in_http_headers", "http_headers_progress_interval_ms"],
  ...["log_queries", "add_http_cors_header", "cancel_http_readonly_queries_on_client_close"],
  ...[
    "client_protocol_version",
    "buffer_size",
    "http_zlib_compression_level",
    "network_compression_method",
  ],
  ...["date_time_output_format", "date_time_input_format", "session_timezone", "max_block_size"],
  ...["output_format_json_named_tuples_as_objects", "allow_experimental_analyzer"],
  ...["output_format_native_encode_types_in_binary_format", "role"],
  ...["input_format_native_allow_types_conversion", "use_client_time_zone", "SQL_merchant"],
  ...["cast_keep_nullable", "join_use_nulls", "max_insert_block_size"],
]);
const REFUSED: Readonly<Record<string, string>> = {
  user: "Send the key as a password, not in the address: addresses are logged.",
  password: "Send the key as a password, not in the address: addresses are logged.",
  compress: "LZ4 frames are not written here; switch the client's compression off, or use gzip.",
  decompress: "LZ4 frames are not read here; switch the client's compression off.",
};
const BOUNDS: Readonly<Record<string, keyof SqlLimits>> = {
  max_execution_time: "seconds",
  max_memory_usage: "memoryBytes",
  max_result_rows: "rows",
  max_result_bytes: "resultBytes",
};

/** In: the address's parameters, headers in lower case, the body as text. Throws SQL_REFUSED in words. */
export function readClickHouseRequest(
  query: URLSearchParams,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  body: string,
): ClickHouseRequest {
  const database = query.get("database") ?? headers["x-clickhouse-database"] ?? "";
  if (!["", "default", "tillwatch"].includes(String(database))) {
    throw refused("There is one database here: tillwatch.");
  }
  const given: Given = { limits: { ...MOST_SQL }, params: {}, quotes64: false };
  for (const [name, value] of query) takeParameter(given, name, value);
  const format = query.get("default_format") ?? headers["x-clickhouse-format"];
  const id = query.get("query_id");
  return {
    ...given,
    sql: [query.get("query") ?? "", body].filter((part) => part !== "").join("\n"),
    format: typeof format === "string" && format !== "" ? format : "TabSeparated",
    queryId: id !== null && /^[\w-]{1,64}$/.test(id) ? id : null,
    zips:
      query.get("enable_http_compression") === "1" &&
      /\bgzip\b/.test(String(headers["accept-encoding"] ?? "")),
  };
}

type Given = Pick<ClickHouseRequest, "limits" | "params" | "quotes64">;

function takeParameter(given: Given, name: string, value: string): void {
  if (Object.hasOwn(REFUSED, name)) {
    if (value !== "" && value !== "0") throw refused(`${name}: ${REFUSED[name]}`);
    return;
  }
  const bound = Object.hasOwn(BOUNDS, name) ? BOUNDS[name] : undefined;
  if (bound !== undefined) lower(given.limits, bound, value);
  else if (/^param_\w{1,64}$/.test(name)) given.params[name.slice(6)] = unescaped(value);
  else if (name === "output_format_json_quote_64bit_integers") given.quotes64 = value === "1";
  else if (!IGNORED.has(name)) {
    throw refused(`The setting ${JSON.stringify(name.slice(0, 60))} is not taken here.`);
  }
}

/** A caller may ask for less than the bound, never for more; 0 means "without bound" to ClickHouse and here "the bound". */
function lower(limits: SqlLimits, bound: keyof SqlLimits, value: string): void {
  const asked = Number(value);
  if (!/^\d{1,15}$/.test(value)) throw refused(`${bound} takes a whole number.`);
  if (asked > 0) limits[bound] = Math.min(asked, MOST_SQL[bound]);
}

const ESCAPES: Readonly<Record<string, string>> = {
  ...{ n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", "0": "\0" },
};

/** A bound value as clients write it: TSV-escaped, `\N` for NULL. */
function unescaped(value: string): string | null {
  if (value === "\\N") return null;
  return value.replace(/\\([\s\S])/g, (_, sign: string) => ESCAPES[sign] ?? sign);
}

function refused(words: string): AppError {
  return new AppError("SQL_REFUSED", words);
}

/** The key of a request: the password of Basic, or the header that ClickHouse's clients use; the user's name says nothing here. */
export function keyOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const own = headers["x-clickhouse-key"];
  if (typeof own === "string" && own !== "") return own;
  const [scheme, token] = String(headers.authorization ?? "").split(" ");
  if (token === undefined) return undefined;
  if (/^bearer$/i.test(scheme ?? "")) return token;
  if (!/^basic$/i.test(scheme ?? "")) return undefined;
  const text = Buffer.from(token, "base64").toString("utf8");
  const cut = text.indexOf(":");
  return cut === -1 ? undefined : text.slice(cut + 1);
}
