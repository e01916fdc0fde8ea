// Does an event meet an expression? Written from the language's text in the plainest way, for tests.
import type { Event, FieldValue } from "../../../core/event.ts";
import type { Expr, GlobPart, ListLookup, Test } from "../plan.ts";

type Fields = Record<string, FieldValue | undefined>;
const fieldsOf = (event: Event) => event as unknown as Fields;

/** 1,000 characters at most: the pattern is tried at every place. Regular expressions are JavaScript's own. */
export function meetsBrute(expr: Expr, event: Event, lists?: ListLookup): boolean {
  switch (expr.kind) {
    case "not":
      return !meetsBrute(expr.of, event, lists);
    case "and":
      return expr.of.every((part) => meetsBrute(part, event, lists));
    case "or":
      return expr.of.some((part) => meetsBrute(part, event, lists));
    case "keyword":
      return Object.values(fieldsOf(event)).some(
        (value) => typeof value === "string" && fits(value, expr.glob, expr.cased),
      );
    case "leaf":
      return leaf(expr.field, expr.test, { event, lists });
  }
}

function leaf(
  field: string,
  test: Test,
  { event, lists }: { event: Event; lists: ListLookup | undefined },
): boolean {
  const value = fieldsOf(event)[field];
  if (value === undefined) {
    return test.op === "null" || (test.op === "exists" && !test.present);
  }
  switch (test.op) {
    case "exists":
      return test.present;
    case "null":
      return false;
    case "is":
      return same(value, test.value, test.cased);
    case "like":
      return typeof value === "string" && fits(value, test.glob, test.cased);
    case "compare":
      return typeof value === "number" && compare(value, test.compare, test.value);
    case "re":
      return typeof value === "string" && regex(test.source, test.flags).test(value);
    case "cidr":
      return typeof value === "string" && inRange(value, test.range);
    case "field":
      return pair(value, fieldsOf(event)[test.other], test.how);
    case "part":
      return typeof value === "string" && part(value, test);
    case "list":
      return lists?.(test.list, String(value), event.ts) === true;
  }
}

function same(a: FieldValue, b: FieldValue, cased: boolean): boolean {
  if (typeof a === "boolean" || typeof b === "boolean") return a === b;
  return cased ? String(a) === String(b) : String(a).toLowerCase() === String(b).toLowerCase();
}

function compare(a: number, how: "lt" | "lte" | "gt" | "gte", b: number): boolean {
  if (how === "lt") return a < b;
  if (how === "lte") return a <= b;
  return how === "gt" ? a > b : a >= b;
}

/** Every way to read the pattern, piece by piece. `ends`: places in the text where the pieces so far can end. */
function fits(text: string, glob: readonly GlobPart[], cased: boolean): boolean {
  const fold = (of: string) => [...(cased ? of : of.toLowerCase())];
  const points = fold(text);
  const units = glob.flatMap((piece): GlobPart[] =>
    typeof piece === "string" ? fold(piece) : [piece],
  );
  let ends = new Set([0]);
  for (const unit of units) ends = new Set([...ends].flatMap((at) => endsOf(unit, points, at)));
  return ends.has(points.length);
}

function endsOf(unit: GlobPart, points: readonly string[], at: number): number[] {
  if (typeof unit === "string") return points[at] === unit ? [at + 1] : [];
  if (unit.wild === "?") return at < points.length ? [at + 1] : [];
  return Array.from({ length: points.length - at + 1 }, (_, i) => at + i);
}

function regex(source: string, flags: string): RegExp {
  const folded = source.startsWith("(?i)");
  const own = folded ? source.slice(4) : source;
  return new RegExp(own, `${flags.replace("i", "")}${folded || flags.includes("i") ? "i" : ""}u`);
}

/** IPv4 only, also inside IPv6. */
function inRange(value: string, range: string): boolean {
  const number = (ip: string): number | undefined => {
    const parts = ip
      .toLowerCase()
      .replace(/^::ffff:/, "")
      .split(".");
    if (parts.length !== 4 || !parts.every((one) => /^(0|[1-9]\d{0,2})$/.test(one)))
      return undefined;
    const numbers = parts.map(Number);
    if (numbers.some((one) => one > 255)) return undefined;
    return numbers.reduce((all, one) => all * 256 + one, 0);
  };
  const [net = "", bits = "32"] = range.split("/");
  const size = 2 ** (32 - Number(bits));
  const [a, b] = [number(value), number(net)];
  return a !== undefined && b !== undefined && Math.floor(a / size) === Math.floor(b / size);
}

function pair(
  a: FieldValue,
  b: FieldValue | undefined,
  how: (Test & { op: "field" })["how"],
): boolean {
  if (b === undefined) return false;
  if (how === "is") return same(a, b, false);
  if (how === "lt" || how === "lte" || how === "gt" || how === "gte") {
    return typeof a === "number" && typeof b === "number" && compare(a, how, b);
  }
  if (typeof a !== "string" || typeof b !== "string") return false;
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  if (how === "contains") return x.indexOf(y) >= 0;
  return how === "startswith" ? x.slice(0, y.length) === y : y === "" || x.slice(-y.length) === y;
}

function part(value: string, test: Test & { op: "part" }): boolean {
  const when = new Date(`${value}Z`);
  if (Number.isNaN(when.getTime())) return false;
  const number = {
    year: when.getUTCFullYear(),
    month: when.getUTCMonth() + 1,
    day: when.getUTCDate(),
    hour: when.getUTCHours(),
    minute: when.getUTCMinutes(),
    week: isoWeek(when),
  }[test.part];
  return test.compare === "is" ? number === test.value : compare(number, test.compare, test.value);
}

/** Counted: weeks begin on Monday, the first has the year's first Thursday. */
function isoWeek(when: Date): number {
  const thursday = new Date(when);
  thursday.setUTCDate(when.getUTCDate() - ((when.getUTCDay() + 6) % 7) + 3);
  let week = 1;
  for (const day = new Date(thursday); ; week += 1) {
    day.setUTCDate(day.getUTCDate() - 7);
    if (day.getUTCFullYear() !== thursday.getUTCFullYear()) return week;
  }
}
