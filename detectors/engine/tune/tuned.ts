// One merchant's ruleset: the catalogue with its knobs turned, its exclusions folded in, and without what is off. Pure.
//
// A finding's id names the version of its rule (R38), so a rule that says something else has another version: the
// file's version times 2^32, plus 32 bits of a hash over all that it reads. What is as in the file has the file's version.
import { AppError } from "../../../core/errors.ts";
import { contentId } from "../../../core/ids.ts";
import { VERSION_STEP } from "../../../core/rule-version.ts";
import type { Plan, Rule, Ruleset } from "../plan.ts";
import { loadRules, type RuleFile } from "../read/load.ts";
import { type KnobValues, readKnobs, setKnobs } from "./knobs.ts";
import { type MerchantSettings, modeOf } from "./settings.ts";

/** `faults`: settings that no longer fit the catalogue and were left out, in words. */
export type Tuned = { ruleset: Ruleset; files: readonly RuleFile[]; faults: readonly string[] };

export type Tuner = {
  /** Equal settings give the same object. */
  tune(settings: MerchantSettings): Tuned;
  /** rule → knob → value as the files have it. */
  defaults(): KnobValues;
  catalogue: Ruleset;
};

const MOST_KEPT = 100;

/** `files`: of the catalogue; read when a knob is first turned. */
export function createTuner(catalogue: Ruleset, files: () => readonly RuleFile[]): Tuner {
  const kept = new Map<string, Tuned>();
  let known: KnobValues | undefined;
  const defaults = () => {
    known ??= readKnobs(files(), catalogue.rules);
    return known;
  };
  return {
    catalogue,
    defaults,
    tune(settings) {
      const off = offIn(catalogue.rules, settings);
      const knobs = turnedKnobs(catalogue.rules, settings, defaults);
      const lists = settings.exclusions.length === 0 ? [] : [...settings.lists.names].sort();
      const key = JSON.stringify([off, knobs, settings.exclusions, lists]);
      let tuned = kept.get(key);
      if (tuned === undefined) {
        tuned = tune(catalogue, files, { off, knobs, settings });
        if (kept.size >= MOST_KEPT) kept.clear();
        kept.set(key, tuned);
      }
      return tuned;
    },
  };
}

/** Names of the rules whose being off or on differs from the file, with it. */
function offIn(rules: readonly Rule[], { rules: set }: MerchantSettings): [string, boolean][] {
  return rules.flatMap((rule) => {
    const off = modeOf(rule, set.get(rule.name)) === "off";
    return off === (rule.mode === "off") ? [] : [[rule.name, off]];
  });
}

/** In the order of the catalogue; only values that exist, lie in their bounds and differ from the file's. */
function turnedKnobs(
  rules: readonly Rule[],
  { rules: set }: MerchantSettings,
  defaults: () => KnobValues,
): KnobValues {
  const turned: Record<string, Record<string, number>> = {};
  for (const rule of rules) {
    const values = set.get(rule.name)?.knobs ?? {};
    for (const { name, min, max } of rule.knobs) {
      const value = values[name];
      if (value === undefined || !(value >= min && value <= max)) continue;
      if (value === defaults()[rule.name]?.[name]) continue;
      turned[rule.name] = { ...turned[rule.name], [name]: value };
    }
  }
  return turned;
}

type Wanted = {
  off: readonly [string, boolean][];
  knobs: KnobValues;
  settings: MerchantSettings;
};

function tune(
  catalogue: Ruleset,
  readFiles: () => readonly RuleFile[],
  { off, knobs, settings }: Wanted,
): Tuned {
  const faults: string[] = [];
  let ruleset = catalogue;
  let files = readFiles();
  const options = { lists: settings.lists.names };
  if (Object.keys(knobs).length > 0) {
    const turned = setKnobs(files, catalogue.rules, knobs);
    const loaded = orFault(() => loadRules(turned, options), faults);
    if (loaded !== undefined) [ruleset, files] = [loaded, turned];
  }
  for (const { name, text } of settings.exclusions) {
    const more = [...files, { path: exclusionPath(name), text }];
    const loaded = orFault(() => loadRules(more, options), faults);
    if (loaded !== undefined) [ruleset, files] = [loaded, more];
  }
  const isOff = new Map(off);
  const rules = ruleset.rules.map((rule): Rule => {
    const version = versionOf(rule, ruleset, catalogue);
    const set = isOff.get(rule.name);
    const mode = set === undefined ? rule.mode : set ? "off" : "alert";
    return version === rule.version && mode === rule.mode ? rule : { ...rule, version, mode };
  });
  return { ruleset: { ...ruleset, rules }, files, faults };
}

export const exclusionPath = (name: string): string => `exclusions/${name}.yml`;

function orFault(load: () => Ruleset, faults: string[]): Ruleset | undefined {
  try {
    return load();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    faults.push(error.message);
    return undefined;
  }
}

function versionOf(rule: Rule, now: Ruleset, before: Ruleset): number {
  if (now === before) return rule.version;
  const meaning = meaningOf(rule, now);
  const old = before.rules.find(({ name }) => name === rule.name);
  if (old !== undefined && meaning === meaningOf(old, before)) return rule.version;
  const hash = Number.parseInt(contentId("tuned", meaning).slice(-8), 16);
  return rule.version * VERSION_STEP + hash;
}

/** All that decides what the rule says, as text: its plans down to the detections, and its tiers. */
function meaningOf(rule: Rule, { plans }: Ruleset): string {
  const below = new Set<string>([rule.name]);
  const read: Plan[] = [];
  for (const name of below) {
    const plan = plans.get(name);
    if (plan === undefined) continue;
    read.push(plan);
    if (plan.kind === "correlation") for (const inner of plan.rules) below.add(inner);
  }
  return JSON.stringify([rule.tiers, read], (_, value) =>
    value instanceof Map ? [...value] : value,
  );
}
