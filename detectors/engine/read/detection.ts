// Reads a Sigma `detection:` section into one expression and works out which event types can meet it.
import { type DETAILS, ENVELOPE, EVENT_TYPES, type EventType } from "../../../core/event-fields.ts";
import { compileTest } from "../live/match.ts";
import type { DetectionPlan, Expr } from "../plan.ts";
import { type Condition, namesMeant, parseCondition } from "./condition.ts";
import { didYouMean } from "./fault.ts";
import { parseLine } from "./leaf.ts";
import { entriesOf, isMap, isSeq, itemsOf, keysOf, type Source, textOf } from "./yaml-source.ts";

const TYPES = Object.keys(EVENT_TYPES) as EventType[];

/** The plan of a detection document, or undefined after a fault. `top` holds its top-level keys. */
export function parseDetection(
  source: Source,
  name: string,
  top: ReadonlyMap<string, unknown>,
): DetectionPlan | undefined {
  const before = source.faults.length;
  const category = parseLogsource(source, top.get("logsource"));
  const node = top.get("detection");
  const selections = new Map<string, Expr>();
  let conditionNode: unknown;
  for (const { key, keyNode, value } of entriesOf(source, node, "detection")) {
    if (key === "condition") conditionNode = value;
    else if (key === "timeframe") {
      source.fault(keyNode, `"timeframe" is not Sigma 2; write a correlation document.`);
    } else {
      const expr = parseSelection(source, value, key);
      selections.set(key, expr ?? { kind: "or", of: [] });
    }
  }
  if (conditionNode === undefined) source.fault(node, `detection has no "condition".`);
  if (conditionNode === undefined) return undefined;
  const where = parseConditions(source, conditionNode, selections);
  if (where === undefined || source.faults.length > before) return undefined;
  const eventTypes = category === undefined ? TYPES.filter((t) => canMeet(where, t)) : [category];
  const fields = fieldsRead(where);
  checkFields({ source, node, fields, eventTypes });
  if (eventTypes.length === 0) source.fault(node, "No event type can meet this condition.");
  if (source.faults.length > before) return undefined;
  const readsTraining = fields.includes("training");
  const logsource = { product: "tillwatch", ...(category === undefined ? {} : { category }) };
  const file = source.file;
  const read = { name, file, eventTypes, logsource, where, fields, readsTraining };
  return { kind: "detection", ...read, filters: [] };
}

function parseLogsource(source: Source, node: unknown): EventType | undefined {
  if (node === undefined) {
    source.fault(null, "logsource is missing; write {product: tillwatch, category: <event type>}.");
    return undefined;
  }
  const keys = keysOf(source, node, ["product", "category", "definition"], "logsource");
  const product = keys.get("product");
  if (product === undefined || textOf(source, product, "product") !== "tillwatch") {
    source.fault(product ?? node, "logsource.product must be tillwatch.");
  }
  const category = keys.get("category");
  if (category === undefined) return undefined;
  const name = textOf(source, category, "category");
  const type = TYPES.find((known) => known === name);
  if (type === undefined) {
    source.fault(category, `"${name}" is no event type.${didYouMean(name, TYPES)}`);
  }
  return type;
}

function parseSelection(source: Source, node: unknown, name: string): Expr | undefined {
  if (!/^[A-Za-z0-9_-]+$/.test(name)) {
    source.fault(node, `A selection's name is letters, digits, _ and -, not "${name}".`);
    return undefined;
  }
  if (isMap(node)) return parseMap(source, node, name);
  if (!isSeq(node)) {
    source.fault(node, `Selection "${name}" must be a map, or a list of maps.`);
    return undefined;
  }
  const maps = itemsOf(source, node, `Selection "${name}"`).map((item) => {
    if (isMap(item)) return parseMap(source, item, name);
    source.fault(item, "Keyword searches are not used here; name the field.");
    return undefined;
  });
  return { kind: "or", of: maps.filter((map) => map !== undefined) };
}

function parseMap(source: Source, node: unknown, name: string): Expr {
  const lines = entriesOf(source, node, `Selection "${name}"`);
  if (lines.length === 0) source.fault(node, `Selection "${name}" is empty.`);
  const of = lines.map(({ key, keyNode, value }) =>
    parseLine(source, { text: key, node: keyNode }, value),
  );
  return { kind: "and", of: of.filter((expr) => expr !== undefined) };
}

/** A list of conditions is an OR. Every selection must be used. */
function parseConditions(
  source: Source,
  node: unknown,
  selections: ReadonlyMap<string, Expr>,
): Expr | undefined {
  const nodes = isSeq(node) ? itemsOf(source, node, "condition") : [node];
  const used = new Set<string>();
  const of: Expr[] = [];
  for (const item of nodes) {
    const parsed = parseCondition(textOf(source, item, "condition"));
    if (!parsed.ok) {
      source.fault(item, parsed.message);
      continue;
    }
    const resolved = resolve(parsed.condition, selections, used);
    if (typeof resolved === "string") source.fault(item, resolved);
    else of.push(resolved);
  }
  if (of.length !== nodes.length) return undefined;
  for (const name of selections.keys()) {
    if (!used.has(name)) source.fault(node, `The condition never uses selection "${name}".`);
  }
  return of.length === 1 ? of[0] : { kind: "or", of };
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

/** Could an event of this type meet the expression? Only leaves on event_type are known; the rest is "maybe". */
function canMeet(expr: Expr, type: EventType): boolean {
  return verdict(expr, type) !== false;
}

function verdict(expr: Expr, type: EventType): boolean | undefined {
  if (expr.kind === "keyword") return undefined;
  if (expr.kind === "leaf") {
    if (expr.field !== "event_type") return undefined;
    return compileTest(expr.test)(type, undefined, undefined);
  }
  if (expr.kind === "not") {
    const of = verdict(expr.of, type);
    return of === undefined ? undefined : !of;
  }
  const decisive = expr.kind === "or";
  const parts = expr.of.map((part) => verdict(part, type));
  if (parts.includes(decisive)) return decisive;
  return parts.includes(undefined) ? undefined : !decisive;
}

/** Every field that an expression reads, sorted. */
function fieldsRead(expr: Expr): string[] {
  const fields = new Set<string>();
  const walk = (part: Expr) => {
    if (part.kind === "leaf") {
      fields.add(part.field);
      if (part.test.op === "field") fields.add(part.test.other);
    } else if (part.kind === "not") walk(part.of);
    else if (part.kind !== "keyword") for (const inner of part.of) walk(inner);
  };
  walk(expr);
  return [...fields].sort();
}

/** A field that none of the rule's event types has can never match: a renamed field must not silence a rule. */
function checkFields(of: {
  source: Source;
  node: unknown;
  fields: readonly string[];
  eventTypes: readonly EventType[];
}): void {
  for (const field of of.fields) {
    if (field in ENVELOPE) continue;
    const name = field as keyof typeof DETAILS;
    const carriers = of.eventTypes.filter((type) =>
      (EVENT_TYPES[type].fields as readonly string[]).includes(name),
    );
    if (carriers.length === 0) {
      const types = of.eventTypes.slice(0, 3).join(", ");
      of.source.fault(of.node, `No event of type ${types} carries "${field}".`);
    }
  }
}
