// Anybody's Sigma rules over any JSON events: what the specification says, row by row.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { meetsBrute } from "./proof/brute-match.ts";
import { createMatcher, flattenEvent, loadSigma } from "./sigma.ts";

const rule = (detection: string, more = "") =>
  `title: t\nlogsource: {product: windows}\ndetection:\n${detection}\n${more}`;
const one = (selection: string, condition = "s") =>
  rule(`    s:\n        ${selection.replaceAll("\n", "\n        ")}\n    condition: ${condition}`);

function load(text: string) {
  const loaded = loadSigma([{ path: "t.yml", text }]);
  expect(loaded.refused).toEqual([]);
  return loaded.rules;
}

const matches = (text: string, event: unknown) =>
  createMatcher(load(text)).match(flattenEvent(event)).length > 0;

describe("values of a field", () => {
  it.each([
    ["contains keeps the value's own wildcards", "f|contains: 'a*b'", { f: "xa1bx" }, true],
    ["a wildcard is anchored at both ends", "f: 'a*b'", { f: "xab" }, false],
    ["a literal question mark", "f: 'a\\?b'", { f: "a?b" }, true],
    ["a literal question mark is no wildcard", "f: 'a\\?b'", { f: "axb" }, false],
    ["a backslash, then a wildcard", "f: 'C:\\\\*'", { f: "C:\\x" }, true],
    ["both literal", "f: 'a\\\\\\*'", { f: "a\\*" }, true],
    ["both literal, no wildcard", "f: 'a\\\\\\*'", { f: "a\\x" }, false],
    ["four backslashes are two", "f: 'a\\\\\\\\b'", { f: "a\\\\b" }, true],
    ["a single backslash is itself", "f|endswith: '\\cmd.exe'", { f: "C:\\CMD.EXE" }, true],
    ["case folds beyond ASCII", "f: ÄÖÜ", { f: "äöü" }, true],
    ["case folds beyond ASCII, one needle of many", "f|contains: [x, ÄÖÜ]", { f: "1äöü" }, true],
    ["cased is exact", "f|cased: Ab", { f: "AB" }, false],
    ["cased and contains", "f|contains|cased: Ab", { f: "xAbx" }, true],
    ["a number equals its decimal text", "f: 42", { f: "42" }, true],
    ["text equals a number", "f: '42'", { f: 42 }, true],
    ["leading zeros are not dropped", "f: 42", { f: "042" }, false],
    ["nor are decimals added", "f: 42", { f: "42.0" }, false],
    [
      "a number too long for a number",
      "f: 18446744073709551615",
      { f: "18446744073709551615" },
      true,
    ],
    ["a number met by contains", "f|contains: 68", { f: 4688 }, true],
    ["true is true", "f: true", { f: true }, true],
    ["text 'true' is true, as event logs write it", "f: 'true'", { f: true }, true],
    ["true is not 1", "f: true", { f: 1 }, false],
    ["empty text", "f: ''", { f: "" }, true],
    ["empty text is not absence", "f: ''", {}, false],
    ["null is absence", "f: null", {}, true],
    ["a key without a value is null", "{f}", {}, true],
    ["a key without a value is not its own name", "{f}", { f: "f" }, false],
    ["a key with nothing behind it is null", "f:", {}, true],
    ["null is JSON's null", "f: null", { f: null }, true],
    ["null is not empty text", "f: null", { f: "" }, false],
    ["null or a value", "f: [null, a]", { f: "a" }, true],
    ["a star is any present text, also empty", "f: '*'", { f: "" }, true],
    ["a star is not absence", "f: '*'", {}, false],
    ["exists, empty text", "f|exists: true", { f: "" }, true],
    ["exists: false", "f|exists: false", { f: "" }, false],
    ["NO is Norway", "f: NO", { f: "no" }, true],
    ["neq", "f|neq: a", { f: "A" }, false],
    ["neq, absent", "f|neq: a", {}, true],
    ["neq of several: none of them", "f|neq: [a, b]", { f: "b" }, false],
    ["contains and neq", "f|contains|neq: a", { f: "xax" }, false],
    ["all", "f|contains|all: [a, b]", { f: "b-a" }, true],
    ["all misses one", "f|contains|all: [a, b]", { f: "b" }, false],
    ["all anywhere in the chain", "f|all|contains: [a, b]", { f: "ab" }, true],
    ["two bounds", "{f|gt: 1, f|lte: 3}", { f: 3 }, true],
    ["gt on text", "f|gt: 1", { f: "5" }, false],
    ["lt on an absent field", "f|lt: 1", {}, false],
    ["hour of a local time", "f|hour|gte: 22", { f: "2026-11-25T22:00:00" }, true],
    ["hour by itself", "f|hour: 5", { f: "2026-11-25 05:59:00" }, true],
    ["minute", "f|minute: 59", { f: "2026-11-25 05:59:00" }, true],
    [
      "day, month and year",
      "{f|day: 25, f|month: 11, f|year: 2026}",
      { f: "2026-11-25T22:00:00" },
      true,
    ],
    ["week 53", "f|week: 53", { f: "2027-01-01T00:00:00" }, true],
    ["cidr 4", "f|cidr: [10.0.0.0/8, 192.168.0.0/16]", { f: "192.168.7.7" }, true],
    ["cidr 4, outside", "f|cidr: 10.0.0.0/8", { f: "11.0.0.1" }, false],
    ["cidr 6", "f|cidr: 'fe80::/10'", { f: "fe80::1" }, true],
    ["cidr, a mapped address", "f|cidr: 10.0.0.0/8", { f: "::ffff:10.1.1.1" }, true],
    ["cidr, an address by itself", "f|cidr: 10.0.0.1", { f: "10.0.0.1" }, true],
    ["cidr, half an address is none", "f|cidr: 0.0.0.0/0", { f: "10.1" }, false],
    ["cidr, a number is none", "f|cidr: 0.0.0.0/0", { f: 12 }, false],
    ["cidr, 4 is not within 6", "f|cidr: '::/0'", { f: "10.1.1.1" }, false],
    ["cidr, no address", "f|cidr: 10.0.0.0/8", { f: "10.x" }, false],
    ["re is unanchored and minds case", "f|re: 'B[0-9]+'", { f: "aB12" }, true],
    ["re minds case", "f|re: 'B[0-9]+'", { f: "ab12" }, false],
    ["re with i", "f|re|i: 'B[0-9]+'", { f: "ab12" }, true],
    ["re with a leading flag", "f|re: '(?i)B[0-9]+'", { f: "ab12" }, true],
    ["the dot does not cross lines", "f|re: 'a.b'", { f: "a\nb" }, false],
    ["with s it does", "f|re|s: 'a.b'", { f: "a\nb" }, true],
    ["the dollar is the end of the text", "f|re: 'a$'", { f: "a\nb" }, false],
    ["with m of a line", "f|re|m: 'a$'", { f: "a\nb" }, true],
    ["long names of flags", "f|re|ignorecase|dotall: 'A.b'", { f: "a\nB" }, true],
    ["an escaped parenthesis and question mark", "f|re: 'a\\(?b'", { f: "a(b" }, true],
    ["re over a number", "f|re: '^46'", { f: 4688 }, true],
    ["all of several re", "f|re|all: [a, b]", { f: "b a" }, true],
    ["fieldref", "f|fieldref: g", { f: "A", g: "a" }, true],
    ["fieldref, one absent", "f|fieldref: g", { f: "A" }, false],
    ["fieldref neq", "f|fieldref|neq: g", { f: "A", g: "b" }, true],
    ["fieldref contains", "f|fieldref|contains: g", { f: "xay", g: "A" }, true],
    ["fieldref startswith", "f|fieldref|startswith: g", { f: "ax", g: "A" }, true],
    ["fieldref endswith", "f|endswith|fieldref: g", { f: "xa", g: "A" }, true],
    ["fieldref endswith, not at the end", "f|endswith|fieldref: g", { f: "xab", g: "A" }, false],
    ["base64 of the whole value", "f|base64: foo", { f: "Zm9v" }, true],
    ["base64 within", "f|base64|contains: foo", { f: "xZm9vx" }, true],
    ["base64 of UTF-16", "f|wide|base64|contains: foo", { f: "ZgBvAG8A" }, true],
    ["base64 of UTF-16 BE", "f|utf16be|base64|contains: foo", { f: "AGYAbwBv" }, true],
    [
      "base64 of UTF-16 behind its mark",
      "f|utf16|base64|contains: foo",
      { f: "//5mAG8AbwA=" },
      true,
    ],
    ["a placeholder without expand is text", "f: '%x%'", { f: "%x%" }, true],
    ["a nested field", "a.b: c", { a: { b: "c" } }, true],
    ["a key that has a dot", "a.b: c", { "a.b": "c" }, true],
    ["an array of plain values", "f: b", { f: ["a", "B"] }, true],
    ["an array, none of them", "f|neq: b", { f: ["a", "B"] }, false],
    ["an array of objects", "a.b: 2", { a: [{ b: 1 }, { b: 2 }] }, true],
    ["a list of maps is an OR", "- f: a\n- g: b", { g: "b" }, true],
    ["a map is an AND", "f: a\ng: b", { g: "b" }, false],
  ] as const)("%s", (_, selection, event, expected) => {
    expect(matches(one(selection), event)).toBe(expected);
  });

  it("asks of `all` with rewritten values that every value be there in one of its writings", () => {
    const text = one("f|contains|all|windash: [' -s ', ' -i ']");
    expect(matches(text, { f: "findstr /s /q " })).toBe(false);
    expect(matches(text, { f: "findstr /s \u2013i " })).toBe(true);
  });
});

