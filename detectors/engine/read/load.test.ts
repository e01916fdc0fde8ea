import { describe, expect, it } from "vitest";
import type { Event } from "../../../core/event.ts";
import { createEngine } from "../live/engine.ts";
import { runEvents } from "../proof/run-rule-tests.ts";
import { anEvent, correlation, detection, rulesOf } from "../proof/testing/builders.ts";
import { checkRules, loadRules } from "./load.ts";

const faultsOf = (text: string) =>
  checkRules([{ path: "t.yml", text }]).faults.map((f) => `${f.line}:${f.column} ${f.message}`);
const DECLINED = detection("declined", "{event_type: payment, outcome: declined}", 0);
const body = (text: string) => correlation("r", text, 1);
const withKey = (text: string) => `${DECLINED}${text}\n`;

describe("mistakes are refused with line, column and the fix", () => {
  it.each([
    {
      name: "a typo in a field",
      text: detection("x", "{outcom: a}", 0),
      says: 'Did you mean "outcome"',
    },
    {
      name: "a typo in a modifier",
      text: detection("x", "{'ip|contians': a}", 0),
      says: 'Did you mean "contains"',
    },
    {
      name: "wide text that is not encoded",
      text: detection("x", "{'ip|wide': a}", 0),
      says: "directly before",
    },
    {
      name: "text where a number is",
      text: detection("x", "{amount: abc}", 0),
      says: "is a number",
    },
    {
      name: "a comparison with text",
      text: detection("x", "{'ip|lt': 5}", 0),
      says: "not a number",
    },
    { name: "a decimal", text: detection("x", "{'amount|lt': 5.5}", 0), says: "whole numbers" },
    { name: "a part of UTC time", text: detection("x", "{'ts|hour': 5}", 0), says: "local-time" },
    {
      name: "a bad range",
      text: detection("x", "{'ip|cidr': 1.2.3}", 0),
      says: "not an address range",
    },
    { name: "look-ahead", text: detection("x", "{'ip|re': '(?=a)'}", 0), says: "Look-around" },
    {
      name: "an endless regex",
      text: detection("x", "{'ip|re': 'a{1,99999}'}", 0),
      says: "linear-time",
    },
    {
      name: "all with one value",
      text: detection("x", "{'ip|contains|all': a}", 0),
      says: "two values",
    },
    {
      name: "what only arrival knows",
      text: detection("x", "{is_late: true}", 0),
      says: "may not read",
    },
    {
      name: "a field that its type lacks",
      text: detection("x", "{event_type: sale, card_token: a}", 0),
      says: "carries",
    },
    {
      name: "a missing selection",
      text: DECLINED.replace("condition: selection", "condition: selectoin"),
      says: 'Did you mean "selection"',
    },
    {
      name: "an old aggregation",
      text: DECLINED.replace("condition: selection", "condition: 'selection | count() > 5'"),
      says: "correlation",
    },
    {
      name: "an unused selection",
      text: DECLINED.replace("    condition", "    other: {ip: a}\n    condition"),
      says: "never uses",
    },
    { name: "an unknown key", text: withKey("levle: high"), says: 'Did you mean "level"' },
    { name: "a doubled key", text: withKey("name: again"), says: "unique" },
    {
      name: "a UUID of another kind",
      text: DECLINED.replace("4000-8000", "1000-8000"),
      says: "UUID",
    },
    { name: "an alias", text: withKey("status: &a test\nlevel: *a"), says: "aliases" },
    {
      name: "two rules with one name",
      text: `${DECLINED}---\n${detection("declined", "{event_type: sale}", 5)}`,
      says: "used twice",
    },
    {
      name: "a name that leads nowhere",
      text: `${DECLINED}---\n${body("{type: event_count, rules: [declind], timespan: 1m, condition: {gte: 2}}")}`,
      says: 'Did you mean "declined"',
    },
    {
      name: "a rule that counts itself",
      text: body("{type: event_count, rules: [r], timespan: 1m, condition: {gte: 2}}"),
      says: "circle",
    },
    {
      name: "a window of a year",
      text: `${DECLINED}---\n${body("{type: event_count, rules: [declined], timespan: 365d, condition: {gte: 2}}")}`,
      says: "at most 35d",
    },
    {
      name: "a fruit as a window",
      text: `${DECLINED}---\n${body("{type: event_count, rules: [declined], timespan: banana, condition: {gte: 2}}")}`,
      says: "such as 10m",
    },
    {
      name: "a condition true of nothing",
      text: `${DECLINED}---\n${body("{type: event_count, rules: [declined], timespan: 1m, condition: {lt: 1}}")}`,
      says: "absence_after",
    },
    {
      name: "a median",
      text: `${DECLINED}---\n${body("{type: value_median, rules: [declined], timespan: 1m, condition: {gte: 1, field: amount}}")}`,
      says: "percentile: 50",
    },
    {
      name: "a percentile without one",
      text: `${DECLINED}---\n${body("{type: value_percentile, rules: [declined], timespan: 1m, condition: {gte: 1, field: amount}}")}`,
      says: "percentile: 95",
    },
    {
      name: "a percentile over 100",
      text: `${DECLINED}---\n${body("{type: value_percentile, rules: [declined], timespan: 1m, condition: {gte: 1, field: amount, percentile: 101}}")}`,
      says: "from 0 to 100",
    },
    {
      name: "an average of text",
      text: `${DECLINED}---\n${body("{type: value_avg, rules: [declined], timespan: 1m, condition: {gte: 1, field: ip}}")}`,
      says: "not a number",
    },
    ...[
      ["declined and approved", "not among the rules"],
      ["declined", 'never names "other"'],
      ["not declined and not other", "absence_after"],
      ["1 of them", "name the rules"],
      ["declined and (other", "never closed"],
    ].map(([condition, says]) => ({
      name: `a temporal condition: ${condition}`,
      text: `${DECLINED}---\n${detection("other", "{event_type: sale}", 9)}---\n${body(`{type: temporal, rules: [declined, other], timespan: 1m, condition: ${condition}}`)}`,
      says: says ?? "",
    })),
    {
      name: "an or in an ordered condition",
      text: `${DECLINED}---\n${detection("other", "{event_type: sale}", 9)}---\n${body("{type: temporal_ordered, rules: [declined, other], timespan: 1m, condition: declined or other}")}`,
      says: "joined by and",
    },
    {
      name: "an alias that leaves a rule out",
      text: `${DECLINED}---\n${detection("other", "{event_type: sale}", 9)}---\n${body("{type: temporal, rules: [declined, other], aliases: {who: {declined: ip}}, group-by: [who], timespan: 1m}")}`,
      says: '"other" is missing',
    },
    {
      name: "a correlation that does not exist",
      text: `${DECLINED}---\n${body("{type: event_cuont, rules: [declined], timespan: 1m, condition: {gte: 1}}")}`,
      says: 'Did you mean "event_count"',
    },
    {
      name: "a filter that nobody owns",
      text: "title: x\nname: x\nlogsource: {product: tillwatch}\nfilter: {rules: any, a: {ip: b}, condition: a}",
      says: "{owner, reason, expires}",
    },
    { name: "ten megabytes", text: `# ${"x".repeat(10_000_000)}`, says: "over 1 MiB" },
    { name: "nothing", text: "", says: "holds no rule" },
    { name: "not YAML", text: "a: [", says: "" },
  ])("$name", ({ text, says }) => {
    const faults = faultsOf(text);
    expect(faults.length).toBeGreaterThan(0);
    expect(faults.join("\n")).toContain(says);
    expect(faults[0]).toMatch(/^\d+:\d+ ./);
    expect(() => loadRules([{ path: "t.yml", text }])).toThrowError(/t\.yml:\d+:\d+: /);
  });

  it("points at the very place", () => {
    expect(faultsOf(detection("x", "{ip: a, outcom: b}", 0))[0]).toMatch(/^6:24 /);
  });
});

