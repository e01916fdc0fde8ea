// Reads a Sigma detection document into a plan and works out which event types can meet it.
import { type DETAILS, ENVELOPE, EVENT_TYPES, type EventType } from "../../../core/event-fields.ts";
import { compileTest } from "../live/match.ts";
import type { DetectionPlan, Expr, Logsource } from "../plan.ts";
import { unguardedFields } from "./advice.ts";
import { didYouMean } from "./fault.ts";
import { parseSection } from "./selection.ts";
import { entriesOf, keysOf, type Source, textOf } from "./yaml-source.ts";

const TYPES = Object.keys(EVENT_TYPES) as EventType[];

/** The plan of a detection document, or undefined after a fault. `top` holds its top-level keys. */
export function parseDetection(
  source: Source,
  name: string,
  top: ReadonlyMap<string, unknown>,
): DetectionPlan | undefined {
  const before = source.faults.length;
  const logsource = parseLogsource(source, top.get("logsource"));
  const node = top.get("detection");
  const entries = entriesOf(source, node, "detection");
  const section = parseSection(source, node, { entries, what: "detection" });
  if (section === undefined || source.faults.length > before) return undefined;
  const { where } = section;
  const fields = fieldsRead(where);
  const eventTypes = source.vocabulary.taxonomy === "any" ? null : typesOf(logsource, where);
  if (eventTypes !== null) {
    const dead = deadField(fields, eventTypes);
    if (dead !== undefined) source.fault(node, dead);
    if (eventTypes.length === 0) source.fault(node, "No event type can meet this condition.");
  }
  if (source.faults.length > before) return undefined;
  if (eventTypes !== null) advise(source, node, where);
  const readsTraining = fields.includes("training");
  const read = { name, file: source.file, eventTypes, logsource, where, fields, readsTraining };
  return { kind: "detection", ...read, filters: [] };
}

/** R12. */
function advise(source: Source, node: unknown, where: Expr): void {
  for (const field of unguardedFields(where)) {
    source.advise(
      node,
      `An event without "${field}" makes this negation true: add "${field}|exists: true" beside it.`,
    );
  }
}

function typesOf(logsource: Logsource, where: Expr): EventType[] {
  const category = TYPES.find((type) => type === logsource.category);
  return category === undefined ? TYPES.filter((type) => canMeet(where, type)) : [category];
}

/** Where a rule's events come from. Ours all come from tillwatch; anybody else's may come from anywhere. */
export function parseLogsource(source: Source, node: unknown): Logsource {
  const foreign = source.vocabulary.taxonomy === "any";
  if (node === undefined) {
    const ours = "{product: tillwatch, category: <event type>}";
    const example = foreign ? "{product: windows, category: process_creation}" : ours;
    source.fault(null, `logsource is missing; write ${example}.`);
    return {};
  }
  const keys = foreign
    ? new Map(entriesOf(source, node, "logsource").map(({ key, value }) => [key, value]))
    : keysOf(source, node, ["product", "category", "definition"], "logsource");
  const logsource: Logsource = {};
  for (const key of ["category", "product", "service"] as const) {
    if (keys.has(key)) logsource[key] = textOf(source, keys.get(key), `logsource.${key}`);
  }
  if (!foreign) checkOurs(source, node, { keys, logsource });
  return logsource;
}

function checkOurs(
  source: Source,
  node: unknown,
  of: { keys: ReadonlyMap<string, unknown>; logsource: Logsource },
): void {
  if (of.logsource.product !== "tillwatch") {
    source.fault(of.keys.get("product") ?? node, "logsource.product must be tillwatch.");
  }
  const { category } = of.logsource;
  if (category !== undefined && !(TYPES as string[]).includes(category)) {
    const hint = didYouMean(category, TYPES);
    source.fault(of.keys.get("category"), `"${category}" is no event type.${hint}`);
  }
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
export function fieldsRead(expr: Expr): string[] {
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

/** A field that none of the event types has can never match: a renamed field must not silence a rule. */
export function deadField(
  fields: readonly string[],
  eventTypes: readonly EventType[],
): string | undefined {
  for (const field of fields) {
    if (field in ENVELOPE) continue;
    const name = field as keyof typeof DETAILS;
    const carried = eventTypes.some((type) =>
      (EVENT_TYPES[type].fields as readonly string[]).includes(name),
    );
    if (carried) continue;
    const types = eventTypes.slice(0, 3).join(", ");
    return `No event of type ${types} carries "${field}".`;
  }
  return undefined;
}
