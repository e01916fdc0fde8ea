// What a backtest runs: the version in force, the changed one beside it, and which rules of them. Pure.
import { AppError } from "../../core/errors.ts";
import type { Rule, Ruleset } from "../engine/plan.ts";
import { didYouMean } from "../engine/read/fault.ts";
import { type LoadOptions, loadRules, type RuleFile } from "../engine/read/load.ts";
import { type KnobValues, setKnobs } from "../engine/tune/knobs.ts";
import type { ReportRule } from "./report.ts";

/** `rules`: names of rules or detections; without them those that changed, or all. `text`: a rule file that takes the place of the one in force. */
export type BacktestChange = {
  rules?: readonly string[] | undefined;
  text?: string | undefined;
  knobs?: KnobValues | undefined;
};

/** `after` is what is asked about; `before` is in force, or null when nothing was changed. */
export type Prepared = {
  after: Ruleset;
  before: Ruleset | null;
  names: { after: readonly string[]; before: readonly string[] };
};

const MOST_TEXT = 1_048_576;

/** In: the files in force, and options for reading them. Throws RULE_INVALID with every mistake of a changed file, REQUEST_INVALID for unknown names. */
export function prepareBacktest(
  files: readonly RuleFile[],
  change: BacktestChange,
  options: LoadOptions = {},
): Prepared {
  const before = loadRules(files, options);
  if (change.text === undefined && change.knobs === undefined) {
    const names = namesMeant(before.rules, change.rules);
    return { after: before, before: null, names: { after: names, before: names } };
  }
  const changed = change.text === undefined ? [...files] : replaceFile(files, change.text);
  const { rules } = loadRules(changed, options);
  const after = loadRules(setKnobs(changed, rules, change.knobs ?? {}), options);
  const touched = after.rules
    .filter((rule) => isTouched(rule, before, change))
    .map(({ name }) => name);
  const asked = change.rules === undefined ? undefined : namesMeant(after.rules, change.rules);
  const names = asked ?? touched;
  const gone = new Set(
    after.rules.filter(({ name }) => names.includes(name)).map((rule) => rule.detection),
  );
  const earlier = before.rules.filter(
    (rule) => names.includes(rule.name) || gone.has(rule.detection),
  );
  return { after, before, names: { after: names, before: earlier.map(({ name }) => name) } };
}

function namesMeant(rules: readonly Rule[], asked: readonly string[] | undefined): string[] {
  if (asked === undefined) return rules.map(({ name }) => name);
  return asked.flatMap((word) => {
    const meant = rules.filter(({ name, detection }) => name === word || detection === word);
    if (meant.length > 0) return meant.map(({ name }) => name);
    const hint = didYouMean(
      word,
      rules.flatMap(({ name, detection }) => [name, detection]),
    );
    throw new AppError("REQUEST_INVALID", `There is no rule or detection "${word}".${hint}`);
  });
}

/** A file is known by its detection, which is its name. */
function replaceFile(files: readonly RuleFile[], text: string): RuleFile[] {
  if (text.length > MOST_TEXT) {
    throw new AppError(
      "RULE_INVALID",
      "A rule file may have 1 MiB. Split it: one detection a file.",
    );
  }
  const detection = /^\s+detection:\s*["']?([a-z0-9-]+)["']?\s*$/m.exec(text)?.[1];
  if (detection === undefined) {
    throw new AppError("RULE_INVALID", "The rule needs tillwatch.detection: the name of its file.");
  }
  const old = files.find(({ path }) => path.endsWith(`/${detection}.yml`));
  const path = old?.path ?? `changed/${detection}.yml`;
  return [...files.filter((file) => file !== old), { path, text }];
}

function isTouched(rule: Rule, before: Ruleset, change: BacktestChange): boolean {
  if (change.knobs !== undefined && rule.name in change.knobs) return true;
  if (change.text === undefined) return false;
  const old = before.rules.find(({ name }) => name === rule.name);
  return old === undefined || old.file !== rule.file || change.text.includes(`name: ${rule.name}`);
}

export function reportRules(ruleset: Ruleset, names: readonly string[]): ReportRule[] {
  return ruleset.rules
    .filter(({ name }) => names.includes(name))
    .map(({ name, detection, subject, dedup }) => ({
      name,
      detection,
      subject,
      cooldownMs: dedup.cooldownMs,
    }));
}
