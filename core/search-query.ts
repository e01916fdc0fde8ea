// The one search line over events: `event_type:payment amount:>=1000 -outcome:approved "blue shirt"`.
import { didYouMean } from "./did-you-mean.ts";
import { AppError } from "./errors.ts";
import { FIELD_SPECS, type FieldKind, type FieldName } from "./event-fields.ts";
import { parseIsoTime } from "./time.ts";

export type SearchCompare = "lt" | "lte" | "gt" | "gte";

/**
 * One thing that every event found meets (or, with `not`, does not meet). `is`: the field has one of the values. `like`:
 * its text fits, `*` any run of characters, case-insensitive. `text`: any text of the event holds it, case-insensitive.
 */
export type SearchTerm = { not: boolean } & (
  | { kind: "is"; field: FieldName; values: readonly (string | number | boolean)[] }
  | { kind: "like"; field: FieldName; patterns: readonly string[] }
  | { kind: "compare"; field: FieldName; compare: SearchCompare; value: number }
  | { kind: "exists"; field: FieldName }
  | { kind: "text"; text: string }
  /** One of the fields has the value; the search line has no words for it. */
  | { kind: "any"; fields: readonly FieldName[]; value: string }
);

const MOST_CHARS = 2000;
const MOST_TERMS = 30;
const MOST_VALUES = 100;
const COMPARES: Readonly<Record<string, SearchCompare>> = {
  "<": "lt",
  "<=": "lte",
  ">": "gt",
  ">=": "gte",
};

/** Every term must hold. Throws REQUEST_INVALID with the place and the likely meaning. */
export function parseSearch(line: string): SearchTerm[] {
  if (line.length > MOST_CHARS) refuse(`A search may have ${MOST_CHARS} characters.`);
  const terms = splitTerms(line).map(parseTerm);
  if (terms.length > MOST_TERMS) refuse(`A search may have ${MOST_TERMS} terms.`);
  return terms;
}

function refuse(message: string): never {
  throw new AppError("REQUEST_INVALID", message);
}

/** Splits at blanks outside quotes; in quotes a backslash takes the next character as it is. */
function splitTerms(line: string): string[] {
  const terms = line.match(/(?:"(?:[^"\\]|\\.)*"|[^\s"])+/gs) ?? [];
  const rest = line.replace(/"(?:[^"\\]|\\.)*"/gs, "");
  if (rest.includes('"')) refuse('A quote " is never closed.');
  return terms;
}

function parseTerm(raw: string): SearchTerm {
  const not = raw.startsWith("-") && raw.length > 1;
  const term = not ? raw.slice(1) : raw;
  const match = /^([A-Za-z_][A-Za-z0-9_]*):(.*)$/s.exec(term);
  if (match === null) return { not, kind: "text", text: unquote(term) };
  const [, name = "", rest = ""] = match;
  const spec = FIELD_SPECS.get(name);
  if (spec === undefined) {
    const hint = didYouMean(name, FIELD_SPECS.keys());
    refuse(`There is no field "${name}".${hint} To look for this text, put it in quotes.`);
  }
  return { not, ...parseFieldTerm(name as FieldName, spec.kind, rest) };
}

type FieldTerm =
  Exclude<SearchTerm, { kind: "text" | "any" }> extends infer T
    ? T extends { not: boolean }
      ? Omit<T, "not">
      : never
    : never;

function parseFieldTerm(field: FieldName, kind: FieldKind, rest: string): FieldTerm {
  if (rest === "") refuse(`Say what "${field}" should be: ${field}:value, or ${field}:* for any.`);
  if (rest === "*") return { kind: "exists", field };
  const compare = /^(<=|>=|<|>)(.*)$/s.exec(rest);
  if (compare !== null) {
    const how = COMPARES[compare[1] ?? ""] ?? "gte";
    return { kind: "compare", field, compare: how, value: numberOf(field, kind, compare[2] ?? "") };
  }
  const words = splitValues(rest);
  if (words.length > MOST_VALUES) refuse(`"${field}" may have ${MOST_VALUES} values.`);
  const isWild = words.some((word) => !word.quoted && word.text.includes("*"));
  if (isWild) {
    if (kind !== "s") refuse(`"${field}" is not text, so * means nothing in it.`);
    return { kind: "like", field, patterns: words.map((word) => word.text) };
  }
  return { kind: "is", field, values: words.map((word) => readValue(field, kind, word.text)) };
}

/** `a,"b,c",d` as its values. */
function splitValues(text: string): { text: string; quoted: boolean }[] {
  const values = text.match(/"(?:[^"\\]|\\.)*"|[^,"]+/gs) ?? [];
  return values.map((value) => ({ text: unquote(value), quoted: value.startsWith('"') }));
}

function unquote(text: string): string {
  const inner = /^"(.*)"$/s.exec(text)?.[1];
  return inner === undefined ? text : inner.replace(/\\(.)/gs, "$1");
}

function readValue(field: FieldName, kind: FieldKind, text: string): string | number | boolean {
  if (kind === "s") return text;
  if (kind === "l") refuse(`Search by "from" and "to" instead of "${field}".`);
  if (kind !== "b") return numberOf(field, kind, text);
  if (text !== "true" && text !== "false") refuse(`"${field}" is true or false.`);
  return text === "true";
}

/** Money in minor units, times as UTC ms or ISO 8601, degrees with decimals; all else whole. */
function numberOf(field: FieldName, kind: FieldKind, text: string): number {
  if (kind === "s" || kind === "b" || kind === "l") {
    refuse(`"${field}" is not a number, so it cannot be compared.`);
  }
  const time = kind === "t" && !/^-?\d+$/.test(text) ? parseIsoTime(text) : undefined;
  const number = time ?? (text.trim() === "" ? Number.NaN : Number(text));
  if (kind === "deg" ? Number.isFinite(number) : Number.isSafeInteger(number)) return number;
  refuse(`"${field}" is ${NUMBER_WORDS[kind] ?? "a whole number"}.`);
}

const NUMBER_WORDS: Partial<Record<FieldKind, string>> = {
  t: "UTC milliseconds or ISO 8601 with a zone",
  m: "a whole number of minor units (1000 is 10.00)",
  deg: "a number",
};
