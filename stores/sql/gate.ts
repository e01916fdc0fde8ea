// What of an analyst's SQL may run. The engine's own formatter has read it first (one statement, no comments, one way of
// quoting), and what is judged here is what runs. Three more fences stand behind: the row filter, the grants, read-only.
import { AppError } from "../../core/errors.ts";
import type { Token } from "./tokens.ts";
import { tokensOf } from "./tokens.ts";

/** A statement that may run; `format` is what its FORMAT clause asked for, which is no part of `sql` any more. */
export type Judged = { sql: string; format: string | null };

/** Lower case. `sources`: table functions, refused in front of a bracket. `functions`: refused wherever they stand, for `arrayMap(file, …)` and `APPLY file` call them without one. */
export type Denied = { sources: ReadonlySet<string>; functions: ReadonlySet<string> };

/** Table functions that read nothing but their own arguments. */
export const HARMLESS_SOURCES = [
  ...["numbers", "numbers_mt", "zeros", "zeros_mt", "generateSeries", "generate_series"],
  ...["values", "null", "primes", "format"],
] as const;

/** Functions that look at the machine, other hosts, other tables or the clock of others. Categories that reach further come from the engine's own list. */
export const DENIED_FUNCTIONS = [
  ...["file", "joinGet", "joinGetOrNull", "catboostEvaluate", "hasColumnInTable", "eval"],
  ...["getServerSetting", "getServerPort", "tcpPort", "getMacro", "getClientHTTPHeader"],
  ...["filesystemAvailable", "filesystemCapacity", "filesystemUnreserved", "showCertificate"],
  ...["hostName", "hostname", "fqdn", "fullHostName", "serverUUID", "getOSKernelVersion"],
  ...["sleep", "sleepEachRow", "generateSerialID", "zookeeperSessionUptime", "fuzzQuery"],
  ...["hasThreadFuzzer", "transactionID", "transactionLatestSnapshot", "transactionOldestSnapshot"],
  "logTrace",
] as const;

export const DENIED_CATEGORIES = [
  ...["Dictionary", "Embedded Dictionary", "AI", "Machine Learning", "Introspection", "Internal"],
] as const;

/** Of the engine's own tables: names and sizes of tables, never rows or others' statements. */
const OPEN_SYSTEM_TABLES = new Set([
  ...["databases", "tables", "columns", "functions", "settings", "one", "numbers"],
  ...["data_type_families", "formats"],
]);

const FIRST_WORDS = new Set(["SELECT", "WITH", "DESCRIBE", "EXISTS", "EXPLAIN", "SHOW"]);
const SHOWN = new Set(["TABLES", "COLUMNS", "CREATE", "DATABASES", "FULL"]);
const EXPLAINED = new Set(["SELECT", "WITH", "PLAN", "PIPELINE", "SYNTAX", "AST", "QUERY"]);
/** As the formatter writes keywords; the same word in lower case is somebody's name, such as `system.settings`. */
const NOWHERE = new Map([
  ["SETTINGS", "settings are the service's; leave SETTINGS out"],
  ["INTO", "only reading is allowed"],
  ["OUTFILE", "only reading is allowed"],
  ["INFILE", "only reading is allowed"],
  ["PARALLEL", "one statement at a time"],
]);

/** In: what `formatQuerySingleLine` made of the statement. Throws SQL_REFUSED with the reason. */
export function judgeSql(formatted: string, denied: Denied): Judged {
  const tokens = tokensOf(formatted);
  const format = formatOf(tokens);
  const judged = format === null ? tokens : tokens.slice(0, -2);
  refuseOtherStatements(judged);
  for (const [nth, token] of judged.entries()) {
    if (token.kind === "name") refuseName(judged, nth, denied);
  }
  const end = format === null ? formatted.length : (tokens.at(-2)?.at ?? 0);
  return { sql: formatted.slice(0, end).trim(), format };
}

function formatOf(tokens: readonly Token[]): string | null {
  const [word, name] = tokens.slice(-2);
  if (word?.kind !== "name" || name?.kind !== "name") return null;
  return word.text === "FORMAT" ? name.text : null;
}

function refuseOtherStatements(tokens: readonly Token[]): void {
  const [first, second] = tokens.map(({ text }) => text.toUpperCase());
  if (first === undefined || !FIRST_WORDS.has(first)) {
    throw refused("only SELECT, WITH, DESCRIBE, EXISTS, EXPLAIN and SHOW are read here");
  }
  if (first === "SHOW" && !SHOWN.has(second ?? "")) {
    throw refused("only SHOW TABLES, COLUMNS, DATABASES and CREATE TABLE are shown");
  }
  if (first === "EXPLAIN" && !EXPLAINED.has(second ?? "")) {
    throw refused("only EXPLAIN PLAN, PIPELINE, SYNTAX, AST and QUERY TREE of a SELECT");
  }
}

function refuseName(tokens: readonly Token[], nth: number, denied: Denied): void {
  const name = tokens[nth]?.text ?? "";
  const lower = name.toLowerCase();
  const next = tokens[nth + 1]?.text;
  const why = NOWHERE.get(name);
  if (why !== undefined) throw refused(why);
  if (lower === "identifier" && tokens[nth - 1]?.text === ":") {
    throw refused("a parameter may be a value, not a name");
  }
  if (lower.startsWith("__") || denied.functions.has(lower)) {
    throw refused(`${name} is not available; as a column's name choose another`);
  }
  if (next === "(" && denied.sources.has(lower)) throw refused(`${name}() is not available`);
  if (lower !== "system" || next !== ".") return;
  const table = tokens[nth + 2]?.text ?? "";
  if (!OPEN_SYSTEM_TABLES.has(table)) throw refused(`system.${table} is not available`);
}

function refused(why: string): AppError {
  return new AppError("SQL_REFUSED", `The statement was not run: ${why}.`);
}
