import { describe, expect, it } from "vitest";
import type { AlertLabel } from "../../core/alert-label.ts";
import { type JudgedAlert, MATURE_MS, rulePrecision, wilson } from "./precision.ts";

const MONDAY = Date.UTC(2026, 10, 23);
const DAY_MS = 86_400_000;
const LATER = MONDAY + 30 * DAY_MS;
let seq = 0;

function label(over: Partial<AlertLabel>): AlertLabel {
  seq += 1;
  const verdict = { kind: "verdict", actor: "account:owner", label: "fraud" } as const;
  const nobodyElse = { event_id: null, about: null, reason_code: null };
  return { seq, ...verdict, known_at: MONDAY, ...nobodyElse, ...over };
}

function alert(labels: AlertLabel[], over: Partial<JudgedAlert> = {}): JudgedAlert {
  const of = { rule: "refund_same_card", rule_version: 100, level: "high", first_ts: MONDAY };
  return { ...(of as JudgedAlert), labels, ...over };
}

const one = (alerts: JudgedAlert[], asOf = LATER) => {
  const [row] = rulePrecision(alerts, asOf);
  if (row === undefined) throw new Error("no row");
  return row;
};

it.each([
  // Reference: Newcombe 1998, and scipy.stats.binomtest(…).proportion_ci(method="wilson").
  { hits: 81, of: 263, low: 0.2553, high: 0.3662 },
  { hits: 15, of: 148, low: 0.0624, high: 0.1605 },
  { hits: 0, of: 20, low: 0, high: 0.1611 },
  { hits: 1, of: 29, low: 0.0061, high: 0.1718 },
  { hits: 10, of: 10, low: 0.7225, high: 1 },
])("$hits of $of lies between $low and $high", ({ hits, of, low, high }) => {
  const share = wilson(hits, of);
  expect(share?.low).toBeCloseTo(low, 4);
  expect(share?.high).toBeCloseTo(high, 4);
});

it("the interval holds the share and stays within 0 and 1", () => {
  for (let of = 1; of <= 60; of += 1) {
    for (let hits = 0; hits <= of; hits += 1) {
      const { value, low, high } = wilson(hits, of) ?? { value: -1, low: 0, high: 0 };
      expect(low >= 0 && low <= value && value <= high && high <= 1).toBe(true);
    }
  }
});

it("alerts that nobody labelled give no precision, however many there are", () => {
  const row = one([alert([]), alert([]), alert([label({ label: "unsure" })])]);
  expect(row).toMatchObject({ told: 3, labelled: 1, unsure: 1, precision: null });
});

it("unsure ones are labelled, but neither right nor wrong", () => {
  const row = one([
    alert([label({})]),
    alert([label({ label: "not_fraud" })]),
    alert([label({ label: "unsure" })]),
  ]);
  expect(row).toMatchObject({ labelled: 3, fraud: 1, not_fraud: 1, precision: { value: 0.5 } });
});

describe("which label counts", () => {
  const provider = {
    kind: "chargeback",
    actor: "provider:stripe",
    event_id: "e",
    about: "p",
  } as const;
  it.each([
    {
      name: "the newest verdict",
      labels: [label({}), label({ label: "not_fraud" })],
      counts: { not_fraud: 1 },
    },
    {
      name: "a person's, not the provider's after it",
      labels: [label({ label: "not_fraud" }), label({ ...provider })],
      counts: { not_fraud: 1, by_provider: 0 },
    },
    {
      name: "the provider's where nobody judged",
      labels: [label({ ...provider })],
      counts: { fraud: 1, by_provider: 1 },
    },
    {
      name: "the provider's once the verdict was taken back",
      labels: [label({ label: "not_fraud" }), label({ ...provider }), label({ label: null })],
      counts: { fraud: 1, by_provider: 1 },
    },
    {
      name: "a provider's fraud before its unsure",
      labels: [label({ ...provider, label: "unsure" }), label({ ...provider })],
      counts: { fraud: 1 },
    },
    {
      name: "nothing that became known later",
      labels: [label({ known_at: LATER + 1 })],
      counts: { labelled: 0 },
    },
  ])("$name", ({ labels, counts }) => expect(one([alert(labels)])).toMatchObject(counts));
});

it("labels that become known later leave what was said before unchanged", () => {
  const early = alert([label({}), label({ label: "not_fraud", known_at: LATER })]);
  expect(one([early], LATER - 1)).toMatchObject({ fraud: 1, not_fraud: 0 });
  expect(one([early], LATER)).toMatchObject({ fraud: 0, not_fraud: 1 });
});

it("weeks begin on Monday, and the parts add up to the whole", () => {
  const row = one([
    alert([label({})], { first_ts: MONDAY - 1 }),
    alert([label({ label: "not_fraud" })], { rule_version: 101 }),
    alert([], { first_ts: MONDAY + 7 * DAY_MS - 1, level: "low" }),
  ]);
  expect(row.weeks).toMatchObject([
    { from: MONDAY - 7 * DAY_MS, told: 1, fraud: 1 },
    { from: MONDAY, told: 2, not_fraud: 1 },
  ]);
  expect(row.versions).toMatchObject([
    { rule_version: 100, told: 2, fraud: 1 },
    { rule_version: 101, told: 1, not_fraud: 1 },
  ]);
  expect(row.levels.map(({ level, told }) => [level, told])).toEqual([
    ["high", 2],
    ["low", 1],
  ]);
});

it("a week is mature only once most chargebacks on it have come", () => {
  const end = MONDAY + 7 * DAY_MS + MATURE_MS;
  expect(one([alert([])], end - 1).weeks[0]?.mature).toBe(false);
  expect(one([alert([])], end).weeks[0]?.mature).toBe(true);
});
