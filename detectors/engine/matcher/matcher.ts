// Many rules over one event: an index picks the rules that can match at all, and each test is made once an event.
import type { DetectionPlan, Expr, ListLookup, Logsource } from "../plan.ts";
import type { FlatEvent } from "./flatten.ts";
import { indexRules } from "./rule-index.ts";
import { newSight } from "./sight.ts";
import { newTests, type Tests } from "./tests.ts";

/** `match`: places (in the given list) of the rules that the event meets, ascending. `ts`: UTC ms, for lists. */
export type Matcher = {
  match(event: FlatEvent, at?: { logsource?: Logsource; ts?: number }): number[];
  stats(): { rules: number; indexed: number; literals: number; tests: number };
};

/**
 * Single-event rules of any taxonomy, ready to meet events. With a `logsource` in `match`, rules of other sources are
 * left out: where rule and event both name a category, product or service, they must agree; what the rule names, the
 * event must have (R25). `plain` skips the index: the same result, for tests and for comparison.
 */
export function createMatcher(
  plans: readonly DetectionPlan[],
  options: { lists?: ListLookup; plain?: boolean } = {},
): Matcher {
  const sight = newSight();
  const tests = newTests(sight, options.lists);
  const rules = plans.map((plan) => compileRule(tests, plan.where));
  const index = options.plain === true ? undefined : indexRules(plans, sight);
  const all = plans.map((_, place) => place);
  return {
    match(event, { logsource, ts = 0 } = {}) {
      sight.open(event, ts);
      const candidates = index === undefined ? all : index.candidates();
      const met: number[] = [];
      for (const place of candidates) {
        if (logsource !== undefined && !agrees(plans[place]?.logsource, logsource)) continue;
        if (rules[place]?.() === true) met.push(place);
      }
      return met;
    },
    stats: () => ({
      rules: plans.length,
      indexed: index?.indexed ?? 0,
      literals: index?.literals ?? 0,
      tests: tests.count(),
    }),
  };
}

function agrees(rule: Logsource | undefined, event: Logsource): boolean {
  const same = (a: string | undefined, b: string | undefined) =>
    a === undefined || a.toLowerCase() === b?.toLowerCase();
  return (
    same(rule?.category, event.category) &&
    same(rule?.product, event.product) &&
    same(rule?.service, event.service)
  );
}

function compileRule(tests: Tests, expr: Expr): () => boolean {
  switch (expr.kind) {
    case "leaf":
      return tests.once(expr.field, expr.test);
    case "keyword":
      return tests.keyword(expr.glob, expr.cased);
    case "not": {
      const of = compileRule(tests, expr.of);
      return () => !of();
    }
    case "and": {
      const of = expr.of.map((part) => compileRule(tests, part));
      return () => {
        for (const part of of) if (!part()) return false;
        return true;
      };
    }
    case "or": {
      const of = expr.of.map((part) => compileRule(tests, part));
      return () => {
        for (const part of of) if (part()) return true;
        return false;
      };
    }
  }
}
