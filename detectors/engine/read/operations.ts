// Reads the `tillwatch:` block: how a rule runs, whom it is about, and the words that its alert needs.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import { LEVELS } from "../../../core/level.ts";
import { SUBJECT_TYPES } from "../../../core/subject.ts";
import { parseSpan } from "../../../core/time.ts";
import { templateFault } from "../live/template.ts";
import { type Comparison, MODES, type Rule, type SubjectRef, type Tier } from "../plan.ts";
import { didYouMean } from "./fault.ts";
import { parseTests } from "./rule-tests.ts";
import {
  entriesOf,
  isSeq,
  itemsOf,
  keysOf,
  type Source,
  scalarOf,
  textOf,
  textsOf,
  wholeOf,
  wordOf,
} from "./yaml-source.ts";

const KEYS = [
  ...["detection", "version", "mode", "subject", "measure", "tiers", "dedup", "snooze", "money"],
  ...["playbook", "explain", "counterfactual", "do_now", "else_explains", "knobs", "tests"],
  ...["schedule", "min_support", "exclusions"],
];
const DAY_MS = 86_400_000;

type Operations = Pick<
  Rule,
  | "detection"
  | "version"
  | "mode"
  | "subject"
  | "measure"
  | "tiers"
  | "dedup"
  | "snoozeMaxMs"
  | "exclusions"
  | "money"
  | "playbook"
  | "explain"
  | "counterfactual"
  | "doNow"
  | "elseExplains"
  | "knobs"
  | "tests"
>;

/** The operational part of a rule. Faults are gathered in the source. */
export function parseOperations(source: Source, node: unknown): Operations {
  const keys = keysOf(source, node, KEYS, "tillwatch");
  for (const name of ["detection", "subject", "explain", "do_now", "tests"]) {
    if (!keys.has(name)) source.fault(node, `tillwatch needs "${name}".`);
  }
  refuseUnbuilt(source, keys);
  const optional = <T>(name: string, read: (value: unknown) => T, otherwise: T): T =>
    keys.has(name) ? read(keys.get(name)) : otherwise;
  const words = (name: string) => (value: unknown) => textOf(source, value, name);
  const lists = (name: string) => (value: unknown) => textsOf(source, value, name);
  const subject = optional("subject", (value) => parseSubjects(source, value), []);
  return {
    detection: optional("detection", words("detection"), ""),
    version: optional("version", (value) => wholeOf(source, value, "version", 1), 1),
    mode: optional("mode", (value) => wordOf(source, value, MODES, "mode") ?? "shadow", "shadow"),
    subject,
    measure: optional("measure", (value) => numberField(source, value, "measure"), null),
    tiers: optional("tiers", (value) => parseTiers(source, value), []),
    dedup: optional("dedup", (value) => parseDedup(source, value), {
      by: subject.map((ref) => ref.field),
      cooldownMs: DAY_MS,
    }),
    snoozeMaxMs: optional("snooze", (value) => parseSnooze(source, value), 90 * DAY_MS),
    exclusions: optional("exclusions", (value) => parseExclusions(source, value), []),
    money: optional("money", (value) => parseMoney(source, value), null),
    playbook: optional("playbook", words("playbook"), null),
    explain: optional("explain", (value) => template(source, value, "explain"), ""),
    counterfactual: optional("counterfactual", (v) => template(source, v, "counterfactual"), ""),
    doNow: optional("do_now", lists("do_now"), []),
    elseExplains: optional("else_explains", lists("else_explains"), []),
    knobs: optional("knobs", (value) => parseKnobs(source, value), []),
    tests: optional("tests", (value) => parseTests(source, value), []),
  };
}

function refuseUnbuilt(source: Source, keys: ReadonlyMap<string, unknown>): void {
  const schedule = keys.get("schedule");
  if (schedule !== undefined && scalarOf(source, schedule, "schedule") !== "always") {
    source.fault(schedule, `Only "schedule: always" is built yet; select on in_opening_hours.`);
  }
  const support = keys.get("min_support");
  if (support !== undefined && scalarOf(source, support, "min_support") !== 0) {
    source.fault(support, `Only "min_support: 0" is built yet.`);
  }
}

/** Names of lists; what a merchant wants to leave out by more than one value is a filter of its own. */
function parseExclusions(source: Source, node: unknown): string[] {
  const { lists } = source.vocabulary;
  return itemsOf(source, node, "exclusions").flatMap((item) => {
    const name = textOf(source, item, "An entry of exclusions");
    if (lists.has(name)) return [name];
    const known = lists.size === 0 ? " No list is known here." : didYouMean(name, lists);
    source.fault(item, `There is no list "${name}".${known}`);
    return [];
  });
}

