// Both engines of `rules -- match` give the same lines, over random rules and events, on a real ClickHouse.
import { mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, expect, it } from "vitest";
import { loadSigma, type SigmaRule } from "../../detectors/engine/sigma.ts";
import type { MatchEngine } from "./match-engine.ts";
import { matchLive } from "./match-live.ts";
import { matchSql } from "./match-sql.ts";

const folder = mkdtempSync(join(tmpdir(), "tillwatch-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const WORDS = [
  "cmd",
  "CMD.exe",
  "\\temp\\",
  "it's",
  "a%b_c",
  "ß",
  "İx",
  "ΟΔΟΣ",
  "😀",
  "",
  "42",
  "7",
  "true",
];
const word = fc.constantFrom(...WORDS);
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(""));
const literally = (of: string) => of.replace(/[\\*?]/g, "\\$&");
const field = fc.constantFrom("Image", "User", "Nested.Name", "Numbers");

const line = fc.oneof(
  fc.tuple(field, text).map(([name, of]) => ({ [name]: literally(of) })),
  fc
    .tuple(
      field,
      fc.constantFrom("contains", "startswith", "endswith", "contains|cased", "cased"),
      fc.array(word, { minLength: 1, maxLength: 3 }),
    )
    .map(([name, how, of]) => ({ [`${name}|${how}`]: of.map(literally) })),
  fc
    .tuple(field, word, word)
    .map(([name, a, b]) => ({ [name]: `${literally(a)}*${literally(b)}?` })),
  fc
    .tuple(field, fc.constantFrom("^cmd", "(?i)CMD\\.EXE$", "t.mp", "[0-9]+", "^$"))
    .map(([name, re]) => ({ [`${name}|re`]: re })),
  fc
    .tuple(field, fc.constantFrom<string>("gte", "lt"), fc.constantFrom(7, 42, 4.5))
    .map(([name, how, n]) => ({ [`${name}|${how}`]: n })),
  fc.tuple(field, fc.boolean()).map(([name, there]) => ({ [`${name}|exists`]: there })),
  fc
    .tuple(field, field, fc.constantFrom("", "|contains", "|startswith", "|endswith"))
    .map(([name, other, how]) => ({ [`${name}|fieldref${how}`]: other })),
  fc.constantFrom<Record<string, unknown>>(
    { User: null },
    { Numbers: [7, 42] },
    { Numbers: true },
    { "User|cidr": "10.0.0.0/8" },
    { "User|cidr": "2001:db8::/32" },
    { "Image|windash|contains": " -enc" },
    { "Image|base64offset|contains": "cmd" },
    { "'": "x" },
  ),
);
const detection = fc.record({
  a: fc.array(line, { minLength: 1, maxLength: 2 }),
  b: line,
  k: fc.oneof(
    fc.array(fc.constantFrom("cmd", "temp", "42", "😀"), { minLength: 1, maxLength: 2 }),
    line,
  ),
  condition: fc.constantFrom(
    "a and not b or k",
    "1 of them",
    "all of them",
    "k and not 1 of a*",
    "b",
  ),
});

const plain = fc.oneof(
  text,
  fc.constantFrom<unknown>(
    7,
    42,
    4.5,
    -1,
    true,
    false,
    null,
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "2001:db8::1",
    "x /enc y",
  ),
);
const value = fc.oneof(plain, fc.array(plain, { maxLength: 3 }));
const event = fc.record(
  {
    Image: value,
    User: value,
    Nested: fc.record({ Name: value }, { requiredKeys: [] }),
    Numbers: value,
  },
  { requiredKeys: [] },
);

function rulesOf(seed: number): SigmaRule[] {
  const detections = fc.sample(detection, { seed, numRuns: 120 });
  const files = detections.map((one, nth) => ({
    path: `r${nth}.yml`,
    text: JSON.stringify({ title: `r${nth}`, logsource: { category: "test" }, detection: one }),
  }));
  return loadSigma(files).rules;
}

async function lines(engine: MatchEngine, rules: readonly SigmaRule[], path: string) {
  const wrong: number[] = [];
  const out: string[] = [];
  const of = { rules, events: openSync(path, "r"), logsource: undefined, lists: new Map() };
  for await (const one of engine({ ...of, complain: (line) => wrong.push(line) })) {
    out.push(JSON.stringify(one));
  }
  return { out, wrong };
}

it.each([1, 2, 3])(
  "seed %i: SQL matches what the streaming engine matches",
  async (seed) => {
    const rules = rulesOf(seed);
    expect(rules.length).toBeGreaterThan(60);
    const events = fc.sample(event, { seed, numRuns: 300 }).map((one) => JSON.stringify(one));
    const path = join(folder, `events-${seed}.ndjson`);
    writeFileSync(path, `${[...events, "no json", "", "[1]"].join("\n")}\n`);
    const live = await lines(matchLive, rules, path);
    const sql = await lines(matchSql, rules, path);
    expect(live.out.some((one) => !one.endsWith("[]}"))).toBe(true);
    expect(sql).toEqual(live);
  },
  60_000,
);
