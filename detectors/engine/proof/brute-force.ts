// The plainest reading of the rule language, for tests: for every instant, look at all events again. Shares no fold
// and no window with the engine; only the documents' parsed form.
import type { Event, FieldValue } from "../../../core/event.ts";
import type { CorrelationPlan, DetectionPlan, Expr, Ruleset } from "../plan.ts";

export type BruteFinding = {
  rule: string;
  group: Record<string, string>;
  ts: number;
  value: number;
};

const field = (event: Event, name: string) =>
  (event as unknown as Record<string, FieldValue | undefined>)[name];

/** Only the leaves that the tests' rules use. */
function matches(expr: Expr, event: Event): boolean {
  if (expr.kind === "not") return !matches(expr.of, event);
  if (expr.kind === "keyword") throw new Error("the brute force does not read keywords");
  if (expr.kind === "and") return expr.of.every((part) => matches(part, event));
  if (expr.kind !== "leaf") return expr.of.some((part) => matches(part, event));
  const value = field(event, expr.field);
  const { test } = expr;
  if (test.op === "exists") return (value !== undefined) === test.present;
  if (test.op !== "is") throw new Error(`the brute force does not read ${test.op}`);
  return value !== undefined && String(value).toLowerCase() === String(test.value).toLowerCase();
}

/** A group's values, or undefined when one is absent. */
function groupOf(fields: readonly string[], event: Event): Record<string, string> | undefined {
  const group: Record<string, string> = {};
  for (const name of fields) {
    const value = field(event, name);
    if (value === undefined) return undefined;
    group[name] = String(value);
  }
  return group;
}

/** Findings of one correlation over plain detections. `plan` is written for two decimals. */
export function bruteForce(
  ruleset: Ruleset,
  plan: CorrelationPlan,
  events: readonly Event[],
): BruteFinding[] {
  const detections = plan.rules.map((name) => ruleset.plans.get(name) as DetectionPlan);
  const hit = (event: Event) =>
    detections.some(
      (d) => d.eventTypes?.includes(event.event_type) !== false && matches(d.where, event),
    );
  const counted = [...new Map(events.map((event) => [event.event_id, event])).values()].filter(
    (event) => hit(event) && groupOf(plan.groupBy, event) !== undefined && counts(plan, event),
  );
  const found = new Map<string, BruteFinding>();
  for (const at of counted) {
    const group = groupOf(plan.groupBy, at) ?? {};
    const inside = counted.filter(
      (event) =>
        event.ts >= at.ts - plan.spanMs &&
        event.ts <= at.ts &&
        JSON.stringify(groupOf(plan.groupBy, event)) === JSON.stringify(group),
    );
    const value = measure(plan, inside);
    const fires = plan.comparisons.every(({ compare, value: bound }) => {
      if (compare === "gte") return value >= bound;
      if (compare === "gt") return value > bound;
      if (compare === "lte") return value <= bound;
      if (compare === "lt") return value < bound;
      return compare === "eq" ? value === bound : value !== bound;
    });
    if (fires) {
      found.set(`${JSON.stringify(group)}@${at.ts}`, { rule: plan.name, group, ts: at.ts, value });
    }
  }
  return [...found.values()];
}

function counts(plan: CorrelationPlan, event: Event): boolean {
  if (plan.type === "event_count") return true;
  return plan.fields.every((name) =>
    plan.type === "value_sum"
      ? typeof field(event, name) === "number"
      : field(event, name) !== undefined,
  );
}

function measure(plan: CorrelationPlan, inside: readonly Event[]): number {
  if (plan.type === "event_count") return inside.length;
  if (plan.type === "value_sum") {
    return inside.reduce((sum, event) => sum + Number(field(event, plan.fields[0] ?? "")), 0);
  }
  const tuples = inside.map((event) =>
    JSON.stringify(plan.fields.map((name) => String(field(event, name)))),
  );
  return new Set(tuples).size;
}