/** Does a detection with this selection (and condition) match this payment? */
function matches(selection: string, event: Partial<Event>, condition = "selection"): boolean {
  const text = detection("d", selection, 0).replace(
    "condition: selection",
    `condition: ${condition}`,
  );
  const rules = rulesOf(
    text,
    body("{type: event_count, rules: [d], timespan: 1m, condition: {gte: 1}}"),
  );
  const engine = createEngine(rules, { merchantId: "m1", currency: "EUR" });
  return runEvents(engine, [anEvent(1, 1000, event)]).length === 1;
}

describe("leaves", () => {
  it.each([
    ["case does not matter", "{reason: ÄB}", { event_type: "sign_in", reason: "äb" }, true],
    ["cased", "{'reason|cased': AB}", { event_type: "sign_in", reason: "ab" }, false],
    ["a list is an OR", "{outcome: [a, b]}", { outcome: "B" }, true],
    ["all is an AND", "{'ip|contains|all': [a, b]}", { ip: "xbya" }, true],
    ["all misses one", "{'ip|contains|all': [a, b]}", { ip: "xa" }, false],
    ["a wildcard is anchored at both ends", "{ip: 'a*b'}", { ip: "xab" }, false],
    ["a wildcard crosses lines", "{ip: 'a*b'}", { ip: "a\n\nb" }, true],
    ["one code point", "{ip: 'a?b'}", { ip: "a😀b" }, true],
    ["one code point, not none", "{ip: 'a?b'}", { ip: "ab" }, false],
    ["a literal star", "{ip: 'a\\*b'}", { ip: "a*b" }, true],
    ["a literal star is no wildcard", "{ip: 'a\\*b'}", { ip: "axb" }, false],
    ["a backslash, then a wildcard", "{ip: 'a\\\\*'}", { ip: "a\\xyz" }, true],
    ["both literal", "{ip: 'a\\\\\\*'}", { ip: "a\\*" }, true],
    ["a single backslash is itself", "{ip: 'a\\b'}", { ip: "a\\b" }, true],
    ["startswith", "{'ip|startswith': 10.}", { ip: "10.1" }, true],
    ["endswith", "{'ip|endswith': '.1'}", { ip: "10.1" }, true],
    ["empty text is not absence", "{ip: ''}", {}, false],
    ["null is absence", "{ip: null}", {}, true],
    ["exists false", "{'ip|exists': false}", {}, true],
    ["a star matches any present text", "{ip: '*'}", { ip: "" }, true],
    ["neq on an absent field", "{'ip|neq': a}", {}, true],
    ["neq on the value", "{'ip|neq': a}", { ip: "A" }, false],
    ["gt at the bound", "{'amount|gt': 100}", { amount: 100 }, false],
    ["gte at the bound", "{'amount|gte': 100}", { amount: 100 }, true],
    ["lt on an absent field", "{'amount|lt': 100}", {}, false],
    ["a number equals by text", "{last4: 42}", { last4: "42" }, true],
    ["leading zeros are not dropped", "{last4: 42}", { last4: "042" }, false],
    ["true is not text", "{card_has_chip: true}", { card_has_chip: true }, true],
    ["cidr", "{'ip|cidr': 198.51.100.0/24}", { ip: "198.51.100.7" }, true],
    ["cidr, mapped address", "{'ip|cidr': 198.51.100.0/24}", { ip: "::ffff:198.51.100.7" }, true],
    ["cidr, no address", "{'ip|cidr': 198.51.100.0/24}", { ip: "till" }, false],
    ["regex, unanchored", "{'ip|re': '1[0-9]\\.'}", { ip: "x19.x" }, true],
    ["regex with a flag", "{'ip|re|i': 'AB'}", { ip: "xab" }, true],
    [
      "fieldref",
      "{'card_owner_cashier_id|fieldref': cashier_id}",
      { card_owner_cashier_id: "K1", cashier_id: "k1" },
      true,
    ],
    [
      "fieldref with one absent",
      "{'card_owner_cashier_id|fieldref': cashier_id}",
      { cashier_id: "k1" },
      false,
    ],
    ["hour", "{'ts_local|hour|gte': 22}", { ts_local: "2026-11-25T22:00:00.000" }, true],
    [
      "ISO week of 1 January",
      "{'ts_local|week': 53}",
      { ts_local: "2027-01-01T10:00:00.000" },
      true,
    ],
    ["training events stay away", "{outcome: a}", { outcome: "a", training: true }, false],
    [
      "training events reach who names them",
      "{outcome: a, training: true}",
      { outcome: "a", training: true },
      true,
    ],
  ] as const)("%s", (_, selection, event, expected) => {
    expect(matches(selection, event as Partial<Event>)).toBe(expected);
  });

  it.each([
    ["not selection", false],
    ["NOT (selection and selection)", false],
    ["selection or not selection", true],
    ["1 of sel*", true],
    ["all of them", true],
    ["not 1 of them or selection", true],
    ["not not selection", true],
  ])("condition %s", (condition, expected) => {
    expect(matches("{outcome: a}", { outcome: "a" }, condition)).toBe(expected);
  });
});
