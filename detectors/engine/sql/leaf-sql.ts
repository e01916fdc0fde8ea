// One leaf as SQL. Every leaf is 0 or 1, never NULL (R3); folding is lowerUTF8, which equals toLowerCase (R10).
import type { Compare, DatePart, Expr, GlobPart, Test } from "../plan.ts";
import type { Binder } from "./bind.ts";
import type { Column, Columns } from "./columns.ts";

/** An entry of a merchant's list; `until` null = no end. Times are UTC ms, from included, until not. */
export type ListEntry = { value: string; from: number; until: number | null };
export type Lists = ReadonlyMap<string, readonly ListEntry[]>;

export type LeafContext = { columns: Columns; binder: Binder; lists: Lists };

const SIGNS: Readonly<Record<Compare, string>> = { lt: "<", lte: "<=", gt: ">", gte: ">=" };

/** 1 where the event meets the expression, else 0. */
export function exprSql(expr: Expr, context: LeafContext): string {
  switch (expr.kind) {
    case "leaf":
      return leafSql(expr.field, expr.test, context);
    case "keyword": {
      const { anyText } = context.columns;
      if (anyText === null) throw new TypeError("keywords are not read in this table");
      const pattern = patternOf(expr.glob, expr.cased, context.binder);
      return anyText((value) => `${expr.cased ? value : `lowerUTF8(${value})`} LIKE ${pattern}`);
    }
    case "not":
      return `(NOT ${exprSql(expr.of, context)})`;
    case "and":
    case "or":
      return joined(expr, context);
  }
}

function joined(expr: Expr & { kind: "and" | "or" }, context: LeafContext): string {
  if (expr.of.length === 0) return expr.kind === "and" ? "1" : "0";
  const words = expr.kind === "or" ? wordList(expr.of) : undefined;
  if (words !== undefined) {
    const list = context.binder.bind(words.values, "Array(String)");
    return context.columns.column(words.field).someFolded((value) => `has(${list}, ${value})`);
  }
  const parts = expr.of.map((part) => exprSql(part, context));
  return `(${parts.join(expr.kind === "and" ? " AND " : " OR ")})`;
}

/** A list of plain words on one field is one look-up. */
function wordList(of: readonly Expr[]): { field: string; values: string[] } | undefined {
  const values: string[] = [];
  let field: string | undefined;
  for (const part of of) {
    if (part.kind !== "leaf" || part.test.op !== "is" || part.test.cased) return undefined;
    if (typeof part.test.value !== "string" || (field ?? part.field) !== part.field) {
      return undefined;
    }
    field = part.field;
    values.push(part.test.value.toLowerCase());
  }
  return field === undefined || values.length < 2 ? undefined : { field, values };
}

function leafSql(field: string, test: Test, context: LeafContext): string {
  const { binder } = context;
  const column = context.columns.column(field);
  switch (test.op) {
    case "is":
      return isSql(column, test, context);
    case "like":
      return test.cased
        ? column.some("text", (value) => `${value} LIKE ${patternOf(test.glob, true, binder)}`)
        : column.someFolded((value) => `${value} LIKE ${patternOf(test.glob, false, binder)}`);
    case "null":
      return `(NOT ${column.present})`;
    case "exists":
      return test.present ? column.present : `(NOT ${column.present})`;
    case "compare": {
      const bound = binder.bind(test.value, Number.isSafeInteger(test.value) ? "Int64" : "Float64");
      return column.some("number", (value) => `${value} ${SIGNS[test.compare]} ${bound}`);
    }
    case "re": {
      const pattern = binder.bind(regexText(test), "String");
      return column.some("text", (value) => `match(${value}, ${pattern})`);
    }
    case "cidr":
      return column.some("text", (value) => cidrSql(value, test.range, binder));
    case "field":
      return fieldSql(column, context.columns.column(test.other), test.how);
    case "part":
      return column.some("text", (value) => partSql(value, test, binder));
    case "list":
      return listSql(column, test.list, context);
  }
}

/** Numbers and text are equal by canonical decimal text; in our own events booleans equal only booleans (R11). */
function isSql(column: Column, test: Test & { op: "is" }, context: LeafContext): string {
  const { value: wanted, cased } = test;
  if (typeof wanted === "boolean" && !context.columns.boolsAreText) {
    return column.some("bool", (value) => `${value} = ${wanted ? 1 : 0}`);
  }
  const own = String(wanted);
  const text = context.binder.bind(cased ? own : own.toLowerCase(), "String");
  return cased
    ? column.some("text", (value) => `${value} = ${text}`)
    : column.someFolded((value) => `${value} = ${text}`);
}

