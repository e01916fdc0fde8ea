// The index never loses a match, and any JSON event is read as its rules expect.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { FieldValue } from "../../../core/event.ts";
import { compileExpr } from "../live/match.ts";
import type { DetectionPlan, Expr, GlobPart, Test } from "../plan.ts";
import { flattenEvent } from "./flatten.ts";
import { createMatcher } from "./matcher.ts";
import { regexLiterals } from "./regex-literals.ts";

function rule(where: Expr, logsource = {}): { plan: DetectionPlan } {
  const plan: DetectionPlan = {
    kind: "detection",
    name: "r",
    file: "r.yml",
    eventTypes: null,
    logsource,
    where,
    fields: [],
    readsTraining: false,
    filters: [],
  };
  return { plan };
}
const leaf = (field: string, test: Test): Expr => ({ kind: "leaf", field, test });
const like = (...glob: GlobPart[]): Test => ({ op: "like", glob, cased: false });
const MANY: GlobPart = { wild: "*" };

describe("flat events", () => {
  it.each([
    [{ a: { b: 1, "c.d": "x" } }, { "a.b": 1, "a.c.d": "x" }],
    [{ "a.b": "own" }, { "a.b": "own" }],
    [{ a: [1, "x", null] }, { a: [1, "x"] }],
    [{ a: [{ b: 1 }, { b: 2 }, { c: true }] }, { "a.b": [1, 2], "a.c": true }],
    [{ a: null, b: [], c: {} }, {}],
    ["text", {}],
    [null, {}],
  ])("%j", (event, flat) => expect(Object.fromEntries(flattenEvent(event))).toEqual(flat));

  it("gives Windows events the short names that rules use, without hiding what was sent", () => {
    const flat = flattenEvent({
      Image: "own",
      Event: {
        "#attributes": { xmlns: "x" },
        System: {
          Provider: { "#attributes": { Name: "Microsoft-Windows-Sysmon" } },
          EventID: { "#text": 5007, "#attributes": { Qualifiers: 1 } },
          Channel: "Application",
          Correlation: null,
        },
        EventData: { Image: "C:\\x.exe", "New Value": "y" },
        UserData: { Log: { Param: 7 } },
      },
    });
    expect(flat.get("Provider_Name")).toBe("Microsoft-Windows-Sysmon");
    expect(flat.get("EventID")).toBe(5007);
    expect(flat.get("Channel")).toBe("Application");
    expect(flat.get("NewValue")).toBe("y");
    expect(flat.get("New Value")).toBe("y");
    expect(flat.get("Param")).toBe(7);
    expect(flat.get("Image")).toBe("own");
    expect(flat.get("Event.EventData.Image")).toBe("C:\\x.exe");
  });

  it("survives a deep nest", () => {
    let event: unknown = 1;
    for (let i = 0; i < 10_000; i += 1) event = { a: event };
    expect(flattenEvent(event).size).toBe(0);
  });
});

describe("literals of a regular expression", () => {
  it.each([
    ["abc.*defgh", ["defgh"]],
    ["(?i)PowerShell\\.exe", ["powershell.exe"]],
    ["ab(?:c|d)efgh?", ["efg"]],
    ["abcd+e", ["abcd"]],
    ["abcd{2}efg", ["abcd"]],
    ["[a-z]{3}\\\\temp\\\\x?", ["\\temp\\"]],
    ["\\d{4}-secret", ["-secret"]],
    ["foo(\\(|bar]|[)(])quux", ["quux"]],
    ["abc|defg", ["abc", "defg"]],
    ["(abcdef|ghi)\\s", ["abcdef", "ghi"]],
    ["^\\bcmd\\b$", ["cmd"]],
    ["x\\ty", ["x\ty"]],
  ])("%s needs one of %j", (source, texts) => expect(regexLiterals(source)).toEqual(texts));
  it.each(["(abcdef)?", "[abc]+", "(a|.)", "abc*|", "a{0,3}", "\\x41bc", "\\pL", "x|"])(
    "%s: none, or only texts that every match holds",
    (source) =>
      expect((regexLiterals(source) ?? [""]).filter((text) => text.length > 2)).toEqual([]),
  );
});

