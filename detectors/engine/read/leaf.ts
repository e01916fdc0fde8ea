// Turns one line of a selection, `field|modifiers: values`, into leaves.
import ipaddr from "ipaddr.js";
import { parseAddress } from "../live/match.ts";
import type { Compare, DatePart, Expr, Test } from "../plan.ts";
import { didYouMean } from "./fault.ts";
import { COMPARE, PARTS, readModifiers, TEXT } from "./modifiers.ts";
import { regexFault } from "./regex.ts";
import { textTests } from "./text-value.ts";
import { UNREADABLE, type ValueKind } from "./vocabulary.ts";
import { isSeq, itemsOf, type Source, scalarOf } from "./yaml-source.ts";

type Value = string | number | boolean | null;
/** One line of a selection while it is read. An empty field stands for any text field: keywords. */
type Line = {
  source: Source;
  at: unknown;
  field: string;
  kind: ValueKind;
  modifiers: readonly string[];
};
type Fault = (message: string) => undefined;

/** Expression of one line, or undefined after a fault. Without a field (`'|all'`) its values are keywords. */
export function parseLine(
  source: Source,
  key: { text: string; node: unknown },
  values: unknown,
): Expr | undefined {
  const [field = "", ...names] = key.text.split("|");
  const kind = kindOf(source, field, key.node);
  const modifiers = readModifiers(source, names, key.node);
  if (kind === undefined || modifiers === undefined) return undefined;
  const line: Line = { source, at: key.node, field, kind, modifiers };
  const read = readValues(line, values);
  if (read.length === 0) return undefined;
  const parts = read.flatMap(({ value, node }) => {
    const expr = oneOf(line, parseTests(line, value, node));
    return expr === undefined ? [] : [expr];
  });
  if (parts.length !== read.length || parts[0] === undefined) return undefined;
  const all = modifiers.includes("all") ? "and" : "or";
  const joined: Expr = parts.length === 1 ? parts[0] : { kind: all, of: parts.flatMap(flat(all)) };
  return modifiers.includes("neq") ? { kind: "not", of: joined } : joined;
}

/** An OR inside an OR is one OR. */
const flat =
  (kind: "and" | "or") =>
  (expr: Expr): readonly Expr[] =>
    expr.kind === kind ? expr.of : [expr];

/** A value that stands for several texts is met by any of them. */
function oneOf(line: Line, tests: readonly Test[] | undefined): Expr | undefined {
  const leaves = (tests ?? []).flatMap((test): Expr[] => {
    if (line.field !== "") return [{ kind: "leaf", field: line.field, test }];
    return test.op === "like" ? [{ kind: "keyword", glob: test.glob, cased: test.cased }] : [];
  });
  return leaves.length > 1 ? { kind: "or", of: leaves } : leaves[0];
}