describe("keywords", () => {
  it.each([
    ["any text field", "- evil\n- worse", { a: { b: "so EVIL" } }, true],
    ["not a field's name", "- evil", { evil: "x" }, false],
    ["with wildcards", "- 'e*l'", { a: "xEvilx" }, true],
    ["inside an array", "- evil", { a: ["x", "evil"] }, true],
    ["all", "'|all':\n    - x\n    - y", { a: "x", b: "y" }, true],
    ["all misses one", "'|all':\n    - x\n    - y", { a: "x", b: "z" }, false],
    ["a number is looked for as text", "- 42", { a: "no 42" }, true],
    ["maps and words in one list", "- evil\n- f: a", { f: "a" }, true],
    ["a single word", "evil", { f: "an evil" }, true],
  ] as const)("%s", (_, selection, event, expected) => {
    expect(matches(one(selection), event)).toBe(expected);
  });
});

describe("conditions", () => {
  const selections = "    a1: {f: x}\n    a2: {g: x}\n    _b: {h: x}\n    c-1: {i: x}\n";
  it.each([
    ["a1 and not a2", { f: "x" }, true],
    ["a1 or a2 and c-1", { f: "x" }, true],
    ["(a1 or a2) and c-1", { f: "x" }, false],
    ["not a1 and not a2", {}, true],
    ["not 1 of a*", {}, true],
    ["1 of a*", { g: "x" }, true],
    ["any of a*", { g: "x" }, true],
    ["all of a*", { g: "x" }, false],
    ["all of them", { f: "x", g: "x", i: "x" }, true],
    ["1 of them", { h: "x" }, false],
    ["1 of *1", { i: "x" }, true],
    ["A1 AND NOT a2".replace("A1", "a1"), { f: "x" }, true],
    ["a1\n      and a2", { f: "x", g: "x" }, true],
    ["[a1, a2]", { g: "x" }, true],
  ])("%s", (condition, event, expected) => {
    expect(matches(rule(`${selections}    condition: ${condition}`), event)).toBe(expected);
  });
});

