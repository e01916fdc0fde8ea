import { describe, expect, it } from "vitest";
import type { Event } from "../../../core/event.ts";
import { createEngine } from "../live/engine.ts";
import { runEvents } from "./run-rule-tests.ts";
import { anEvent, correlation, detection, rulesOf } from "./testing/builders.ts";

const DECLINED = detection("declined", "{event_type: payment, outcome: declined}", 0);
const APPROVED = detection("approved", "{event_type: payment, outcome: approved}", 1);
const settings = { merchantId: "m1", currency: "EUR" };
const T = 10_000;
const declined = (id: number, ts: number, fields: Partial<Event> = {}) =>
  anEvent(id, ts, { outcome: "declined", ip: "a", currency: "EUR", ...fields });
const approved = (id: number, ts: number) => anEvent(id, ts, { outcome: "approved", ip: "a" });
const fires = (body: string, events: Event[], currency = "EUR") =>
  runEvents(
    createEngine(rulesOf(DECLINED, APPROVED, correlation("r", body, 2)), { ...settings, currency }),
    events,
  ).map((f) => f.ts);

const COUNT =
  "{type: event_count, rules: [declined], group-by: [ip], timespan: 10s, condition: {gte: 3}}";
const CARDS =
  "{type: value_count, rules: [declined], group-by: [ip], timespan: 10s, condition: {gte: 3, field: card_token}}";
const SUM =
  "{type: value_sum, rules: [declined], group-by: [ip], timespan: 10s, condition: {gte: 300, field: amount}}";
const BOTH = "{type: temporal, rules: [declined, approved], group-by: [ip], timespan: 10s}";
const ORDER =
  "{type: temporal_ordered, rules: [declined, approved], group-by: [ip], timespan: 10s}";
const three = (last: number) =>
  [0, 1, last].map((ts, i) => declined(i, ts, { card_token: `c${i}`, amount: 100 }));

describe("edges of windows and thresholds", () => {
  it.each([
    ["event_count", COUNT, three(T - 1), [T - 1]],
    ["event_count", COUNT, three(T), [T]],
    ["event_count", COUNT, three(T + 1), []],
    ["event_count one below", COUNT, three(T).slice(1), []],
    ["value_count", CARDS, three(T - 1), [T - 1]],
    ["value_count", CARDS, three(T), [T]],
    ["value_count", CARDS, three(T + 1), []],
    ["value_sum", SUM, three(T - 1), [T - 1]],
    ["value_sum", SUM, three(T), [T]],
    ["value_sum", SUM, three(T + 1), []],
    ["value_sum one below", SUM, [declined(1, 0, { amount: 299 })], []],
    ["value_sum at the bound", SUM, [declined(1, 0, { amount: 300 })], [0]],
    ["temporal", BOTH, [declined(1, 0), approved(2, T - 1)], [T - 1]],
    ["temporal", BOTH, [approved(1, 0), declined(2, T)], [T]],
    ["temporal", BOTH, [declined(1, 0), approved(2, T + 1)], []],
    ["temporal_ordered", ORDER, [declined(1, 0), approved(2, T)], [T]],
    ["temporal_ordered", ORDER, [declined(1, 0), approved(2, T + 1)], []],
    ["temporal_ordered, wrong order", ORDER, [approved(1, 0), declined(2, T)], []],
    ["temporal_ordered, a tie in order of ids", ORDER, [declined(1, 0), approved(2, 0)], [0]],
    ["temporal_ordered, a tie against it", ORDER, [approved(1, 0), declined(2, 0)], []],
  ])("%s %#", (_, body, events, expected) => expect(fires(body, events)).toEqual(expected));
});

describe("money", () => {
  it.each([
    { currency: "EUR", amount: 300, expected: 1 },
    { currency: "EUR", amount: 299, expected: 0 },
    { currency: "JPY", amount: 3, expected: 1 },
    { currency: "JPY", amount: 2, expected: 0 },
    { currency: "KWD", amount: 3000, expected: 1 },
    { currency: "KWD", amount: 2999, expected: 0 },
  ])(
    "3.00 of $currency is reached with $amount minor units: $expected",
    ({ currency, amount, expected }) => {
      expect(fires(SUM, [declined(1, 0, { amount, currency })], currency)).toHaveLength(expected);
    },
  );

  it("sums never mix currencies", () => {
    const events = [
      declined(1, 0, { amount: 200 }),
      declined(2, 1, { amount: 200, currency: "USD" }),
    ];
    expect(fires(SUM, events)).toEqual([]);
  });
});

