// What the engine is asked about a Parquet file. Pure: columns come as the engine describes them.
import { quote } from "./connect/embedded/quote.ts";

export type Column = { name: string; type: string };

export const describeSql = (path: string) => `DESCRIBE file(${quote(path)}, Parquet)`;

/**
 * `texts`: every cell as people write it: times with their zone as ISO 8601, without one as the wall clock, decimals as
 * they stand. `events`: our own events, times as UTC milliseconds. Rows come in the file's order.
 */
export function rowsSql(path: string, columns: readonly Column[], as: "texts" | "events"): string {
  const cell = as === "texts" ? textOf : fieldOf;
  const list = columns.map((column) => `${cell(column)} AS ${identifier(column.name)}`);
  return `SELECT ${list.join(", ")} FROM file(${quote(path)}, Parquet)
SETTINGS input_format_parquet_preserve_order = 1, output_format_json_quote_64bit_integers = 0,
  output_format_json_quote_denormals = 1, output_format_decimal_trailing_zeros = 1`;
}

const TIME = /\bDateTime(?:64)?\b/;

function textOf({ name, type }: Column): string {
  const column = identifier(name);
  if (!TIME.test(type) || /Array|Map|Tuple/.test(type)) return `toString(${column})`;
  // The engine names the zone of a time that Parquet calls an instant; one without is a wall clock.
  if (!type.includes("UTC")) return `formatDateTime(${column}, '%Y-%m-%d %H:%i:%S')`;
  return `concat(replaceOne(toString(toDateTime64(${column}, 3, 'UTC')), ' ', 'T'), 'Z')`;
}

function fieldOf({ name, type }: Column): string {
  const column = identifier(name);
  if (!TIME.test(type) || /Array|Map|Tuple/.test(type)) return column;
  return `toUnixTimestamp64Milli(toDateTime64(${column}, 3, 'UTC'))`;
}

function identifier(name: string): string {
  return `\`${name.replaceAll("\\", "\\\\").replaceAll("`", "\\`")}\``;
}
