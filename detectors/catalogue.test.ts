import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ANALYTIC_FILES, describeRules, loadCatalogue, RULE_FILES } from "./catalogue.ts";
import { runRuleTests } from "./engine/proof/run-rule-tests.ts";

const ruleset = loadCatalogue();

describe("the catalogue", () => {
  it.each([
    ["rules", RULE_FILES],
    ["analytics", ANALYTIC_FILES],
  ] as const)("lists every file of %s, and only those", (folder, listed) => {
    const files = readdirSync(join(import.meta.dirname, folder), { recursive: true })
      .map(String)
      .filter((name) => name.endsWith(".yml"))
      .map((name) => name.replace(/\.yml$/, ""));
    expect(files.sort()).toEqual([...listed].sort());
  });

  it("has at least fifteen detections, from every group", () => {
    const rules = describeRules(ruleset);
    expect(new Set(rules.map((rule) => rule.detection)).size).toBeGreaterThanOrEqual(15);
    const groups = new Set(rules.map((rule) => rule.group));
    for (const group of [
      "cards",
      "refunds",
      "voids",
      "cash",
      "discounts",
      "staff",
      "access",
      "terminals",
    ]) {
      expect(groups).toContain(group);
    }
  });

  it.each(describeRules(ruleset))("$rule never accuses", (rule) => {
    const words = [rule.title, rule.description, ...rule.doNow, ...rule.elseExplains].join(" ");
    expect(words).not.toMatch(/\b(theft|thief|thieves|fraudster|guilty)\b/i);
    expect(rule.doNow.length).toBeGreaterThanOrEqual(1);
    expect(rule.doNow.length).toBeLessThanOrEqual(3);
  });
});

describe("tests inside the rule files", () => {
  it.each(runRuleTests(ruleset))("$rule: $test", ({ faults }) => expect(faults).toEqual([]));

  it.each(ruleset.rules)("$name has both sides", (rule) => {
    const kinds = rule.tests.map((test) => test.kind);
    expect(kinds).toContain("positive");
    expect(kinds).toContain("negative");
  });
});