describe("a rule that throws", () => {
  it("is switched off alone and told once", () => {
    const rules = rulesOf(
      DECLINED,
      detection("bad", "{event_type: payment, issuer_country: x}", 3),
      correlation("r", COUNT, 2),
      correlation("s", COUNT.replace("[declined]", "[bad]"), 4),
    );
    const told: string[] = [];
    const engine = createEngine(rules, { ...settings, onFault: (rule) => told.push(rule) });
    const events = three(5).map((event) =>
      Object.defineProperty({ ...event }, "issuer_country", {
        get() {
          throw new Error("broken");
        },
      }),
    );
    expect(runEvents(engine, events).map((f) => f.rule)).toEqual(["r"]);
    expect(told).toEqual(["s"]);
    expect(engine.stats().off).toEqual(["bad"]);
  });
});

describe("memory", () => {
  it("is bounded out loud: the groups that were quiet longest go first", () => {
    const lost: { groups: number; items: number }[] = [];
    const rules = rulesOf(DECLINED, correlation("r", COUNT, 2));
    const engine = createEngine(rules, {
      ...settings,
      maxItemsPerRule: 100,
      onShed: (_, what) => lost.push(what),
    });
    const events = Array.from({ length: 150 }, (_, i) => declined(i, i, { ip: `ip${i}` }));
    runEvents(engine, events);
    expect(lost.length).toBeGreaterThan(0);
    expect(engine.stats().items).toBeLessThanOrEqual(100);
    expect(
      runEvents(engine, [declined(900, 150, { ip: "ip149" }), declined(901, 151, { ip: "ip149" })]),
    ).toHaveLength(1);
  });

  it("empties when time passes", () => {
    const engine = createEngine(rulesOf(DECLINED, correlation("r", COUNT, 2)), settings);
    runEvents(
      engine,
      Array.from({ length: 500 }, (_, i) => declined(i, i, { ip: `ip${i}` })),
    );
    runEvents(engine, [declined(900, 86_400_000)]);
    expect(engine.stats()).toMatchObject({ groups: 1, items: 1 });
  });
});

describe("late events beyond memory", () => {
  it("ask for the history that they need, and no more", () => {
    const engine = createEngine(rulesOf(DECLINED, correlation("r", COUNT, 2)), settings);
    const old = 1_000_000;
    const before = [declined(1, old), declined(2, old + 1)];
    runEvents(engine, [...before, declined(3, old + 3_600_000)]);
    const late = declined(4, old + 5);
    const { findings, needs } = engine.judgeLate([late]);
    expect(findings).toEqual([]);
    expect(needs).toEqual([
      {
        rule: "r",
        version: 1,
        sharedFields: ["ip"],
        eventTypes: ["payment"],
        readFromTs: late.ts - T,
        readToTs: late.ts + T,
        groups: [{ by: "e00004", values: { ip: "a" }, fromTs: late.ts, toTs: late.ts + T }],
      },
    ]);
    const need = needs[0];
    const found = need === undefined ? [] : engine.judgeHistory(need, [...before, late, late]);
    expect(found).toMatchObject([{ ts: late.ts, value: 3, late: true }]);
  });
});

describe("a finding", () => {
  it("has the numbers in its words, and at most twenty events", () => {
    const rules = rulesOf(DECLINED, correlation("r", COUNT, 2));
    const events = Array.from({ length: 30 }, (_, i) => declined(i, 0));
    const [finding] = runEvents(createEngine(rules, settings), events);
    expect(finding).toMatchObject({
      value: 30,
      threshold: 3,
      explanation: "30",
      counterfactual: "Would not fire at 2.",
      event_count: 30,
      group: { ip: "a" },
      late: false,
    });
    expect(finding?.evidence).toHaveLength(20);
    expect(finding?.evidence.at(-1)?.event_id).toBe("e00029");
    expect(finding?.evidence.at(-1)?.fields).toMatchObject({ outcome: "declined", ip: "a" });
  });
});