/** `_` is one code point and `%` crosses newlines, as `?` and `*` do. */
function patternOf(glob: readonly GlobPart[], cased: boolean, binder: Binder): string {
  const fold = (text: string) => (cased ? text : text.toLowerCase());
  const pattern = glob
    .map((part) => {
      if (typeof part === "string") return fold(part).replace(/[\\%_]/g, "\\$&");
      return part.wild === "*" ? "%" : "_";
    })
    .join("");
  return binder.bind(pattern, "String");
}

/** ClickHouse lets the dot cross newlines unless told; RE2 and the rules do not. */
function regexText({ source, flags }: { source: string; flags: string }): string {
  const on = ["i", "m", "s"].filter((flag) => flags.includes(flag)).join("");
  return `(?${on}${flags.includes("s") ? "" : "-s"})${source}`;
}

const FOUR_PARTS = "'^(?:0|[1-9][0-9]*)(?:\\\\.(?:0|[1-9][0-9]*)){3}$'";

/** isIPAddressInRange throws on what is no address and is false for IPv4 inside IPv6: both are mended first. */
function cidrSql(value: string, range: string, binder: Binder): string {
  const bound = binder.bind(range, "String");
  if (range.includes(":")) {
    return `(isIPv6String(${value}) AND NOT match(lowerUTF8(${value}), '^::ffff:[0-9.]+$') AND isIPAddressInRange(if(isIPv6String(${value}), ${value}, '::'), ${bound}))`;
  }
  const plain = `replaceRegexpOne(lowerUTF8(${value}), '^::ffff:', '')`;
  const isIp = `(match(${plain}, ${FOUR_PARTS}) AND isIPv4String(${plain}))`;
  return `(${isIp} AND isIPAddressInRange(if(${isIp}, ${plain}, '0.0.0.0'), ${bound}))`;
}

function fieldSql(column: Column, other: Column, how: (Test & { op: "field" })["how"]): string {
  const pair = (type: "text" | "number" | "bool", test: (a: string, b: string) => string) =>
    column.some(type, (a) => other.some(type, (b) => test(a, b)));
  switch (how) {
    case "is":
      return `(${pair("text", (a, b) => `lowerUTF8(${a}) = lowerUTF8(${b})`)} OR ${pair("bool", (a, b) => `${a} = ${b}`)})`;
    case "contains":
      return pair("text", (a, b) => `position(lowerUTF8(${a}), lowerUTF8(${b})) > 0`);
    case "startswith":
    case "endswith": {
      const name = how === "startswith" ? "startsWith" : "endsWith";
      return pair("text", (a, b) => `${name}(lowerUTF8(${a}), lowerUTF8(${b}))`);
    }
    default:
      return pair("number", (a, b) => `${a} ${SIGNS[how]} ${b}`);
  }
}

const PARTS: Readonly<Record<Exclude<DatePart, "week">, [number, number]>> = {
  year: [1, 4],
  month: [6, 2],
  day: [9, 2],
  hour: [12, 2],
  minute: [15, 2],
};
const WALL = "'^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}'";

/** A part of a wall clock such as `2026-11-25T10:00:00.000`. */
function partSql(value: string, test: Test & { op: "part" }, binder: Binder): string {
  const sign = test.compare === "is" ? "=" : SIGNS[test.compare];
  const bound = binder.bind(test.value, "Int64");
  const number =
    test.part === "week"
      ? `toISOWeek(toDate32OrZero(substring(${value}, 1, 10)))`
      : `toInt64OrZero(substring(${value}, ${PARTS[test.part].join(", ")}))`;
  return `(match(${value}, ${WALL}) AND ${number} ${sign} ${bound})`;
}

/** Membership as of the event's own time (R20). */
function listSql(column: Column, name: string, { lists, binder, columns }: LeafContext): string {
  const entries = lists.get(name) ?? [];
  if (entries.length === 0) return "0";
  const values = binder.bind(
    entries.map(({ value }) => value.toLowerCase()),
    "Array(String)",
  );
  const from = binder.bind(
    entries.map((entry) => entry.from),
    "Array(Int64)",
  );
  const until = binder.bind(
    entries.map((entry) => entry.until ?? Number.MAX_SAFE_INTEGER),
    "Array(Int64)",
  );
  const { ts } = columns;
  return column.some(
    "text",
    (value) =>
      `arrayExists((v, f, u) -> v = lowerUTF8(${value}) AND f <= ${ts} AND ${ts} < u, ${values}, ${from}, ${until})`,
  );
}
