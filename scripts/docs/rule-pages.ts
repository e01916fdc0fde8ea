// A page per detection, from its rule files: what it looks for, its numbers, what to do, and its cases as a table.
import { describeRules, loadCatalogue, type RuleInfo } from "../../detectors/catalogue.ts";
import type { Comparison, Rule, Ruleset, RuleTest } from "../../detectors/engine/plan.ts";
import { table } from "./markers.ts";
import { spanWords } from "./rules-page.ts";

const SIGNS = { lt: "<", lte: "≤", gt: ">", gte: "≥", eq: "=", neq: "≠" } as const;

/** Path below the repository → text, one for each detection of the catalogue. */
export function rulePages(): Record<string, () => string> {
  const ruleset = loadCatalogue();
  const detections = [...new Set(ruleset.rules.map(({ detection }) => detection))];
  return Object.fromEntries(
    detections.map((detection) => [
      `docs/rules/${detection}.md`,
      () => detectionPage(ruleset, detection, "../../"),
    ]),
  );
}

/** `base` leads from the page to the root of the repository; without it the file is named and not linked. */
export function detectionPage(ruleset: Ruleset, detection: string, base?: string): string {
  const infos = describeRules(ruleset).filter((info) => info.detection === detection);
  const parts = infos.map((info) => {
    const rule = ruleset.rules.find(({ name }) => name === info.rule) as Rule;
    return rulePart(ruleset, { rule, info, base });
  });
  const back = base === undefined ? "" : "[All detections](../rules.md)\n\n";
  return `# ${detection}\n\n${back}${parts.join("\n\n")}\n`;
}

type Of = { rule: Rule; info: RuleInfo; base: string | undefined };

function rulePart(ruleset: Ruleset, of: Of): string {
  const { rule, info, base } = of;
  const file = base === undefined ? `\`${info.file}\`` : `[${info.file}](${base}${info.file})`;
  const facts: [string, string][] = [
    ["name", `\`${rule.name}\`, version ${rule.version}, in ${file}`],
    ["level", levelWords(rule)],
    ["fires", firesWords(ruleset, rule)],
    ["window", spanWords(info.windowMs)],
    ["reads", info.eventTypes.map((type) => `\`${type}\``).join(", ")],
    ["needs", info.fields.map((field) => `\`${field}\``).join(", ")],
    ["about", rule.subject.map(({ type, field }) => `${type} (\`${field}\`)`).join(", else ")],
    ["one alert per", `subject and ${spanWords(rule.dedup.cooldownMs)}`],
    ["mode at first", rule.mode],
    ["tags", rule.tags.map(tagWords).join(", ") || "–"],
  ];
  const sections = [
    `## ${rule.title}`,
    rule.description,
    table(["", ""], facts),
    knobsOf(rule),
    `**What to do**\n\n${listOf(rule.doNow)}`,
    `**What else could explain it**\n\n${listOf(rule.elseExplains)}`,
    `**Cases**\n\n${table(["case", "kind", "events", "says"], rule.tests.map(caseRow))}`,
  ];
  return sections.filter((section) => section !== "").join("\n\n");
}

const listOf = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
const boundsOf = (comparisons: readonly Comparison[]) =>
  comparisons.map(({ compare, value }) => `${SIGNS[compare]} ${value}`).join(" and ");

function levelWords(rule: Rule): string {
  const tiers = rule.tiers.map(({ level, comparisons }) => `${level} at ${boundsOf(comparisons)}`);
  return [rule.level, ...tiers].join(", ");
}

function firesWords(ruleset: Ruleset, rule: Rule): string {
  const plan = ruleset.plans.get(rule.name);
  if (plan?.kind !== "correlation") return "on a single event";
  const per =
    plan.groupBy.length === 0 ? "" : `, per ${plan.groupBy.map((f) => `\`${f}\``).join(" and ")}`;
  const kind = plan.analytic?.kind ?? plan.type;
  const fields = plan.fields.map((field) => `\`${field}\``).join(", ");
  const of = plan.fields.length > 0 && kind !== "ratio" ? ` of ${fields}` : "";
  return `${kind}${of} ${boundsOf(plan.comparisons)}`.trimEnd() + per;
}

function knobsOf(rule: Rule): string {
  if (rule.knobs.length === 0) return "";
  const rows = rule.knobs.map(({ name, path, min, max }) => [
    `\`${name}\``,
    `\`${path}\``,
    `${min} to ${max}`,
  ]);
  return `**Knobs**\n\n${table(["knob", "sets", "within"], rows)}`;
}

function tagWords(tag: string): string {
  const technique = /^attack\.(t\d{4})(?:\.(\d{3}))?$/.exec(tag);
  if (technique === null) return `\`${tag}\``;
  const path = [technique[1], technique[2]].filter(Boolean).join("/").toUpperCase();
  return `[\`${tag}\`](https://attack.mitre.org/techniques/${path}/)`;
}

function caseRow({ name, kind, events, expect }: RuleTest): string[] {
  const count = events.reduce((sum, { times }) => sum + times, 0);
  const types = [...new Set(events.map(({ fields }) => `\`${fields.event_type}\``))].join(", ");
  const says = expect.map(
    ({ subject, level }) => `${subject}${level === undefined ? "" : ` (${level})`}`,
  );
  return [name, kind, `${count} × ${types}`, says.join(", ") || "nothing"];
}
