// A report's numbers against cases counted by hand, and the sentence that an analyst reads.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Level } from "../../core/level.ts";
import { readRuleFiles } from "../catalogue.ts";
import { prepareBacktest } from "./prepare.ts";
import {
  type BacktestFinding,
  compareAlerts,
  countCases,
  groupAlerts,
  type HistoryLabel,
  reportDetections,
} from "./report.ts";

const HOUR = 3_600_000;
const RULES = [
  { name: "r", detection: "d", subject: [{ type: "card", field: "card_token" }], cooldownMs: HOUR },
  { name: "q", detection: "d", subject: [{ type: "card", field: "card_token" }], cooldownMs: HOUR },
];
const finding = (
  ts: number,
  card: string,
  over: Partial<BacktestFinding> = {},
): BacktestFinding => ({
  rule: "r",
  version: 1,
  group: { card_token: card },
  ts,
  value: 5,
  level: "medium" as Level,
  count: 5,
  amount: 100,
  ...over,
});
const label = (firstTs: number, card: string, of: HistoryLabel["label"]): HistoryLabel => ({
  detection: "d",
  subject: `card:${card}`,
  firstTs,
  lastTs: firstTs + 1000,
  label: of,
});

describe("alerts", () => {
  it("gather one subject's findings until the cool-down after the first has passed", () => {
    const alerts = groupAlerts(
      [
        finding(HOUR, "a", { rule: "q", level: "high", amount: 50 }),
        finding(0, "a"),
        finding(HOUR - 1, "a", { amount: 300 }),
        finding(5, "b"),
        finding(9, "c", { group: {} }),
      ],
      RULES,
      "m",
    );
    expect(
      alerts.map((one) => [
        one.subject,
        one.firstTs,
        one.lastTs,
        one.findings,
        one.level,
        one.amount,
      ]),
    ).toEqual([
      ["card:a", 0, HOUR - 1, 2, "medium", 300],
      ["card:b", 5, 5, 1, "medium", 100],
      ["merchant:m", 9, 9, 1, "medium", 100],
      ["card:a", HOUR, HOUR, 1, "high", 50],
    ]);
  });

  it("hold every finding once, whatever the order", () => {
    const some = fc.array(fc.record({ ts: fc.nat(10 * HOUR), card: fc.constantFrom("a", "b") }));
    fc.assert(
      fc.property(some, fc.infiniteStream(fc.nat()), (list, coins) => {
        const findings = list.map(({ ts, card }) => finding(ts, card));
        const shuffled = [...findings].sort(() => ((coins.next().value ?? 0) % 2 === 0 ? 1 : -1));
        const alerts = groupAlerts(shuffled, RULES, "m");
        expect(alerts.reduce((sum, one) => sum + one.findings, 0)).toBe(findings.length);
        expect(alerts.length).toBe(groupAlerts(findings, RULES, "m").length);
      }),
    );
  });
});

describe("labels", () => {
  const findings = [finding(0, "a"), finding(0, "b"), finding(0, "c")];
  const alerts = groupAlerts(findings, RULES, "m");
  const report = (labels: HistoryLabel[]) =>
    reportDetections({
      findings,
      alerts,
      rules: RULES,
      labels,
      span: { fromTs: 0, toTs: 7 * 24 * HOUR },
      stores: 2,
    })[0];

  it("without any nothing is said of right and wrong", () => {
    expect(report([])?.labels).toBeNull();
    expect(report([])).toMatchObject({
      findings: 3,
      alerts: 3,
      alertsPerStoreAndWeek: 1.5,
      amount: 300,
    });
  });

  it("count what is caught, missed and needless", () => {
    const labels = [label(0, "a", "fraud"), label(0, "b", "not_fraud"), label(0, "z", "fraud")];
    expect(report(labels)?.labels).toEqual({
      labels: 3,
      caught: 1,
      missed: 1,
      needless: 1,
      unlabelled: 1,
      precision: 0.5,
      recall: 0.5,
    });
  });

  it("say what a change adds and drops", () => {
    const after = groupAlerts([finding(0, "a"), finding(0, "n")], RULES, "m");
    const labels = [label(0, "b", "not_fraud"), label(0, "c", "fraud")];
    const { sentence, ...counts } = compareAlerts(alerts, after, labels);
    expect(counts).toEqual({
      adds: 1,
      drops: 2,
      same: 1,
      addedFraud: 0,
      addedNotFraud: 0,
      droppedFraud: 1,
      droppedNotFraud: 1,
    });
    expect(sentence).toBe("Adds 1, drops 2 (of which 1 labelled not fraud and 1 labelled fraud).");
    expect(compareAlerts(alerts, alerts, labels).sentence).toBe(
      "Changes nothing: the same 3 alerts.",
    );
  });

  it("count known attacks by the events that an alert shows", () => {
    const shown = groupAlerts(
      [finding(0, "a", { events: ["x1"] }), finding(0, "b", { events: ["h"] })],
      RULES,
      "m",
    );
    const cases = [
      { id: "1", detection: "d", events: ["x1", "x2"] },
      { id: "2", detection: "d", events: ["y"] },
    ];
    expect(countCases(shown, cases, "d")).toMatchObject({
      caught: 1,
      missed: 1,
      needless: 1,
      recall: 0.5,
    });
  });
});

describe("what is run", () => {
  const files = readRuleFiles();
  const text = files.find(({ path }) => path.endsWith("/card-testing-source.yml"))?.text ?? "";

  it("all rules, or those asked for by rule or detection", () => {
    expect(prepareBacktest(files, {}).before).toBeNull();
    const { names } = prepareBacktest(files, { rules: ["card-testing-source"] });
    expect(names.after).toContain("card_testing_by_ip");
    expect(() => prepareBacktest(files, { rules: ["card-testing-sauce"] })).toThrow(
      "card-testing-source",
    );
  });

  it("a knob, within its bounds", () => {
    const { names, after } = prepareBacktest(files, {
      knobs: { card_testing_by_ip: { declines: 7 } },
    });
    expect(names.after).toEqual(["card_testing_by_ip"]);
    const plan = after.plans.get("card_testing_by_ip");
    expect(plan?.kind === "correlation" && plan.comparisons).toEqual([
      { compare: "gte", value: 7 },
    ]);
    const set = (value: number) => () =>
      prepareBacktest(files, { knobs: { card_testing_by_ip: { declines: value } } });
    expect(set(2)).toThrow("between 3 and 50");
    expect(set(Number.NaN)).toThrow("between");
    expect(() => prepareBacktest(files, { knobs: { card_testing_by_ip: { decline: 7 } } })).toThrow(
      '"declines"',
    );
  });

  it("a changed file takes the place of the one in force; a broken one is refused and told where", () => {
    const { names, before } = prepareBacktest(files, { text: text.replace("gte: 5", "gte: 9") });
    expect(before).not.toBeNull();
    expect(names.after).toContain("card_testing_by_ip");
    expect(() => prepareBacktest(files, { text: text.replace("gte: 5", "gtte: 5") })).toThrow(
      /card-testing-source\.yml:\d+:\d+: .*"gte"/s,
    );
    expect(() => prepareBacktest(files, { text: "x".repeat(2_000_000) })).toThrow("1 MiB");
  });
});