const refusals = (text: string) =>
  loadSigma([{ path: "t.yml", text }]).refused.map((f) => `${f.line}:${f.column} ${f.message}`);

describe("what is refused, with line, column and the fix", () => {
  it.each([
    ["a typo in a modifier", one("f|contians: a"), 'Did you mean "contains"'],
    ["an unresolved placeholder", one("f|expand: '%servers%'"), "%servers% is not resolved"],
    ["a placeholder within", one("f|contains|expand: '%servers%'"), "%servers% is not resolved"],
    ["all with one value", one("f|contains|all: a"), "at least two values"],
    ["two places", one("f|contains|endswith: a"), "exclude each other"],
    ["wide alone", one("f|wide|contains: a"), "directly before"],
    ["base64 of a wildcard", one("f|base64: 'a*'"), "escape them"],
    ["windash with re", one("f|re|windash: a"), "cannot be combined"],
    ["i without re", one("f|contains|i: a"), 'only follow "re"'],
    ["a modifier twice", one("f|contains|contains: a"), "named twice"],
    ["exists of text", one("f|exists: 'yes'"), "true or false"],
    ["a comparison with text", one("f|gt: a"), "take a number"],
    ["a bad range", one("f|cidr: 10.0/8"), "not an address range"],
    ["look-ahead", one("f|re: 'a(?!b)'"), "Look-around"],
    ["a back-reference", one("f|re: '(a)\\1'"), "back-reference"],
    ["an endless repeat", one("f|re: '(a{1,999}){1,999}'"), "linear-time"],
    ["a very long regex", one(`f|re: '${"a".repeat(1001)}'`), "1,000 characters"],
    ["a keyword that is a range", one("'|cidr': 10.0.0.0/8"), "needs a field"],
    ["a missing selection", one("f: a", "selection"), 'no selection "selection"'],
    ["a pattern that fits nothing", one("f: a", "1 of filter*"), "fits no selection"],
    ["an old aggregation", one("f: a", "s | count() > 5"), "correlation"],
    ["near", one("f: a", "s near s"), "temporal"],
    ["no condition", rule("    s: {f: a}"), 'no "condition"'],
    ["an empty selection", one("{}"), "is empty"],
    ["no log source", "title: t\ndetection: {s: {f: a}, condition: s}", "logsource is missing"],
    ["no title", one("f: a").replace("title: t", "name: t"), 'needs "title"'],
    ["a level that is none", `${one("f: a")}level: hihg\n`, 'Did you mean "high"'],
    ["a double key", one("f: a\nf: b"), "unique"],
    ["an alias", one("f: &x a\ng: *x"), "aliases"],
    ["neither of the kinds", "title: t\nlogsource: {product: x}", 'no "detection"'],
    ["six dashes", one("f|windash: ' -a -b -c -d -e -f'"), "five dashes"],
  ])("%s", (_, text, says) => {
    const faults = refusals(text);
    expect(faults.join("\n")).toContain(says);
    expect(faults[0]).toMatch(/^\d+:\d+ ./);
  });

  it("refuses ten megabytes, an alias bomb and absurd nesting at once", () => {
    expect(refusals(`# ${"x".repeat(10_000_000)}`)[0]).toContain("over 1 MiB");
    let bomb = "a0: &a0 [x, x]\n";
    for (let i = 1; i < 40; i += 1) bomb += `a${i}: &a${i} [*a${i - 1}, *a${i - 1}]\n`;
    expect(refusals(`title: t\n${bomb}`).join()).toContain("aliases");
    expect(refusals(`title: ${"[".repeat(200_000)}`).join()).toContain("nested too deeply");
    expect(refusals(`title: t\na: ${"[".repeat(60)}${"]".repeat(60)}`).join()).toContain(
      "nested too deeply",
    );
  });

  it("points at the very place, refuses one document alone and keeps the rest", () => {
    const text = `${one("f: a")}---\n${one("f|gte: b")}---\n${one("f: c")}`;
    const { rules, refused } = loadSigma([{ path: "t.yml", text }]);
    expect(rules.length).toBe(2);
    expect(refused.map(({ line, column }) => `${line}:${column}`)).toEqual(["12:16"]);
  });

  it("refuses the second rule with an id that is taken, and says where the first is", () => {
    const text = `${one("f: a")}id: 929a690e-bef0-4204-a928-ef5e620d6fcc\n`;
    const { rules, refused } = loadSigma([
      { path: "a.yml", text },
      { path: "b.yml", text },
    ]);
    expect(rules.map(({ file }) => file)).toEqual(["a.yml"]);
    expect(refused[0]?.message).toContain("also in a.yml");
  });

  it("keeps keys that Sigma does not name, and every other key's meaning", () => {
    const [only] = load(`${one("f: a")}x-own: {a: [1, two]}\nemitted: 2026-11-25\n`);
    expect(only?.custom).toEqual({ "x-own": { a: [1, "two"] }, emitted: "2026-11-25" });
  });

  it("skips a correlation with a note, never in silence", () => {
    const { skipped } = loadSigma([
      { path: "t.yml", text: "title: c\ncorrelation: {type: event_count, rules: [a]}" },
    ]);
    expect(skipped.map(({ message }) => message)).toEqual([expect.stringContaining("correlation")]);
  });
});

