// Matches single events against many rules: candidates by the index, then each candidate's whole expression.
import type { DetectionPlan, ListLookup, Logsource } from "../plan.ts";
import { compileRule, type Judge, type Shop } from "./compile-rule.ts";
import type { FlatEvent } from "./flatten.ts";
import { indexRules } from "./rule-index.ts";
import { look, newSlots, newView } from "./view.ts";

/** What is known of an event beside its fields. `ts`: UTC ms, for lists; without it the event's own `ts`. */
export type Around = { logsource?: Logsource | undefined; ts?: number };

/**
 * `match`: the rules that the event meets, in the order in which they were given. With a log source, rules of another one
 * stay away: what a rule names of category, product and service, the event must have (R25). A matcher looks at one event at a time.
 */
export type Matcher<Rule> = {
  match(event: FlatEvent, around?: Around): Rule[];
  /** `unindexed`: rules with no literal to be found by; every event is tried on them. */
  stats(): { rules: number; unindexed: number; leaves: number };
};

/** `plain` tries every rule on every event: the same result, for tests and for comparison. */
export type MatcherOptions = { lists?: ListLookup; plain?: boolean };

export function createMatcher<Rule extends { plan: DetectionPlan }>(
  rules: readonly Rule[],
  options: MatcherOptions = {},
): Matcher<Rule> {
  const shop: Shop = { slots: newSlots(), leaves: new Map(), lists: options.lists };
  const tried = rules.map((rule) => ({ rule, judge: compileRule(rule.plan.where, shop) }));
  const index = indexRules(
    rules.map(({ plan }) => plan.where),
    shop.slots,
  );
  const view = newView(shop.slots.size(), shop.leaves.size);
  const everything = rules.map((_, place) => place);
  return {
    match(event, around = {}) {
      look(view, event, { slots: shop.slots, ts: around.ts });
      const candidates = options.plain === true ? everything : index.candidates(view);
      const met: number[] = [];
      for (const place of candidates) {
        const { rule, judge } = tried[place] as { rule: Rule; judge: Judge };
        if (around.logsource !== undefined && !agrees(rule.plan.logsource, around.logsource)) {
          continue;
        }
        if (judge(view)) met.push(place);
      }
      if (met.length > 1) met.sort((a, b) => a - b);
      return met.map((place) => rules[place] as Rule);
    },
    stats: () => ({
      rules: rules.length,
      unindexed: options.plain === true ? rules.length : index.unindexed,
      leaves: shop.leaves.size,
    }),
  };
}

const KEYS = ["category", "product", "service"] as const;

/** What the rule names of category, product and service, the event must have; case does not matter (R25). */
export function agrees(rule: Logsource, event: Logsource): boolean {
  return KEYS.every(
    (key) => rule[key] === undefined || rule[key].toLowerCase() === event[key]?.toLowerCase(),
  );
}
