// Turns one line of a selection, `field|modifiers: values`, into leaves.
import ipaddr from "ipaddr.js";
import { RE2JS } from "re2js";
import { FIELD_SPECS, type FieldKind } from "../../../core/event-fields.ts";
import type { Compare, DatePart, Expr, Test } from "../plan.ts";
import { didYouMean } from "./fault.ts";
import { parseGlob, plainText, widen } from "./glob.ts";
import { isSeq, itemsOf, type Source, scalarOf } from "./yaml-source.ts";

const TEXT = ["contains", "startswith", "endswith"];
const COMPARE = ["lt", "lte", "gt", "gte"];
const PARTS = ["minute", "hour", "day", "week", "month", "year"];
const LONG_NAMES: Readonly<Record<string, string>> = {
  ignorecase: "i",
  multiline: "m",
  dotall: "s",
};
const KNOWN = [
  ...[...TEXT, ...COMPARE, ...PARTS, "all", "cased", "exists", "neq", "re", "i", "m", "s"],
  ...["cidr", "fieldref", ...Object.keys(LONG_NAMES)],
];
const NOT_YET = ["expand", "windash", "base64", "base64offset"].concat(
  ...["utf16le", "wide", "utf16be", "utf16"],
);
/** Known only to us or only after the fact: two runs over the same events would differ. */
const UNREADABLE = ["received_ts", "is_late", "merchant_id", "event_id"];

type Value = string | number | boolean | null;
/** One line of a selection while it is read. */
type Line = {
  source: Source;
  at: unknown;
  field: string;
  kind: FieldKind;
  modifiers: string[];
};

/** Expression of one line, or undefined after a fault. */
export function parseLine(
  source: Source,
  key: { text: string; node: unknown },
  values: unknown,
): Expr | undefined {
  const [field = "", ...names] = key.text.split("|");
  const modifiers = names.map((name) => LONG_NAMES[name] ?? name);
  const spec = fieldSpec(source, field, key.node);
  if (spec === undefined || !modifiersFit(source, modifiers, key.node)) return undefined;
  const line: Line = { source, at: key.node, field, kind: spec.kind, modifiers };
  const read = readValues(line, values);
  if (read.length === 0) return undefined;
  const leaves = read.flatMap(({ value, node }) => {
    const test = parseTest(line, value, node);
    return test === undefined ? [] : [{ kind: "leaf", field, test } satisfies Expr];
  });
  if (leaves.length !== read.length || leaves[0] === undefined) return undefined;
  const kind = modifiers.includes("all") ? "and" : "or";
  const joined: Expr = leaves.length === 1 ? leaves[0] : { kind, of: leaves };
  return modifiers.includes("neq") ? { kind: "not", of: joined } : joined;
}

function fieldSpec(source: Source, field: string, node: unknown): { kind: FieldKind } | undefined {
  if (field === "") {
    source.fault(node, "Keyword searches are not used here; name the field.");
    return undefined;
  }
  if (UNREADABLE.includes(field)) {
    source.fault(node, `A rule may not read "${field}": it says nothing about what happened.`);
    return undefined;
  }
  const spec = FIELD_SPECS.get(field);
  if (spec === undefined) {
    const hint = didYouMean(field, FIELD_SPECS.keys());
    source.fault(node, `There is no field "${field}".${hint} Fields are listed in docs/events.md.`);
  }
  return spec;
}

function modifiersFit(source: Source, modifiers: readonly string[], node: unknown): boolean {
  for (const name of modifiers) {
    if (NOT_YET.includes(name)) {
      source.fault(node, `The modifier "${name}" is Sigma, but it is not built here yet.`);
      return false;
    }
    if (!KNOWN.includes(name)) {
      source.fault(node, `There is no modifier "${name}".${didYouMean(name, KNOWN)}`);
      return false;
    }
  }
  const wrong = orderFault(modifiers);
  if (wrong !== undefined) source.fault(node, wrong);
  return wrong === undefined;
}

