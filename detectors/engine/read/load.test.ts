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

const filterOf = (rules: string, body: string, own = "{owner: security, reason: test till}") =>
  `title: f\nname: f\nlogsource: {product: tillwatch}\nfilter:\n    rules: ${rules}\n${body}tillwatch: ${own}\n`;
const counted = body("{type: event_count, rules: [declined], timespan: 1m, condition: {gte: 1}}");
const OFFICE = "    office: {'ip|cidr': 198.51.100.0/24}\n    condition: office\n";

describe("our own filters", () => {
  const found = (filter: string, event: Partial<Event>, ts = 1000) => {
    const rules = rulesOf(DECLINED, filter, counted);
    const engine = createEngine(rules, { merchantId: "m1", currency: "EUR" });
    return runEvents(engine, [anEvent(1, ts, { outcome: "declined", ...event })]).length;
  };

  it("leave out what they match, and correlations feel it", () => {
    expect(found(filterOf("[declined]", OFFICE), { ip: "198.51.100.7" })).toBe(0);
    expect(found(filterOf("[declined]", OFFICE), { ip: "198.51.101.7" })).toBe(1);
    expect(found(filterOf("any", OFFICE), { ip: "198.51.100.7" })).toBe(0);
    expect(
      found(filterOf(`[00000000-0000-4000-8000-000000000000]`, OFFICE), { ip: "198.51.100.7" }),
    ).toBe(0);
  });

  it("end with their last day, by the event's own time", () => {
    const filter = filterOf("[declined]", OFFICE, "{owner: a, reason: b, expires: '2027-01-31'}");
    const last = Date.UTC(2027, 1, 1) - 1;
    expect(found(filter, { ip: "198.51.100.7" }, last)).toBe(0);
    expect(found(filter, { ip: "198.51.100.7" }, last + 1)).toBe(1);
    const plan = rulesOf(DECLINED, filter).plans.get("declined");
    expect(plan?.kind === "detection" && plan.filters).toEqual([{ name: "f", expires: last + 1 }]);
  });

  it.each([
    ["a rule that is not there", filterOf("[declind]", OFFICE), 'Did you mean "declined"'],
    [
      "a negation",
      filterOf("[declined]", OFFICE.replace("condition: office", "condition: not office")),
      "name what to leave out",
    ],
    ["no owner", filterOf("[declined]", OFFICE, "{reason: b}"), '"owner"'],
    [
      "a day that is none",
      filterOf("[declined]", OFFICE, "{owner: a, reason: b, expires: '2027-02-30'}"),
      "a day such as",
    ],
    [
      "a field that the rule's events lack",
      filterOf("[declined]", "    x: {sku: a}\n    condition: x\n"),
      "carries",
    ],
    [
      "another log source",
      filterOf("[declined]", OFFICE).replace(
        "{product: tillwatch}",
        "{product: tillwatch, category: sale}",
      ),
      "logsource.category",
    ],
    ["no rules", filterOf("[declined]", OFFICE).replace("    rules: [declined]\n", ""), '"rules"'],
    [
      "a name that is taken",
      filterOf("[declined]", OFFICE).replace("name: f", "name: declined"),
      "used twice",
    ],
  ])("refuse %s", (_, filter, says) => {
    expect(faultsOf(`${DECLINED}---\n${filter}`).join("\n")).toContain(says);
  });
});

describe("lists", () => {
  const listed = detection("d", "{'ip|expand': '%block%'}", 0);
  it("must be there", () => {
    expect(faultsOf(listed)).toEqual([]);
    expect(faultsOf(listed.replace("%block%", "%mine%")).join()).toContain('no list "mine"');
    const { faults } = checkRules([{ path: "t.yml", text: listed }], {
      lists: new Set(["blocks"]),
    });
    expect(faults[0]?.message).toContain('Did you mean "blocks"');
  });

  it("are asked as of the event's time", () => {
    const text = `${listed}---\n${body("{type: event_count, rules: [d], timespan: 1m, condition: {gte: 1}}")}`;
    const rules = loadRules([{ path: "t.yml", text }], { lists: new Set(["block"]) });
    const asked: unknown[] = [];
    const lists = (list: string, value: string, ts: number) => {
      asked.push([list, value, ts]);
      return ts >= 5000;
    };
    const engine = createEngine(rules, { merchantId: "m1", currency: "EUR", lists });
    const found = runEvents(engine, [anEvent(1, 4999, { ip: "a" }), anEvent(2, 5000, { ip: "a" })]);
    expect(asked).toEqual([
      ["block", "a", 4999],
      ["block", "a", 5000],
    ]);
    expect(found.map(({ ts }) => ts)).toEqual([5000]);
  });
});

