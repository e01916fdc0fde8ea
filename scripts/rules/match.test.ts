// `rules -- match`, as it is called.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tillwatch-match-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string) => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const RULES = `title: Shell
id: 929a690e-bef0-4204-a928-ef5e620d6fcc
name: shell
logsource: {product: windows}
detection: {s: {'Image|endswith': '\\sh.exe'}, condition: s}
---
title: Named
name: named
logsource: {product: linux}
detection: {s: {a.b: 1}, condition: s}
---
title: Only a title
logsource: {product: linux}
detection: {s: [word], condition: s}
---
title: Broken
logsource: {product: linux}
detection: {s: {'a|contians': b}, condition: s}
---
title: Joined
correlation: {type: event_count, rules: [named]}
`;
const EVENTS = [
  '{"Image":"C:\\\\SH.exe","a":{"b":"1"}}',
  '{"x":["a","a WORD"]}',
  "no JSON",
  "[1]",
  "",
  '{"Event":{"EventData":{"Image":"x\\\\sh.exe"}}}',
].join("\n");

function match(...words: string[]) {
  const script = join(import.meta.dirname, "..", "rules.ts");
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, "match", ...words], {
    encoding: "utf8",
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  return { lines: lines.map((line) => JSON.parse(line)), stderr, status };
}

describe("rules -- match", () => {
  const rules = file("r.yml", RULES);
  const events = file("e.ndjson", EVENTS);

  it("prints every event's line and rules, in order, and goes on past what is broken", () => {
    const { lines, stderr, status } = match("--rules", rules, "--events", events);
    expect(lines).toEqual([
      { event: 1, rules: ["929a690e-bef0-4204-a928-ef5e620d6fcc", "named"] },
      { event: 2, rules: ["Only a title"] },
      { event: 3, rules: [] },
      { event: 4, rules: [] },
      { event: 6, rules: ["929a690e-bef0-4204-a928-ef5e620d6fcc"] },
    ]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/refused: .*r\.yml:18:17: .*Did you mean "contains"/);
    expect(stderr).toMatch(/skipped: .*r\.yml:20:1: A correlation/);
    expect(stderr).toContain("line 3: it is not JSON");
    expect(stderr).toContain("line 4: an event is a JSON object");
  });

  it.each(["live", "sql"])(
    "looks values up in lists that are given (%s)",
    (engine) => {
      const listed = file(
        "listed.yml",
        `title: Listed
name: listed
logsource: {product: linux}
detection: {s: {'src|expand': '%admins%'}, condition: s}
---
title: Nets
name: nets
logsource: {product: linux}
detection: {s: {'src|cidr|expand': '%admins%'}, condition: s}
`,
      );
      const from = file("l.ndjson", '{"src":"10.0.0.1"}\n{"src":"10.0.0.2"}\n');
      const list = `admins=${file("admins.txt", "10.0.0.1\n\n")}`;
      const base = ["--rules", listed, "--events", from, "--engine", engine];
      const { lines, stderr } = match(...base, "--list", list);
      expect(lines.map((line) => line.rules)).toEqual([["listed"], []]);
      expect(stderr).toContain('"cidr" beside "expand" is not read');
      expect(match(...base).stderr).toContain("%admins% is not resolved");
      expect(match(...base, "--list", "admins").status).toBe(2);
    },
    60_000,
  );

  it("routes by log source when asked", () => {
    const words = ["--rules", rules, "--events", events, "--logsource", "product=linux"];
    expect(match(...words).lines[0]).toEqual({ event: 1, rules: ["named"] });
  });

  it.each([
    { name: "no events", words: ["--rules", rules], status: 2, says: "--events is needed" },
    {
      name: "no such file",
      words: ["--rules", rules, "--events", "/nope"],
      status: 2,
      says: "cannot be read",
    },
    {
      name: "no such engine",
      words: ["--rules", rules, "--events", events, "--engine", "x"],
      status: 2,
      says: "--engine is",
    },
    {
      name: "a log source that is none",
      words: ["--rules", rules, "--events", events, "--logsource", "prodct=x"],
      status: 2,
      says: "--logsource",
    },
    {
      name: "no rule that loads",
      words: ["--rules", file("bad.yml", "title: x"), "--events", events],
      status: 1,
      says: "No rule could be loaded",
    },
  ])("$name: exit code and a word of help", ({ words, status, says }) => {
    const result = match(...words);
    expect(result.status).toBe(status);
    expect(result.stderr).toContain(says);
    expect(result.lines).toEqual([]);
  });
});
