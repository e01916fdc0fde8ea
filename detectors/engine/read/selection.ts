// Reads the selections and the condition of a `detection:` or `filter:` section into one expression.
import type { Expr } from "../plan.ts";
import { type Condition, namesMeant, parseCondition } from "./condition.ts";
import { didYouMean } from "./fault.ts";
import { parseLine } from "./leaf.ts";
import {
  type Entry,
  entriesOf,
  isMap,
  isSeq,
  itemsOf,
  type Source,
  textOf,
} from "./yaml-source.ts";

/** What a section's condition means, as parsed and as an expression; undefined after a fault. */
export type Section = { conditions: readonly Condition[]; where: Expr };

/** `entries`: the section's selections and its condition. `node`: the section, for faults. */
export function parseSection(
  source: Source,
  node: unknown,
  of: { entries: readonly Entry[]; what: string },
): Section | undefined {
  const before = source.faults.length;
  const selections = new Map<string, Expr>();
  let conditionNode: unknown;
  for (const { key, keyNode, value } of of.entries) {
    if (key === "condition") conditionNode = value;
    else if (key === "timeframe") {
      source.fault(keyNode, `"timeframe" is not Sigma 2; write a correlation document.`);
    } else {
      const expr = parseSelection(source, value, { name: key, keyNode });
      selections.set(key, expr ?? { kind: "or", of: [] });
    }
  }
  if (conditionNode === undefined) {
    source.fault(node, `${of.what} has no "condition".`);
    return undefined;
  }
  const section = parseConditions(source, conditionNode, selections);
  return source.faults.length > before ? undefined : section;
}

function parseSelection(
  source: Source,
  node: unknown,
  at: { name: string; keyNode: unknown },
): Expr | undefined {
  const { name } = at;
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    source.fault(at.keyNode, `A selection's name is letters, digits, _ and -, not "${name}".`);
    return undefined;
  }
  if (isMap(node)) return parseMap(source, node, name);
  if (!isSeq(node)) {
    if (source.vocabulary.taxonomy === "any") return parseKeywords(source, node, at);
    source.fault(node, `Selection "${name}" must be a map, or a list of maps.`);
    return undefined;
  }
  const items = itemsOf(source, node, `Selection "${name}"`);
  const maps = items.filter(isMap).map((item) => parseMap(source, item, name));
  const words = items.filter((item) => !isMap(item));
  if (words.length > 0) {
    const keywords = parseKeywords(source, { words, node }, at);
    if (keywords !== undefined) maps.push(keywords);
  }
  return maps.length === 1 ? maps[0] : { kind: "or", of: maps };
}

/** A list of plain values is looked for in any text field (R13). */
function parseKeywords(
  source: Source,
  values: unknown,
  at: { name: string; keyNode: unknown },
): Expr | undefined {
  return parseLine(source, { text: "", node: at.keyNode }, listOf(values));
}

/** A list node of the plain values alone, or the value itself. */
function listOf(values: unknown): unknown {
  const { words, node } = values as { words?: unknown[]; node?: object };
  if (words === undefined || !isSeq(node)) return values;
  return words.length === node.items.length ? node : Object.assign(node.clone(), { items: words });
}

function parseMap(source: Source, node: unknown, name: string): Expr {
  const lines = entriesOf(source, node, `Selection "${name}"`);
  if (lines.length === 0) source.fault(node, `Selection "${name}" is empty.`);
  const of = lines
    .map(({ key, keyNode, value }) => parseLine(source, { text: key, node: keyNode }, value))
    .filter((expr) => expr !== undefined);
  return of.length === 1 && of[0] !== undefined ? of[0] : { kind: "and", of };
}

/** A list of conditions is an OR. Every selection of our own rules must be used. */
function parseConditions(
  source: Source,
  node: unknown,
  selections: ReadonlyMap<string, Expr>,
): Section | undefined {
  const nodes = isSeq(node) ? itemsOf(source, node, "condition") : [node];
  const used = new Set<string>();
  const read = nodes.map((item) => readCondition(source, item, { selections, used }));
  const [first, ...more] = read.filter((one) => one !== undefined);
  if (first === undefined || more.length + 1 !== nodes.length) return undefined;
  for (const name of source.vocabulary.taxonomy === "any" ? [] : selections.keys()) {
    if (!used.has(name)) source.fault(node, `The condition never uses selection "${name}".`);
  }
  const all = [first, ...more];
  return {
    conditions: all.map(({ condition }) => condition),
    where: more.length === 0 ? first.where : { kind: "or", of: all.map(({ where }) => where) },
  };
}

function readCondition(
  source: Source,
  node: unknown,
  of: { selections: ReadonlyMap<string, Expr>; used: Set<string> },
): { condition: Condition; where: Expr } | undefined {
  const text = textOf(source, node, "condition");
  const parsed = parseCondition(text);
  if (!parsed.ok) {
    source.fault(node, parsed.message);
    return undefined;
  }
  if (/\b(?:AND|OR|NOT|OF|ALL|ANY|THEM)\b/.test(text)) {
    source.advise(node, "Write the condition's words in lower case: some readers know no other.");
  }
  const where = resolve(parsed.condition, of.selections, of.used);
  if (typeof where !== "string") return { condition: parsed.condition, where };
  source.fault(node, where);
  return undefined;
}

/** The expression that a condition means, or what is wrong with it. */
function resolve(
  condition: Condition,
  selections: ReadonlyMap<string, Expr>,
  used: Set<string>,
): Expr | string {
  if (condition.kind === "name") {
    used.add(condition.name);
    const hint = didYouMean(condition.name, selections.keys());
    return selections.get(condition.name) ?? `There is no selection "${condition.name}".${hint}`;
  }
  if (condition.kind === "not") {
    const of = resolve(condition.of, selections, used);
    return typeof of === "string" ? of : { kind: "not", of };
  }
  if (condition.kind === "of") {
    const names = namesMeant(condition.pattern, selections.keys());
    if (names.length === 0) return `"${condition.pattern}" fits no selection.`;
    for (const name of names) used.add(name);
    const of = names.map((name) => selections.get(name)).filter((expr) => expr !== undefined);
    return { kind: condition.quantity === "all" ? "and" : "or", of };
  }
  const of: Expr[] = [];
  for (const part of condition.of) {
    const resolved = resolve(part, selections, used);
    if (typeof resolved === "string") return resolved;
    of.push(resolved);
  }
  return { kind: condition.kind, of };
}