function kindOf(source: Source, field: string, node: unknown): ValueKind | undefined {
  const { vocabulary } = source;
  if (field === "") {
    if (vocabulary.taxonomy === "any") return "any";
    source.fault(node, "Keyword searches are not used here; name the field.");
    return undefined;
  }
  if (vocabulary.taxonomy === "tillwatch" && UNREADABLE.includes(field)) {
    source.fault(node, `A rule may not read "${field}": it says nothing about what happened.`);
    return undefined;
  }
  const kind = vocabulary.kindOf(field);
  if (kind === undefined) {
    const hint = didYouMean(field, vocabulary.fields());
    source.fault(node, `There is no field "${field}".${hint} Fields are listed in docs/events.md.`);
  }
  return kind;
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

/** What a value asks of the field: any of the tests. Undefined after a fault. */
function parseTests(line: Line, value: Value, node: unknown): readonly Test[] | undefined {
  const fault: Fault = (message) => {
    line.source.fault(node, message);
    return undefined;
  };
  const one = (test: Test | undefined) => (test === undefined ? undefined : [test]);
  const has = (name: string) => line.modifiers.includes(name);
  if (line.field === "") return parseKeyword(line, value, fault);
  if (has("fieldref")) return one(parseFieldref(line, value, fault));
  if (has("exists")) {
    if (typeof value !== "boolean") return fault(`"exists" takes true or false.`);
    return [{ op: "exists", present: value }];
  }
  if (value === null) {
    return line.modifiers.every((name) => name === "neq" || name === "all")
      ? [{ op: "null" }]
      : fault("null cannot be used with this modifier.");
  }
  if (has("expand")) return one(parseList(line, value, fault));
  if (has("re")) return one(parseRegex(line, value, fault));
  if (has("cidr")) return one(parseRange(line, value, fault));
  const part = line.modifiers.find((name) => PARTS.includes(name)) as DatePart | undefined;
  const compare = line.modifiers.find((name) => COMPARE.includes(name)) as Compare | undefined;
  if (part !== undefined || compare !== undefined) {
    return one(parseNumber(line, value, { part, compare, fault }));
  }
  return parseEquality(line, value, fault);
}

/** Keywords are looked for anywhere in the text (R13). */
function parseKeyword(line: Line, value: Value, fault: Fault): readonly Test[] | undefined {
  const odd = line.modifiers.find((name) =>
    ["exists", "cidr", "fieldref", "expand", "re", ...COMPARE, ...PARTS].includes(name),
  );
  if (odd !== undefined) return fault(`"${odd}" needs a field; a keyword has none.`);
  if (value === null || value === "") return fault("A keyword is text that is looked for.");
  const modifiers = TEXT.some((name) => line.modifiers.includes(name))
    ? line.modifiers
    : [...line.modifiers, "contains"];
  return textTests(String(value), modifiers, fault);
}

function parseFieldref(line: Line, value: Value, fault: Fault): Test | undefined {
  const { vocabulary } = line.source;
  if (typeof value !== "string" || vocabulary.kindOf(value) === undefined) {
    const hint = didYouMean(String(value), vocabulary.fields());
    return fault(`"fieldref" names no field that exists: "${value}".${hint}`);
  }
  const how = line.modifiers.find((name) => [...TEXT, ...COMPARE].includes(name)) ?? "is";
  return { op: "field", other: value, how: how as "is" };
}

function parseList(line: Line, value: Value, fault: Fault): Test | undefined {
  const { lists } = line.source.vocabulary;
  const name = /^%([^%\s]+)%$/.exec(String(value))?.[1];
  if (name === undefined) return fault(`"expand" takes the name of a list, such as %block_list%.`);
  if (!lists.has(name)) {
    const known = lists.size === 0 ? " No list is known here." : didYouMean(name, lists);
    return fault(`The placeholder %${name}% is not resolved: there is no list "${name}".${known}`);
  }
  if (!["s", "any"].includes(line.kind)) return fault(`"expand" needs a text field.`);
  const other = line.modifiers.find((one) => !["expand", "neq", "all"].includes(one));
  if (other !== undefined) {
    return fault(`A list's entries are compared whole; "${other}" beside "expand" is not read.`);
  }
  return { op: "list", list: name };
}

function parseRegex(line: Line, value: Value, fault: Fault): Test | undefined {
  if (typeof value !== "string" && line.kind !== "any") {
    return fault("A regular expression is text; use quotes.");
  }
  if (!["s", "l", "any"].includes(line.kind)) return fault(`"re" needs a text field.`);
  const source = String(value);
  const wrong = regexFault(source, line.kind !== "any");
  if (wrong !== undefined) return fault(wrong);
  const flags = ["i", "m", "s"].filter((flag) => line.modifiers.includes(flag)).join("");
  return { op: "re", source, flags };
}

function parseRange(line: Line, value: Value, fault: Fault): Test | undefined {
  if (!["s", "any"].includes(line.kind)) return fault(`"cidr" needs a text field such as ip.`);
  const range = typeof value === "string" ? wholeRange(value, line.kind === "any") : undefined;
  if (range === undefined) {
    return fault(`"${value}" is not an address range such as 198.51.100.0/24.`);
  }
  return { op: "cidr", range };
}

/** Others' rules also name one address by itself. */
function wholeRange(text: string, single: boolean): string | undefined {
  const [start = "", bits] = text.split("/");
  const address = parseAddress(start);
  if (address === undefined) return undefined;
  if (bits === undefined) return single ? `${start}/${start.includes(":") ? 128 : 32}` : undefined;
  return ipaddr.isValidCIDR(text) ? text : undefined;
}

function parseNumber(
  line: Line,
  value: Value,
  by: { part: DatePart | undefined; compare: Compare | undefined; fault: Fault },
): Test | undefined {
  const foreign = line.kind === "any";
  const fits = foreign ? Number.isFinite(value) : Number.isSafeInteger(value);
  if (typeof value !== "number" || !fits) {
    return by.fault(
      foreign
        ? "Comparisons take a number, without quotes."
        : "Comparisons take whole numbers (money in minor units, time in ms).",
    );
  }
  if (by.part !== undefined) {
    if (line.kind !== "l" && !foreign) {
      return by.fault(`"${by.part}" needs a local-time field; use ts_local instead.`);
    }
    return { op: "part", part: by.part, compare: by.compare ?? "is", value };
  }
  if (["s", "l", "b"].includes(line.kind)) {
    return by.fault(`"${line.field}" is not a number, so "${by.compare}" never matches.`);
  }
  return { op: "compare", compare: by.compare ?? "gte", value };
}

function parseEquality(
  line: Line,
  value: string | number | boolean,
  fault: Fault,
): readonly Test[] | undefined {
  const cased = line.modifiers.includes("cased");
  const rewrites = line.modifiers.find((name) => !["cased", "neq", "all"].includes(name));
  if (line.kind === "any" && typeof value === "boolean" && rewrites === undefined) {
    return [{ op: "is", value, cased }];
  }
  if (["s", "l", "any"].includes(line.kind)) {
    if (typeof value === "boolean" && line.kind !== "any") {
      return fault(`"${line.field}" is never true or false.`);
    }
    return textTests(String(value), line.modifiers, fault);
  }
  if (rewrites !== undefined) return fault(`"${rewrites}" needs a text field.`);
  if (line.kind === "b") {
    return typeof value === "boolean"
      ? [{ op: "is", value, cased }]
      : fault(`"${line.field}" is true or false.`);
  }
  if (typeof value === "boolean") return fault(`"${line.field}" is never true or false.`);
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return fault(`"${line.field}" is a number; write one without quotes.`);
  }
  return [{ op: "is", value, cased }];
}
