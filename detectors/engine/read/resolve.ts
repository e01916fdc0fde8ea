// Checks what only shows when all documents are read: names that lead nowhere, cycles, depth, group fields of chains.

import { type CorrelationPlan, fieldIn, type Plan, type Rule } from "../plan.ts";
import { didYouMean } from "./fault.ts";
import type { Source } from "./yaml-source.ts";

/** One document that was read; `at` is where to point for mistakes found later. */
export type Document = {
  source: Source;
  at: unknown;
  id: string;
  plan: Plan;
  rule: Rule | undefined;
  level: Rule["level"];
};

const MAX_DEPTH = 5;

/** Adds a fault for every reference that does not hold. */
export function checkRoots(documents: readonly Document[], plans: ReadonlyMap<string, Plan>): void {
  for (const document of documents) {
    if (document.plan.kind === "correlation") checkCorrelation(document, document.plan, plans);
    checkSubject(document, plans);
  }
}

function checkCorrelation(
  document: Document,
  plan: CorrelationPlan,
  plans: ReadonlyMap<string, Plan>,
): void {
  const fault = (message: string) => document.source.fault(document.at, message);
  for (const name of plan.rules) {
    const inner = plans.get(name);
    if (inner === undefined) {
      fault(`rules names "${name}", which does not exist.${didYouMean(name, plans.keys())}`);
    } else if (inner.kind === "correlation" && inner.type === "analytic") {
      fault(`"${name}" is an analytic; no other document may name it.`);
    } else if (inner.kind === "correlation" && plan.type === "analytic") {
      fault(`An analytic reads detections; "${name}" is a correlation.`);
    } else if (inner.kind === "correlation") {
      checkChain(plan, inner, fault);
    }
  }
  const depth = depthOf(plan, plans, []);
  if (depth === "cycle") fault("These rules name each other in a circle.");
  else if (depth > MAX_DEPTH) fault(`Correlations may be chained ${MAX_DEPTH} deep.`);
}

function checkChain(
  outer: CorrelationPlan,
  inner: CorrelationPlan,
  fault: (message: string) => void,
): void {
  const isKnown = (field: string) => inner.groupBy.includes(fieldIn(outer, inner.name, field));
  const missing = outer.groupBy.find((field) => !isKnown(field));
  if (missing !== undefined) {
    fault(`group-by has "${missing}", which "${inner.name}" does not group by; a firing lacks it.`);
  }
  const uncounted = outer.fields.find((field) => !isKnown(field));
  if (uncounted !== undefined) {
    fault(`"${uncounted}" is not a group field of "${inner.name}", so it cannot be counted.`);
  }
}

function depthOf(
  plan: Plan,
  plans: ReadonlyMap<string, Plan>,
  path: readonly string[],
): number | "cycle" {
  if (plan.kind === "detection") return 0;
  if (path.includes(plan.name)) return "cycle";
  let deepest = 0;
  for (const name of plan.rules) {
    const inner = plans.get(name);
    const depth = inner === undefined ? 0 : depthOf(inner, plans, [...path, plan.name]);
    if (depth === "cycle") return depth;
    deepest = Math.max(deepest, depth);
  }
  return deepest + 1;
}

/** A correlation knows its group fields only, so its subject must be one of them. */
function checkSubject(document: Document, plans: ReadonlyMap<string, Plan>): void {
  const { source, at, plan, rule } = document;
  if (rule === undefined) return;
  if (plan.kind === "correlation") {
    const foreign = rule.subject.find(
      ({ field }) => field !== "merchant_id" && !plan.groupBy.includes(field),
    );
    if (foreign !== undefined) {
      source.fault(at, `The subject's field "${foreign.field}" must be one of group-by.`);
    }
    if (rule.measure !== null) source.fault(at, "A correlation measures itself; drop measure.");
  } else if (rule.tiers.length > 0 && rule.measure === null) {
    source.fault(at, "tiers on a single-event rule need measure: the field to compare.");
  }
  checkOutermost(document, plans);
}

/** A rule that another one counts makes findings of its own only if that one says `generate: true`. */
function checkOutermost({ source, at, plan }: Document, plans: ReadonlyMap<string, Plan>): void {
  for (const other of plans.values()) {
    if (other.kind !== "correlation" || !other.rules.includes(plan.name)) continue;
    if (!other.generate) {
      source.fault(
        at,
        `"${other.name}" counts this rule; add "generate: true" there, or drop tillwatch here.`,
      );
    }
  }
}

/** Inner correlations before outer ones. */
export function orderCorrelations(plans: readonly CorrelationPlan[]): CorrelationPlan[] {
  const byName = new Map(plans.map((plan) => [plan.name, plan]));
  const ordered = new Set<CorrelationPlan>();
  const visit = (plan: CorrelationPlan, path: readonly CorrelationPlan[]) => {
    if (ordered.has(plan) || path.includes(plan)) return;
    for (const name of plan.rules) {
      const inner = byName.get(name);
      if (inner !== undefined) visit(inner, [...path, plan]);
    }
    ordered.add(plan);
  };
  for (const plan of plans) visit(plan, []);
  return [...ordered];
}
