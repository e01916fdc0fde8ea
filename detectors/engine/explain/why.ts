// Why an event does or does not meet a rule, leaf by leaf, with the value that was seen. Pure.
import { type Event, type FieldValue, fieldOf } from "../../../core/event.ts";
import { currencyDecimals } from "../../../core/money.ts";
import { compileExpr } from "../live/match.ts";
import {
  type CorrelationPlan,
  type DetectionPlan,
  type Expr,
  fieldIn,
  type ListLookup,
  type Ruleset,
} from "../plan.ts";
import { scaleExpr, scaleFor } from "../scale.ts";
import { wantedWords } from "./wanted.ts";

/** A node of the condition: whether it holds for the event; at a leaf what was wanted and seen (null: absent). */
export type Truth = { holds: boolean } & (
  | { kind: "and" | "or" | "not"; of: Truth[] }
  | { kind: "leaf"; field: string; wanted: string; seen: FieldValue | null }
  | { kind: "keyword"; wanted: string }
);

/** One detection that a rule reads. `routed`: null, or why the event never came to the condition. */
export type DetectionWhy = { name: string; holds: boolean; routed: string | null; truth: Truth };

/** `group`: values of the rule's group fields in this event; null where one is absent, so that the event counts nowhere. */
export type RuleWhy = {
  rule: string;
  holds: boolean;
  detections: DetectionWhy[];
  group: Record<string, string | null>;
};

type Around = { currency: string; lists?: ListLookup | undefined };

/** Every detection below the rule, tried on the event. Throws TypeError for a rule that is not there. */
export function whyEvent(ruleset: Ruleset, name: string, event: Event, around: Around): RuleWhy {
  const plan = ruleset.plans.get(name);
  if (plan === undefined) throw new TypeError(`no rule ${name}`);
  const detections = detectionsOf(ruleset, name).map((one) => whyDetection(one, event, around));
  const met = detections.filter(({ holds }) => holds);
  const group = plan.kind === "correlation" ? groupOf(plan, event, met[0]?.name ?? "") : {};
  const counts = Object.values(group).every((value) => value !== null);
  return { rule: name, holds: met.length > 0 && counts, detections, group };
}

function detectionsOf(ruleset: Ruleset, name: string): DetectionPlan[] {
  const plan = ruleset.plans.get(name);
  if (plan === undefined) return [];
  if (plan.kind === "detection") return [plan];
  return [...new Set(plan.rules.flatMap((inner) => detectionsOf(ruleset, inner)))];
}

function groupOf(plan: CorrelationPlan, event: Event, rule: string): Record<string, string | null> {
  const values = plan.groupBy.map((field) => {
    const value = fieldOf(event, fieldIn(plan, rule, field));
    return [field, value === undefined ? null : String(value)] as const;
  });
  return Object.fromEntries(values);
}

function whyDetection(plan: DetectionPlan, event: Event, around: Around): DetectionWhy {
  const where = scaleExpr(plan.where, scaleFor(currencyDecimals(around.currency)));
  const truth = truthOf(where, event, around.lists);
  const routed = routeOf(plan, event);
  return { name: plan.name, holds: truth.holds && routed === null, routed, truth };
}

function routeOf(plan: DetectionPlan, event: Event): string | null {
  if (plan.eventTypes !== null && !plan.eventTypes.includes(event.event_type)) {
    return `it reads ${plan.eventTypes.join(", ")}; this is ${event.event_type}`;
  }
  if (event.training === true && !plan.readsTraining) {
    return "the event was made in training mode, which this rule does not ask for";
  }
  return null;
}

function truthOf(expr: Expr, event: Event, lists: ListLookup | undefined): Truth {
  const holds = compileExpr(expr)(event, lists);
  switch (expr.kind) {
    case "leaf": {
      const seen = fieldOf(event, expr.field) ?? null;
      return { kind: "leaf", field: expr.field, wanted: wantedWords(expr.test), seen, holds };
    }
    case "keyword":
      return { kind: "keyword", wanted: wantedWords({ op: "like", ...expr }), holds };
    case "not":
      return { kind: "not", holds, of: [truthOf(expr.of, event, lists)] };
    default:
      return { kind: expr.kind, holds, of: expr.of.map((part) => truthOf(part, event, lists)) };
  }
}