describe("documents that share keys (Sigma 1)", () => {
  it("reads global, reset and repeat", () => {
    const text = `action: global
title: shared
logsource: {product: windows}
detection: {condition: s}
---
detection: {s: {f: a}}
---
action: repeat
detection: {s: {f: b}}
---
action: reset
---
title: alone
logsource: {product: linux}
detection: {s: {f: c}, condition: s}
`;
    const rules = load(text);
    const met = (f: string) => createMatcher(rules).match(flattenEvent({ f })).length;
    expect(rules.map(({ title }) => title)).toEqual(["shared", "shared", "alone"]);
    expect(rules.map(({ plan }) => plan.logsource.product)).toEqual([
      "windows",
      "windows",
      "linux",
    ]);
    expect(["a", "b", "c", "d"].map(met)).toEqual([1, 1, 1, 0]);
  });

  it("refuses an action that is none", () => {
    expect(refusals("action: globl\ntitle: x\n").join()).toContain("global, reset or repeat");
  });
});

const filter = (rules: string, body: string, logsource = "{product: windows}") =>
  `title: f\nlogsource: ${logsource}\nfilter:\n    rules: ${rules}\n${body}`;

describe("filters", () => {
  const base = `${one("f: a")}name: base\n`;
  const out = "    x: {user: adm}\n    condition: x\n";
  it.each([
    ["what it matches is left out", filter("[base]", out), { f: "a", user: "adm" }, false],
    ["the rest stays", filter("[base]", out), { f: "a", user: "bob" }, true],
    ["a filter on an absent field leaves nothing out", filter("[base]", out), { f: "a" }, true],
    ["any rule", filter("any", out), { f: "a", user: "adm" }, false],
    ["another log source", filter("any", out, "{product: linux}"), { f: "a", user: "adm" }, true],
    [
      "a narrower log source",
      filter("[base]", out, "{product: windows, service: x}"),
      { f: "a", user: "adm" },
      true,
    ],
    ["another rule", filter("[other]", out), { f: "a", user: "adm" }, true],
    [
      "a part negated",
      filter("[base]", "    x: {user: adm}\n    y: {host: z}\n    condition: x and not y\n"),
      { f: "a", user: "adm", host: "z" },
      true,
    ],
  ])("%s", (_, text, event, expected) => {
    expect(matches(`${base}---\n${text}`, event)).toBe(expected);
  });

  it("refuses a negation, since engines differ about which side is left out", () => {
    for (const condition of ["not x", "not (x)", "not x and not x", "x or not x"]) {
      const text = filter("[base]", `    x: {user: adm}\n    condition: ${condition}\n`);
      expect(refusals(text).join(), condition).toContain("name what to leave out");
    }
  });

  it("works through two filters at once", () => {
    const second = filter("any", "    x: {host: h}\n    condition: x\n");
    const rules = load(`${base}---\n${filter("[base]", out)}---\n${second}`);
    const met = (event: object) => createMatcher(rules).match(flattenEvent(event)).length;
    expect(met({ f: "a", user: "adm" }) + met({ f: "a", host: "h" })).toBe(0);
    expect(met({ f: "a", user: "x", host: "y" })).toBe(1);
  });
});

