// Runs the tests inside rule files on the streaming engine.
import { compareEvents, type Event } from "../../../core/event.ts";
import type { Finding } from "../../../core/finding.ts";
import { createEngine, type Engine } from "../live/engine.ts";
import type { Ruleset } from "../plan.ts";
import { testEvents, testFaults } from "../read/rule-tests.ts";

export type RuleTestResult = {
  rule: string;
  file: string;
  test: string;
  kind: string;
  /** Empty when it passed. */
  faults: string[];
};

/** Every test of every rule. */
export function runRuleTests(ruleset: Ruleset): RuleTestResult[] {
  return ruleset.rules.flatMap((rule) =>
    rule.tests.map((test) => {
      const lists = (list: string, value: string) =>
        test.lists.get(list)?.includes(value.toLowerCase()) === true;
      const settings = { merchantId: "m1", currency: "EUR", only: rule.name, lists };
      const engine = createEngine(ruleset, settings);
      const findings = runEvents(engine, testEvents(test));
      const faults = testFaults(test, findings);
      return { rule: rule.name, file: rule.file, test: test.name, kind: test.kind, faults };
    }),
  );
}

/** All findings of events in any order, with none before them; repeats are the caller's business. */
export function runEvents(engine: Pick<Engine, "step">, events: readonly Event[]): Finding[] {
  const findings: Finding[] = [];
  let instant: Event[] = [];
  for (const event of [...events].sort(compareEvents)) {
    if (instant[0] !== undefined && instant[0].ts !== event.ts) {
      findings.push(...engine.step(instant));
      instant = [];
    }
    instant.push(event);
  }
  findings.push(...engine.step(instant));
  return findings;
}