const WORDS = [
  "powershell",
  "PowerShell.exe",
  " -enc ",
  "\\temp\\",
  "ß",
  "İ",
  "ſtrasse",
  "K",
  "a",
  "",
  "ab",
];
const word = fc.constantFrom(...WORDS);
const part: fc.Arbitrary<GlobPart> = fc.oneof(
  word,
  fc.constant(MANY),
  fc.constant<GlobPart>({ wild: "?" }),
);
const anyTest: fc.Arbitrary<Test> = fc.oneof(
  fc.record({
    op: fc.constant("is" as const),
    value: fc.oneof(word, fc.constantFrom(1, 4688)),
    cased: fc.boolean(),
  }),
  fc.record({
    op: fc.constant("like" as const),
    glob: fc.array(part, { maxLength: 4 }),
    cased: fc.boolean(),
  }),
  fc.record({
    op: fc.constant("re" as const),
    source: fc.constantFrom(
      "powershell",
      "(?i)POWERSHELL|enc",
      "st?rasse",
      "temp.+ab",
      "^ab$",
      "k+",
    ),
    flags: fc.constantFrom("", "i"),
  }),
  fc.constant<Test>({ op: "null" }),
  fc.record({ op: fc.constant("exists" as const), present: fc.boolean() }),
  fc.record({
    op: fc.constant("compare" as const),
    compare: fc.constant("gte" as const),
    value: fc.constant(5),
  }),
  fc.record({
    op: fc.constant("field" as const),
    other: fc.constantFrom("f", "g"),
    how: fc.constantFrom("is" as const, "contains" as const),
  }),
);
const field = fc.constantFrom("f", "g", "h");
const { expr } = fc.letrec<{ expr: Expr }>((tie) => ({
  expr: fc.oneof(
    { maxDepth: 4 },
    fc.record({ kind: fc.constant("leaf" as const), field, test: anyTest }),
    fc.record({
      kind: fc.constant("keyword" as const),
      glob: word.map((w): GlobPart[] => [MANY, ...(w === "" ? [] : [w]), MANY]),
      cased: fc.boolean(),
    }),
    fc.record({
      kind: fc.constantFrom("and" as const, "or" as const),
      of: fc.array(tie("expr"), { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant("not" as const), of: tie("expr") }),
  ),
}));
const value: fc.Arbitrary<FieldValue> = fc.oneof(
  fc.array(word, { maxLength: 4 }).map((words) => words.join("")),
  fc.constantFrom<FieldValue>(1, 5, 4688, true),
);
const event = fc.dictionary(field, fc.oneof(value, fc.array(value, { maxLength: 3 })), {
  maxKeys: 3,
});

describe("literals that an expression names", () => {
  const PATTERNS = [
    "ab+c?d{2}e",
    "(foo|bar)x*baz",
    "(?:one|t(?:wo|en))\\d+",
    "[a-c]xyz|pq{0,2}r",
    "a(b|)c",
    "(abc)?def",
    "\\.exe$",
    "x{0}yz",
    "(ab){2,3}c",
  ];
  it("are in every text that the regular expression matches", () => {
    for (const source of PATTERNS) {
      const literals = regexLiterals(source) ?? [""];
      fc.assert(
        fc.property(fc.stringMatching(new RegExp(source)), (text) => {
          expect(literals.some((literal) => text.toLowerCase().includes(literal))).toBe(true);
        }),
        { numRuns: 100 },
      );
    }
  });
});

describe("the index", () => {
  it("gives what every rule by itself gives", () => {
    fc.assert(
      fc.property(
        fc.array(expr, { minLength: 1, maxLength: 12 }),
        fc.array(event, { maxLength: 5 }),
        (rules, events) => {
          const given = rules.map((where) => rule(where));
          const indexed = createMatcher(given);
          const plain = createMatcher(given, { plain: true });
          for (const one of events) {
            const flat = flattenEvent(one);
            expect(indexed.match(flat)).toEqual(plain.match(flat));
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("agrees with the streaming engine's own matching where events are flat and text is text", () => {
    fc.assert(
      fc.property(expr, fc.dictionary(field, word, { maxKeys: 3 }), (where, one) => {
        const own = compileExpr(where);
        const met = createMatcher([rule(where)]).match(flattenEvent(one));
        expect(met.length === 1).toBe(own(Object.assign(Object.create(null), one)));
      }),
      { numRuns: 2000 },
    );
  });

  it("meets any element of a list, and its opposite none", () => {
    const is = leaf("f", { op: "is", value: "B", cased: false });
    const [met, opposite] = [rule(is), rule({ kind: "not", of: is })];
    const matcher = createMatcher([met, opposite]);
    expect(matcher.match(flattenEvent({ f: ["a", "b"] }))).toEqual([met]);
    expect(matcher.match(flattenEvent({ f: ["a", "c"] }))).toEqual([opposite]);
  });

  it("routes by log source only when asked", () => {
    const only = rule(leaf("f", like(MANY, "x", MANY)), {
      category: "process_creation",
      product: "windows",
    });
    const matcher = createMatcher([only]);
    const flat = flattenEvent({ f: "axb" });
    expect(matcher.match(flat)).toEqual([only]);
    expect(
      matcher.match(flat, { logsource: { category: "Process_Creation", product: "windows" } }),
    ).toEqual([only]);
    expect(matcher.match(flat, { logsource: { category: "process_creation" } })).toEqual([]);
    expect(matcher.match(flat, { logsource: { category: "dns", product: "windows" } })).toEqual([]);
  });
});
