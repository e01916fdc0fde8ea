// Whether a rule can match at all, given which fields each type of event has been seen with. Pure.
import type { EventType } from "../../../core/event-fields.ts";
import {
  type CorrelationPlan,
  type DetectionPlan,
  type Expr,
  fieldIn,
  type Ruleset,
} from "../plan.ts";

/** event type → fields that some event of it had; a type that is not here was never seen. */
export type Seen = ReadonlyMap<string, ReadonlySet<string>>;

/** Why a rule cannot match: types of event that never came, or fields that no event of those types had. */
export type Blind = { eventTypes: string[]; fields: string[] };

/** Null when the rule could match. Training, values and counts are not looked at: a rule may be silent for its reasons. */
export function blindness(ruleset: Ruleset, name: string, seen: Seen): Blind | null {
  const plan = ruleset.plans.get(name);
  if (plan === undefined) return null;
  if (plan.kind === "detection") return detectionBlind(plan, [], seen);
  const inner = plan.rules.map((rule) => innerBlind(ruleset, plan, { rule, seen }));
  const faults = inner.filter((one) => one !== null);
  const needsAll = plan.type.startsWith("temporal") && plan.when === null;
  const isBlind = needsAll ? faults.length > 0 : faults.length === inner.length;
  return isBlind ? joined(faults) : null;
}

function innerBlind(
  ruleset: Ruleset,
  outer: CorrelationPlan,
  { rule, seen }: { rule: string; seen: Seen },
): Blind | null {
  const plan = ruleset.plans.get(rule);
  if (plan === undefined || plan.kind === "correlation") return blindness(ruleset, rule, seen);
  const keys = [...outer.groupBy, ...outer.fields].map((field) => fieldIn(outer, rule, field));
  return detectionBlind(plan, keys, seen);
}

function detectionBlind(plan: DetectionPlan, keys: readonly string[], seen: Seen): Blind | null {
  const types: readonly (EventType | string)[] = plan.eventTypes ?? [...seen.keys()];
  const there = types.filter((type) => seen.has(type));
  if (there.length === 0) return { eventTypes: [...types], fields: [] };
  let least: string[] | undefined;
  for (const type of there) {
    const fields = seen.get(type) as ReadonlySet<string>;
    const wanting = [...missing(plan.where, fields), ...keys.filter((key) => !fields.has(key))];
    if (wanting.length === 0) return null;
    if (least === undefined || wanting.length < least.length) least = wanting;
  }
  return { eventTypes: [], fields: [...new Set(least)] };
}

/** Fields without which the condition cannot hold; empty when it could. */
function missing(expr: Expr, seen: ReadonlySet<string>): string[] {
  switch (expr.kind) {
    case "keyword":
    case "not":
      return [];
    case "leaf": {
      const { test, field } = expr;
      const wantsNone = test.op === "null" || (test.op === "exists" && !test.present);
      return wantsNone || seen.has(field) ? [] : [field];
    }
    case "and":
      return expr.of.flatMap((part) => missing(part, seen));
    case "or": {
      const parts = expr.of.map((part) => missing(part, seen));
      const shortest = parts.reduce<string[] | undefined>(
        (least, part) => (least === undefined || part.length < least.length ? part : least),
        undefined,
      );
      return shortest ?? [];
    }
  }
}

function joined(of: readonly Blind[]): Blind {
  return {
    eventTypes: [...new Set(of.flatMap(({ eventTypes }) => eventTypes))].sort(),
    fields: [...new Set(of.flatMap(({ fields }) => fields))].sort(),
  };
}
