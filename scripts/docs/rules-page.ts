// The table of detections, from the rules as the engine loads them.
import { describeRules, loadCatalogue, type RuleInfo } from "../../detectors/catalogue.ts";
import { table } from "./markers.ts";

const SPANS: readonly [number, string][] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1000, "s"],
];

/** A span in its largest whole unit: `90000` is `90 s`. */
export function spanWords(ms: number | null): string {
  if (ms === null) return "one event";
  const [size, unit] = SPANS.find(([size]) => ms % size === 0) ?? [1, "ms"];
  return `${ms / size} ${unit}`;
}

const levels = ({ level, highestLevel }: RuleInfo) =>
  level === highestLevel ? level : `${level} to ${highestLevel}`;

export function rulesTable(): string {
  const ruleset = loadCatalogue();
  const rules = describeRules(ruleset);
  const rows = rules.map((rule) => [
    rule.group,
    `[${rule.title}](rules/${rule.detection}.md)`,
    levels(rule),
    spanWords(rule.windowMs),
    rule.eventTypes.map((type) => `\`${type}\``).join(" "),
    rule.description,
  ]);
  const cases = ruleset.rules.reduce((sum, { tests }) => sum + tests.length, 0);
  const head = ["group", "detection", "level", "window", "reads", "why"];
  return `${rules.length} detections, held by ${cases} cases that stand in the rule files.\n\n${table(head, rows)}`;
}