/** What each modifier may stand beside. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  contains: ["all", "cased", "neq", "fieldref"],
  startswith: ["all", "cased", "neq", "fieldref"],
  endswith: ["all", "cased", "neq", "fieldref"],
  re: ["i", "m", "s", "all", "neq"],
  cidr: ["neq", "all"],
  exists: [],
  ...Object.fromEntries(PARTS.map((part) => [part, [...COMPARE, "neq"]])),
  ...Object.fromEntries(COMPARE.map((name) => [name, [...PARTS, "fieldref"]])),
};

function orderFault(modifiers: readonly string[]): string | undefined {
  if (new Set(modifiers).size !== modifiers.length) return "A modifier is named twice.";
  if (modifiers.includes("all") && modifiers.at(-1) !== "all") {
    return `"all" must be the last modifier.`;
  }
  if (modifiers.some((name) => "ims".includes(name)) && !modifiers.includes("re")) {
    return `"i", "m" and "s" only follow "re".`;
  }
  for (const name of modifiers) {
    const beside = BESIDE[name];
    const foe = modifiers.find((other) => other !== name && beside?.includes(other) === false);
    if (beside !== undefined && foe !== undefined) {
      return `"${name}" cannot be combined with "${foe}".`;
    }
  }
  return undefined;
}

function readValues(line: Line, node: unknown): { value: Value; node: unknown }[] {
  const { source, field, modifiers } = line;
  const nodes = isSeq(node) ? itemsOf(source, node, `"${field}"`) : [node];
  const values = nodes.map((item) => ({
    value: scalarOf(source, item, `A value of "${field}"`),
    node: item,
  }));
  const read = values.flatMap((item) =>
    item.value === undefined ? [] : [{ value: item.value, node: item.node }],
  );
  if (modifiers.includes("all") && read.length < 2) {
    source.fault(line.at, `"all" needs at least two values.`);
    return [];
  }
  return read.length === values.length ? read : [];
}

function parseTest(line: Line, value: Value, node: unknown): Test | undefined {
  const fault = (message: string) => {
    line.source.fault(node, message);
    return undefined;
  };
  const has = (name: string) => line.modifiers.includes(name);
  if (has("fieldref")) return parseFieldref(line, value, fault);
  if (has("exists")) {
    if (typeof value !== "boolean") return fault(`"exists" takes true or false.`);
    return { op: "exists", present: value };
  }
  if (value === null) {
    return line.modifiers.length === 0 || line.modifiers.join() === "neq"
      ? { op: "null" }
      : fault("null cannot be used with this modifier.");
  }
  if (has("re")) return parseRegex(line, value, fault);
  if (has("cidr")) return parseRange(line, value, fault);
  const part = line.modifiers.find((name) => PARTS.includes(name)) as DatePart | undefined;
  const compare = line.modifiers.find((name) => COMPARE.includes(name)) as Compare | undefined;
  if (part !== undefined || compare !== undefined) {
    return parseNumber(line, value, { part, compare, fault });
  }
  return parseEquality(line, value, fault);
}

type Fault = (message: string) => undefined;

function parseFieldref(line: Line, value: Value, fault: Fault): Test | undefined {
  const spec = typeof value === "string" ? FIELD_SPECS.get(value) : undefined;
  if (spec === undefined) {
    const hint = didYouMean(String(value), FIELD_SPECS.keys());
    return fault(`"fieldref" names no field that exists: "${value}".${hint}`);
  }
  const how = line.modifiers.find((name) => [...TEXT, ...COMPARE].includes(name)) ?? "is";
  return { op: "field", other: String(value), how: how as "is" };
}

function parseRegex(line: Line, value: Value, fault: Fault): Test | undefined {
  if (typeof value !== "string" || value.length > 1000) {
    return fault("A regular expression is text of at most 1,000 characters.");
  }
  if (line.kind !== "s" && line.kind !== "l") return fault(`"re" needs a text field.`);
  if (/\(\?(?!:)/.test(value.replace(/^\(\?i\)/, ""))) {
    return fault("Look-around, named groups and inline flags are not read (only a leading (?i)).");
  }
  try {
    RE2JS.compile(value);
  } catch {
    return fault("The regular expression is not in the linear-time subset (RE2 syntax).");
  }
  const flags = ["i", "m", "s"].filter((flag) => line.modifiers.includes(flag)).join("");
  return { op: "re", source: value, flags };
}

function parseRange(line: Line, value: Value, fault: Fault): Test | undefined {
  if (line.kind !== "s") return fault(`"cidr" needs a text field such as ip.`);
  if (typeof value !== "string" || !ipaddr.isValidCIDR(value)) {
    return fault(`"${value}" is not an address range such as 198.51.100.0/24.`);
  }
  return { op: "cidr", range: value };
}

function parseNumber(
  line: Line,
  value: Value,
  by: { part: DatePart | undefined; compare: Compare | undefined; fault: Fault },
): Test | undefined {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) {
    return by.fault("Comparisons take whole numbers (money in minor units, time in ms).");
  }
  if (by.part !== undefined) {
    if (line.kind !== "l") {
      return by.fault(`"${by.part}" needs a local-time field; use ts_local instead.`);
    }
    return { op: "part", part: by.part, compare: by.compare ?? "is", value };
  }
  if (["s", "l", "b"].includes(line.kind)) {
    return by.fault(`"${line.field}" is not a number, so "${by.compare}" never matches.`);
  }
  return { op: "compare", compare: by.compare ?? "gte", value };
}

function parseEquality(line: Line, value: Value, fault: Fault): Test | undefined {
  const cased = line.modifiers.includes("cased");
  const how = line.modifiers.find((name) => TEXT.includes(name));
  if (line.kind === "b") {
    if (typeof value !== "boolean") return fault(`"${line.field}" is true or false.`);
    return { op: "is", value, cased };
  }
  if (typeof value === "boolean") return fault(`"${line.field}" is never true or false.`);
  if (line.kind !== "s" && line.kind !== "l") {
    if (how !== undefined) return fault(`"${how}" needs a text field.`);
    if (typeof value !== "number" || !Number.isFinite(value)) {
      return fault(`"${line.field}" is a number; write one without quotes.`);
    }
    return { op: "is", value, cased };
  }
  const glob = parseGlob(String(value));
  const plain = plainText(glob);
  if (how !== undefined) return { op: "like", glob: widen(glob, how), cased };
  return plain === undefined ? { op: "like", glob, cased } : { op: "is", value: plain, cased };
}
