// Sets a rule's named thresholds in its file's text, within the bounds that the rule gives.
import { isScalar, parseAllDocuments } from "yaml";
import { AppError } from "../../../core/errors.ts";
import type { Rule } from "../plan.ts";
import { didYouMean } from "../read/fault.ts";

/** rule → knob → value. */
export type KnobValues = Readonly<Record<string, Readonly<Record<string, number>>>>;

type File = { path: string; text: string };

/**
 * The files with the values in place; files without a named rule are given back as they are. Throws RULE_INVALID for a rule or knob
 * that does not exist, and for a value out of bounds.
 */
export function setKnobs(
  files: readonly File[],
  rules: readonly Pick<Rule, "name" | "file" | "knobs">[],
  values: KnobValues,
): File[] {
  const changed = new Map<string, File>();
  for (const [name, knobs] of Object.entries(values)) {
    const rule = ruleNamed(rules, name);
    const file = changed.get(rule.file) ?? files.find(({ path }) => path === rule.file);
    if (file === undefined) continue;
    changed.set(rule.file, { path: file.path, text: withKnobs(file.text, rule, knobs) });
  }
  return files.map((file) => changed.get(file.path) ?? file);
}

/** Throws RULE_INVALID, with the nearest name. */
export function ruleNamed<T extends { name: string }>(rules: readonly T[], name: string): T {
  const rule = rules.find((one) => one.name === name);
  if (rule !== undefined) return rule;
  const hint = didYouMean(
    name,
    rules.map((one) => one.name),
  );
  throw new AppError("RULE_INVALID", `There is no rule "${name}".${hint}`);
}

/** The knob. Throws RULE_INVALID for one that is not there or a value out of its bounds. */
export function checkKnob(
  rule: Pick<Rule, "name" | "knobs">,
  name: string,
  value: number,
): Rule["knobs"][number] {
  const knob = rule.knobs.find((one) => one.name === name);
  if (knob === undefined) {
    const hint = didYouMean(
      name,
      rule.knobs.map((one) => one.name),
    );
    throw new AppError("RULE_INVALID", `"${rule.name}" has no knob "${name}".${hint}`);
  }
  if (!Number.isFinite(value) || value < knob.min || value > knob.max) {
    const words = `"${name}" of "${rule.name}" must lie between ${knob.min} and ${knob.max}`;
    throw new AppError("RULE_INVALID", `${words}, not at ${value}.`);
  }
  return knob;
}

function withKnobs(
  text: string,
  rule: Pick<Rule, "name" | "knobs">,
  values: Readonly<Record<string, number>>,
): string {
  const documents = parseAllDocuments(text, { version: "1.2", schema: "core" });
  if ("empty" in documents) return text;
  const document = documents.find((one) => one.get("name") === rule.name);
  if (document === undefined) return text;
  for (const [name, value] of Object.entries(values)) {
    const path = pathOf(checkKnob(rule, name, value));
    const before = document.getIn(path, true);
    document.setIn(
      path,
      isScalar(before) && isSpan(before.value) ? spanText(before.value, value) : value,
    );
  }
  return documents.map(String).join("");
}

/** rule → knob → value, as the files have them. */
export function readKnobs(
  files: readonly File[],
  rules: readonly Pick<Rule, "name" | "file" | "knobs">[],
): KnobValues {
  const values: Record<string, Record<string, number>> = {};
  for (const { path, text } of files) {
    const own = rules.filter((rule) => rule.file === path && rule.knobs.length > 0);
    if (own.length === 0) continue;
    const documents = parseAllDocuments(text, { version: "1.2", schema: "core" });
    if ("empty" in documents) continue;
    for (const { name, knobs } of own) {
      const document = documents.find((one) => one.get("name") === name);
      const read = knobs.map((knob) => [
        knob.name,
        Number.parseFloat(String(document?.getIn(pathOf(knob)))),
      ]);
      values[name] = Object.fromEntries(read);
    }
  }
  return values;
}

const pathOf = ({ path }: { path: string }) =>
  path.split(".").map((key) => (/^\d+$/.test(key) ? Number(key) : key));

/** A knob on a time span counts in the span's own unit: 10m with 15 is 15m. */
const isSpan = (value: unknown): value is string =>
  typeof value === "string" && /^\d+[smhd]$/.test(value);
const spanText = (before: string, value: number) => `${value}${before.at(-1)}`;