describe("properties", () => {
  const bytes = (text: string) => Buffer.from(text, "utf8");
  const plainText = fc
    .string({ minLength: 3, maxLength: 12 })
    .filter((text) => /^[ -~]+$/.test(text) && !/[*?\\'%]/.test(text));

  it("finds a value in base64 at any place of any text (base64offset)", () => {
    fc.assert(
      fc.property(
        plainText,
        fc.string({ maxLength: 7 }),
        fc.string({ maxLength: 7 }),
        (value, before, after) => {
          const text = one(`f|cased|base64offset|contains: '${value}'`);
          const f = Buffer.concat([bytes(before), bytes(value), bytes(after)]).toString("base64");
          expect(matches(text, { f })).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("finds a value in base64 of wide text too", () => {
    fc.assert(
      fc.property(plainText, fc.string({ maxLength: 5 }), (value, before) => {
        const text = one(`f|wide|base64offset|contains: '${value}'`);
        const f = Buffer.concat([bytes(before), Buffer.from(value, "utf16le")]).toString("base64");
        expect(matches(text, { f })).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("takes the five dashes for one another at a word's start, and nowhere else (windash)", () => {
    const dash = fc.constantFrom("-", "/", "\u2013", "\u2014", "\u2015");
    const option = fc.stringMatching(/^[a-z]{1,5}$/);
    fc.assert(
      fc.property(
        fc.array(option, { minLength: 1, maxLength: 3 }),
        fc.array(dash, { minLength: 3, maxLength: 3 }),
        (options, dashes) => {
          const value = options.map((name) => ` -${name}`).join("");
          const written = options.map((name, i) => ` ${dashes[i]}${name}`).join("");
          expect(matches(one(`f|windash|contains: '${value}'`), { f: `x${written} y` })).toBe(true);
          expect(matches(one(`f|contains: '${value}'`), { f: `x${written} y` })).toBe(
            written === value,
          );
          const inner = `a-${options[0]}`;
          expect(
            matches(one(`f|windash: '${inner}'`), { f: inner.replace("-", dashes[0] ?? "") }),
          ).toBe(dashes[0] === "-");
        },
      ),
      { numRuns: 200 },
    );
  });

  it("reads wildcards and escapes as the plainest reading does", () => {
    const pattern = fc.array(fc.constantFrom("a", "B", "\\*", "\\?", "\\\\", "*", "?", "😀"), {
      maxLength: 7,
    });
    const given = fc.array(fc.constantFrom("a", "b", "*", "?", "\\", "😀", "\n"), { maxLength: 7 });
    fc.assert(
      fc.property(pattern, given, (parts, text) => {
        const [only] = load(one(`f: '${parts.join("")}'`));
        // A value that ends in one backslash before nothing is that backslash.
        const f = text.join("");
        const brute = only !== undefined && meetsBrute(only.plan.where, { f } as never);
        expect(
          createMatcher([{ plan: only?.plan as never }]).match(flattenEvent({ f })).length > 0,
        ).toBe(brute);
        if (!parts.some((part) => part === "*" || part === "?")) {
          const literal = parts
            .map((part) => (part.length === 2 && part[0] === "\\" ? part.slice(1) : part))
            .join("");
          expect(brute).toBe(f.toLowerCase() === literal.toLowerCase());
        }
      }),
      { numRuns: 3000 },
    );
  });
});
