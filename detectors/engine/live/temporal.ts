// What a temporal correlation wants of the rules that it listens to.
import { type CorrelationPlan, holdsWhen, namesOf } from "../plan.ts";

/** `seen`, `order`, `wakes`: see Node in compile.ts. */
export type TemporalNeeds = {
  seen(keys: ReadonlyMap<string, number>): boolean;
  order: readonly number[];
  wakes: readonly boolean[];
};

/** Without a condition: all of the rules, in the order listed. */
export function temporalNeeds(plan: CorrelationPlan): TemporalNeeds {
  const { when, rules } = plan;
  if (when === null) {
    return {
      seen: (keys) => keys.size === rules.length,
      order: rules.map((_, step) => step),
      wakes: rules.map(() => true),
    };
  }
  const { positive } = namesOf(when);
  let place = 0;
  return {
    seen: (keys) => holdsWhen(when, (rule) => keys.has(String(rules.indexOf(rule)))),
    order: rules.map((rule) => (positive.has(rule) ? place++ : -1)),
    wakes: rules.map((rule) => positive.has(rule)),
  };
}