const FORBIDDEN = /\b(theft|thief|thieves|steal|stole|stolen by|fraudsters?|guilty)\b/i;

function template(source: Source, node: unknown, what: string): string {
  const text = textOf(source, node, what);
  const wrong = templateFault(text);
  if (wrong !== undefined) source.fault(node, `${what}: ${wrong}`);
  if (FORBIDDEN.test(text)) source.fault(node, `${what} accuses; say what is unusual instead.`);
  return text;
}

function numberField(source: Source, node: unknown, what: string): string {
  const field = textOf(source, node, what);
  const kind = FIELD_SPECS.get(field)?.kind;
  if (kind === undefined || ["s", "l", "b", "t", "deg"].includes(kind)) {
    source.fault(node, `${what} needs a number field, not "${field}".`);
  }
  return field;
}

function parseSubjects(source: Source, node: unknown): SubjectRef[] {
  const nodes = isSeq(node) ? itemsOf(source, node, "subject") : [node];
  return nodes.map((item) => {
    const keys = keysOf(source, item, ["type", "field"], "subject");
    if (!keys.has("type") || !keys.has("field"))
      source.fault(item, "subject needs type and field.");
    const type = keys.has("type")
      ? wordOf(source, keys.get("type"), SUBJECT_TYPES, "subject.type")
      : undefined;
    const field = keys.has("field") ? textOf(source, keys.get("field"), "subject.field") : "";
    if (keys.has("field") && !FIELD_SPECS.has(field)) {
      source.fault(item, `There is no field "${field}".${didYouMean(field, FIELD_SPECS.keys())}`);
    }
    return { type: type ?? "merchant", field };
  });
}

function parseTiers(source: Source, node: unknown): Tier[] {
  return itemsOf(source, node, "tiers").map((item) => {
    const keys = keysOf(source, item, ["gt", "gte", "lt", "lte", "level"], "tier");
    const comparisons: Comparison[] = [];
    for (const compare of ["gt", "gte", "lt", "lte"] as const) {
      const value = keys.get(compare);
      if (value !== undefined)
        comparisons.push({ compare, value: wholeOf(source, value, compare) });
    }
    const level = keys.get("level");
    if (comparisons.length === 0 || level === undefined) {
      source.fault(item, "A tier needs a comparison and a level, such as {gte: 10, level: high}.");
    }
    return { comparisons, level: wordOf(source, level ?? item, LEVELS, "level") ?? "medium" };
  });
}

function parseDedup(source: Source, node: unknown): Rule["dedup"] {
  const keys = keysOf(source, node, ["by", "cooldown"], "dedup");
  const by = keys.has("by") ? textsOf(source, keys.get("by"), "dedup.by") : [];
  if (by.includes("event_id")) {
    source.fault(node, "dedup.by may not hold event_id: each event would be its own alert.");
  }
  return { by, cooldownMs: keys.has("cooldown") ? span(source, keys.get("cooldown")) : DAY_MS };
}

function parseSnooze(source: Source, node: unknown): number {
  const keys = keysOf(source, node, ["max"], "snooze");
  return keys.has("max") ? span(source, keys.get("max")) : 90 * DAY_MS;
}

function span(source: Source, node: unknown): number {
  const ms = parseSpan(textOf(source, node, "A span"));
  if (ms === undefined) source.fault(node, "A span is a number with s, m, h or d, such as 24h.");
  return ms ?? 0;
}

function parseMoney(source: Source, node: unknown): Rule["money"] {
  const keys = keysOf(source, node, ["field", "take"], "money");
  const field = keys.has("field") ? textOf(source, keys.get("field"), "money.field") : "amount";
  if (FIELD_SPECS.get(field)?.kind !== "m") source.fault(node, `"${field}" is not a money field.`);
  const take = wordOf(source, keys.get("take") ?? node, ["sum", "last"] as const, "money.take");
  return { field, take: take ?? "sum" };
}

function parseKnobs(source: Source, node: unknown): Rule["knobs"] {
  return entriesOf(source, node, "knobs").map(({ key, value }) => {
    const keys = keysOf(source, value, ["path", "min", "max"], `knob "${key}"`);
    for (const name of ["path", "min", "max"]) {
      if (!keys.has(name)) source.fault(value, `knob "${key}" needs "${name}".`);
    }
    const whole = (name: string) =>
      keys.has(name) ? wholeOf(source, keys.get(name), `${key}.${name}`) : 0;
    const path = keys.has("path") ? textOf(source, keys.get("path"), "path") : "";
    return { name: key, path, min: whole("min"), max: whole("max") };
  });
}
