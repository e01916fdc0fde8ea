// Money in rules is written for two decimals; a merchant's currency may have none or three (R37).
import { FIELD_SPECS } from "../../core/event-fields.ts";
import type { Comparison, CorrelationPlan, Expr, Plan, Rule, Tier } from "./plan.ts";

/** Turns a rule's amount into minor units of a currency with so many decimals. */
export const scaleFor =
  (decimals: number) =>
  (value: number): number =>
    Math.round((value * 10 ** decimals) / 100);

/** The expression with its money scaled. */
export function scaleExpr(expr: Expr, scale: (value: number) => number): Expr {
  if (expr.kind === "keyword") return expr;
  if (expr.kind === "not") return { kind: "not", of: scaleExpr(expr.of, scale) };
  if (expr.kind !== "leaf") return { ...expr, of: expr.of.map((part) => scaleExpr(part, scale)) };
  const { test } = expr;
  const numeric = (test.op === "is" || test.op === "compare") && typeof test.value === "number";
  if (!numeric || FIELD_SPECS.get(expr.field)?.kind !== "m") return expr;
  return { ...expr, test: { ...test, value: scale(test.value as number) } as typeof test };
}

/** A correlation's comparisons with their money scaled. */
export function scaleComparisons(
  plan: Pick<CorrelationPlan, "money" | "comparisons">,
  scale: (value: number) => number,
): readonly Comparison[] {
  if (!plan.money) return plan.comparisons;
  return plan.comparisons.map((one) => ({ ...one, value: scale(one.value) }));
}

/** A rule's tiers with their money scaled, when what it measures is money. */
export function scaleTiers(
  rule: Pick<Rule, "tiers" | "measure">,
  plan: Plan,
  scale: (value: number) => number,
): readonly Tier[] {
  const isMoney =
    plan.kind === "correlation" ? plan.money : FIELD_SPECS.get(rule.measure ?? "")?.kind === "m";
  if (!isMoney) return rule.tiers;
  return rule.tiers.map(({ level, comparisons }) => ({
    level,
    comparisons: comparisons.map((one) => ({ ...one, value: scale(one.value) })),
  }));
}