describe("descriptive keys of our own rules", () => {
  it.each([
    ["date: yesterday", "a day such as"],
    ["related: [{id: x, type: similar}]", "UUID"],
    [
      "related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: simlar}]",
      'Did you mean "similar"',
    ],
    ["tags: ['no dots']", "A tag looks like"],
    ["taxonomy: sigma", "taxonomy must be tillwatch"],
    ["fields: [nope]", "which no event has"],
    ["references: x", "must be a list"],
    ["action: global", "Sigma 1"],
    ["custom: x", 'no key "custom"'],
  ])("%s is refused", (line, says) => {
    expect(faultsOf(withKey(line)).join("\n")).toContain(says);
  });

  it("are read when they are right", () => {
    const right = `date: 2026-11-25
related: [{id: 929a690e-bef0-4204-a928-ef5e620d6fcc, type: derived}]
tags: [attack.t1110, f3.f1012]
taxonomy: tillwatch
fields: [ip]
references: [https://example.org]
`;
    expect(faultsOf(withKey(right))).toEqual([]);
  });
});

describe("modifiers over our own fields", () => {
  it.each([
    ["windash on a text field", "{'reason|windash|contains': ' -x'}", []],
    ["base64 on a text field", "{'reason|base64offset|contains': foo}", []],
    ["windash on money", "{'amount|windash': 5}", ["needs a text field"]],
    ["expand with contains", "{'ip|contains|expand': '%x%'}", ["cannot be combined"]],
    ["all not last", "{'ip|all|contains': [a, b]}", ["must be the last"]],
    ["an escape that engines read apart", "{'ip|re': '\\x41'}", ["is not read"]],
    ["keywords", "[word]", ["Keyword searches"]],
  ])("%s", (_, selection, says) => {
    const text = detection("x", selection, 0).replace(
      "product: tillwatch",
      "product: tillwatch, category: drawer_opened",
    );
    const faults = faultsOf(
      selection.includes("reason") || selection === "[word]" ? text : detection("x", selection, 0),
    );
    expect(faults.length).toBe(says.length);
    for (const [i, word] of says.entries()) expect(faults[i]).toContain(word);
  });
});

describe("advice, which changes nothing", () => {
  const advice = (selections: string, condition: string) => {
    const text = `title: x
id: 00000000-0000-4000-8000-000000000007
name: x
logsource: {product: tillwatch, category: payment}
detection:
${selections}
    condition: ${condition}
`;
    const { faults, advice: given } = checkRules([{ path: "t.yml", text }]);
    expect(faults).toEqual([]);
    return given.map(({ message }) => /"(\w+)"|lower case/.exec(message)?.[1] ?? "case");
  };
  it.each([
    ["neq on a field that may be absent", "    a: {'ip|neq': b}", "a", ["ip"]],
    ["with a guard beside it", "    a: {'ip|neq': b, 'ip|exists': true}", "a", []],
    [
      "another test of the field is a guard",
      "    a: {'ip|startswith': '10.'}\n    b: {ip: 10.1}",
      "a and not b",
      [],
    ],
    [
      "a guard in one of two ways in is none",
      "    a: [{ip: x}, {outcome: y}]\n    b: {ip: z}",
      "a and not b",
      ["ip"],
    ],
    ["both fields of fieldref", "    a: {'bin|fieldref': last4}", "not a", ["bin", "last4"]],
    [
      "asking for absence needs none",
      "    a: {ip: null}\n    b: {'bin|exists': false}",
      "not a and not b",
      [],
    ],
    ["what every event has needs none", "    a: {event_type: payment}", "not a or a", []],
    ["words in upper case", "    a: {ip: b}\n    b: {bin: c}", "a AND b", ["case"]],
  ])("%s", (_, selections, condition, expected) => {
    expect(advice(selections, condition)).toEqual(expected);
  });
});
