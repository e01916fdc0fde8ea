// Matches single events against many Sigma rules: candidates by the index, then each candidate's whole expression.
import type { ListLookup, Logsource } from "../plan.ts";
import type { SigmaRule } from "../read/load-sigma.ts";
import { compileRule, type Judge, type Shop } from "./compile-rule.ts";
import type { FlatEvent } from "./flatten.ts";
import { indexRules } from "./rule-index.ts";
import { look, newSlots, newView } from "./view.ts";

/**
 * `match`: the rules that the event matches, in the order in which they were given. With a log source, rules of another
 * one stay away (R25); a key that rule or event leaves out agrees with anything. `unindexed`: how many rules have no
 * literal to be found by, so every event is tried on them. A matcher is for one thread: it keeps one event at a time.
 */
export type Matcher = {
  match(event: FlatEvent, logsource?: Logsource): SigmaRule[];
  unindexed: number;
};

export type MatcherOptions = {
  /** What `|expand` looks in; without it nothing is listed. */
  lists?: ListLookup;
  /** false: every rule is tried on every event. The result is the same, only slower. */
  index?: boolean;
};

export function createMatcher(rules: readonly SigmaRule[], options: MatcherOptions = {}): Matcher {
  const shop: Shop = { slots: newSlots(), leaves: new Map(), lists: options.lists };
  const judges = rules.map(({ plan }) => compileRule(plan.where, shop));
  const index = indexRules(
    rules.map(({ plan }) => plan.where),
    shop.slots,
  );
  const view = newView(shop.slots.size(), shop.leaves.size);
  const everything = rules.map((_, i) => i);
  return {
    unindexed: index.unindexed,
    match(event, logsource) {
      look(view, event, shop.slots);
      const candidates = options.index === false ? everything : index.candidates(view);
      const met: number[] = [];
      for (const i of candidates) {
        if (logsource !== undefined && !agrees((rules[i] as SigmaRule).plan.logsource, logsource)) {
          continue;
        }
        if ((judges[i] as Judge)(view)) met.push(i);
      }
      if (met.length > 1) met.sort((a, b) => a - b);
      return met.map((i) => rules[i] as SigmaRule);
    },
  };
}

const KEYS = ["category", "product", "service"] as const;

function agrees(rule: Logsource, event: Logsource): boolean {
  return KEYS.every(
    (key) => rule[key] === undefined || event[key] === undefined || rule[key] === event[key],
  );
}
