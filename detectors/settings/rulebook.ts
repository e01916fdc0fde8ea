// Every merchant's rules as they are in force, read again when they change: the running detectors look here.
import type { Finding } from "../../core/finding.ts";
import type { Log } from "../../core/log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { ruleCounters, rulesInForce } from "../../stores/rule-settings.ts";
import type { Rule, Ruleset } from "../engine/plan.ts";
import { type Fate, fateOf, type MerchantSettings, settingsOf } from "../engine/tune/settings.ts";
import type { Tuner } from "../engine/tune/tuned.ts";

/** One merchant's, as last read. */
export type InForce = {
  settings: MerchantSettings;
  ruleset: Ruleset;
  fateOf(finding: Finding): Fate;
};

export type Rulebook = {
  /** Reads the merchant's settings and keeps them. */
  load(merchantId: string): Promise<InForce>;
  /** As last read; undefined before the first `load`. */
  held(merchantId: string): InForce | undefined;
  /** Reads what has changed since. Out: merchants whose ruleset is another one now; lists and snoozes count at once. */
  refresh(): Promise<string[]>;
};

export function createRulebook(db: Postgres, tuner: Tuner, log: Log): Rulebook {
  const held = new Map<string, InForce>();
  const load = async (merchantId: string): Promise<InForce> => {
    const settings = settingsOf(await rulesInForce(db, merchantId));
    const { ruleset, faults } = tuner.tune(settings);
    for (const fault of faults) {
      log.warn({ merchantId, fault }, "a rule setting does not fit the rules any more, left out");
    }
    const rules = new Map<string, Rule>(ruleset.rules.map((rule) => [rule.name, rule]));
    const inForce: InForce = {
      settings,
      ruleset,
      fateOf: (finding) => fateOf(finding, settings, rules.get(finding.rule)),
    };
    held.set(merchantId, inForce);
    return inForce;
  };
  return {
    load,
    held: (merchantId) => held.get(merchantId),
    async refresh() {
      const changed: string[] = [];
      for (const [merchantId, seq] of await ruleCounters(db)) {
        const before = held.get(merchantId);
        if (before === undefined || before.settings.seq === seq) continue;
        const after = await load(merchantId);
        if (after.ruleset !== before.ruleset) changed.push(merchantId);
      }
      return changed;
    },
  };
}
