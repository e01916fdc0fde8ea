// Compiles expressions to functions over one event. No clock, no state; absent fields make a leaf false (R3).
import ipaddr from "ipaddr.js";
import { RE2JS } from "re2js";
import { type Event, type FieldValue, fieldOf } from "../../../core/event.ts";
import {
  type DatePart,
  type Expr,
  type GlobPart,
  holds,
  type ListLookup,
  type Test,
} from "../plan.ts";
import { compileGlob } from "../read/glob.ts";

export type Match = (event: Event, lists?: ListLookup) => boolean;
type TestValue = (
  value: FieldValue | undefined,
  event: Event | undefined,
  lists: ListLookup | undefined,
) => boolean;

/** A function that says whether an event meets the expression. */
export function compileExpr(expr: Expr): Match {
  switch (expr.kind) {
    case "leaf": {
      const { field } = expr;
      const test = compileTest(expr.test);
      return (event, lists) => test(fieldOf(event, field), event, lists);
    }
    case "keyword":
      return compileKeyword(expr.glob, expr.cased);
    case "not": {
      const of = compileExpr(expr.of);
      return (event, lists) => !of(event, lists);
    }
    case "and": {
      const of = expr.of.map(compileExpr);
      return (event, lists) => of.every((part) => part(event, lists));
    }
    case "or":
      return compileWordList(expr.of) ?? compileAny(expr.of.map(compileExpr));
  }
}

function compileAny(of: readonly Match[]): Match {
  return (event, lists) => of.some((part) => part(event, lists));
}

/** R13. */
function compileKeyword(glob: readonly GlobPart[], cased: boolean): Match {
  const fits = compileGlob(glob, cased);
  return (event) => Object.values(event).some((value) => typeof value === "string" && fits(value));
}

/** A long list of plain words on one field is one look-up. */
function compileWordList(of: readonly Expr[]): Match | undefined {
  const words = new Set<string>();
  let field: string | undefined;
  for (const part of of) {
    if (part.kind !== "leaf" || part.test.op !== "is" || part.test.cased) return undefined;
    if (typeof part.test.value !== "string" || (field ?? part.field) !== part.field) {
      return undefined;
    }
    field = part.field;
    words.add(part.test.value.toLowerCase());
  }
  if (field === undefined) return undefined;
  const name = field;
  return (event) => {
    const value = fieldOf(event, name);
    if (value === undefined || typeof value === "boolean") return false;
    return words.has(String(value).toLowerCase());
  };
}

/** One leaf's test over a value (undefined = absent). Fieldref also needs the event. */
export function compileTest(test: Test): TestValue {
  switch (test.op) {
    case "is":
      return compileIs(test.value, test.cased);
    case "like": {
      const fits = compileGlob(test.glob, test.cased);
      return (value) => typeof value === "string" && fits(value);
    }
    case "null":
      return (value) => value === undefined;
    case "exists":
      return (value) => (value !== undefined) === test.present;
    case "compare":
      return (value) => typeof value === "number" && holds(value, test.compare, test.value);
    case "re":
      return compileRegex(test.source, test.flags);
    case "cidr":
      return compileRange(test.range);
    case "field":
      return compileFieldref(test.other, test.how);
    case "list":
      return (value, event, lists) =>
        value !== undefined &&
        typeof value !== "boolean" &&
        event !== undefined &&
        lists?.(test.list, String(value), event.ts) === true;
    case "part": {
      const compare = test.compare === "is" ? "eq" : test.compare;
      return (value) => {
        const part = typeof value === "string" ? datePart(value, test.part) : undefined;
        return part !== undefined && holds(part, compare, test.value);
      };
    }
  }
}

/** Numbers and text are equal by canonical decimal text; booleans equal only booleans (R10, R11). */
function compileIs(wanted: FieldValue, cased: boolean): TestValue {
  if (typeof wanted === "boolean") return (value) => value === wanted;
  const text = String(wanted);
  const folded = cased ? text : text.toLowerCase();
  return (value) => {
    if (value === undefined || typeof value === "boolean") return false;
    if (typeof value === "number") return String(value) === text;
    return value === folded || (!cased && value.toLowerCase() === folded);
  };
}

function compileRegex(source: string, flags: string): TestValue {
  let bits = 0;
  if (flags.includes("i")) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes("m")) bits |= RE2JS.MULTILINE;
  if (flags.includes("s")) bits |= RE2JS.DOTALL;
  const pattern = RE2JS.compile(source, bits);
  return (value) => typeof value === "string" && pattern.matcher(value).find();
}

function compileRange(range: string): TestValue {
  const wanted = ipaddr.parseCIDR(range);
  return (value) => {
    const address = typeof value === "string" ? parseAddress(value) : undefined;
    return address?.kind() === wanted[0].kind() && address.match(wanted);
  };
}

/** An address written out whole; "10.1" and "12" are none (R30). A mapped one becomes IPv4. */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  return ipaddr.process(text);
}

function compileFieldref(other: string, how: (Test & { op: "field" })["how"]): TestValue {
  const compare = (value: FieldValue, second: FieldValue): boolean => {
    if (how === "is") return compileIs(second, false)(value, undefined, undefined);
    if (how === "contains" || how === "startswith" || how === "endswith") {
      return relate(how, value, second);
    }
    return typeof value === "number" && typeof second === "number" && holds(value, how, second);
  };
  return (value, event) => {
    const second = event === undefined ? undefined : fieldOf(event, other);
    return value !== undefined && second !== undefined && compare(value, second);
  };
}

function relate(
  how: "contains" | "startswith" | "endswith",
  value: FieldValue,
  piece: FieldValue,
): boolean {
  if (typeof value !== "string" || typeof piece !== "string") return false;
  const text = value.toLowerCase();
  if (how === "contains") return text.includes(piece.toLowerCase());
  return how === "startswith"
    ? text.startsWith(piece.toLowerCase())
    : text.endsWith(piece.toLowerCase());
}

/** A part of a wall clock such as `2026-11-25T10:00:00.000`; `week` is the ISO week, 1-53. */
function datePart(local: string, part: DatePart): number | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})/.exec(local);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0] = match.slice(1).map(Number);
  if (part === "week") return isoWeek(Date.UTC(year, month - 1, day));
  return { year, month, day, hour, minute }[part];
}

const DAY_MS = 86_400_000;

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(dayMs: number): number {
  const weekday = (new Date(dayMs).getUTCDay() + 6) % 7;
  const thursday = dayMs + (3 - weekday) * DAY_MS;
  const firstDay = Date.UTC(new Date(thursday).getUTCFullYear(), 0, 1);
  return Math.floor((thursday - firstDay) / DAY_MS / 7) + 1;
}
