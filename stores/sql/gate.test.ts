// The gate by itself, on texts as the engine's formatter writes them.
import fc from "fast-check";
import { expect, it } from "vitest";
import { FIELDS } from "../../core/event-fields.ts";
import { DENIED_FUNCTIONS, type Denied, judgeSql } from "./gate.ts";

const denied: Denied = {
  sources: new Set(["merge", "file", "url", "remote", "mergetreeindex", "view", "eval"]),
  functions: new Set([...DENIED_FUNCTIONS.map((name) => name.toLowerCase()), "dictget"]),
};
const judge = (sql: string) => judgeSql(sql, denied);

it.each([
  ["SELECT 1", "SELECT 1", null],
  ["SELECT count() FROM events FORMAT JSON", "SELECT count() FROM events", "JSON"],
  ["WITH x AS (SELECT 1) SELECT * FROM x", "WITH x AS (SELECT 1) SELECT * FROM x", null],
  ["SELECT 'file(''/x'') SETTINGS'", "SELECT 'file(''/x'') SETTINGS'", null],
  [
    "SELECT 'a\\'b', `c d` FROM tillwatch.events",
    "SELECT 'a\\'b', `c d` FROM tillwatch.events",
    null,
  ],
  ["SELECT name FROM system.columns", "SELECT name FROM system.columns", null],
  ["DESCRIBE TABLE events", "DESCRIBE TABLE events", null],
  ["SHOW TABLES FROM system", "SHOW TABLES FROM system", null],
  ["EXPLAIN SYNTAX SELECT 1", "EXPLAIN SYNTAX SELECT 1", null],
  ["SELECT name FROM system.settings", "SELECT name FROM system.settings", null],
  ["SELECT merge FROM events", "SELECT merge FROM events", null],
  ["SELECT * FROM numbers(3)", "SELECT * FROM numbers(3)", null],
  ["SELECT 1 AS FORMAT", "SELECT 1 AS FORMAT", null],
])("%s runs", (formatted, sql, format) => {
  expect(judge(formatted)).toEqual({ sql, format });
});

it.each([
  ["INSERT INTO events SELECT 1", "only SELECT"],
  ["SET readonly = DEFAULT", "only SELECT"],
  ["KILL QUERY WHERE 1", "only SELECT"],
  ["EXECUTE AS x SELECT 1", "only SELECT"],
  ["SHOW PROCESSLIST", "only SHOW"],
  ["EXPLAIN ESTIMATE SELECT 1", "only EXPLAIN"],
  ["SELECT 1 SETTINGS readonly = 0", "settings"],
  ["SELECT 1 FORMAT CSV SETTINGS max_threads = 1", "settings"],
  ["SELECT 1 INTO OUTFILE 'x'", "only reading"],
  ["SELECT 1 PARALLEL WITH SELECT 2", "one statement"],
  ["SELECT * FROM {t:Identifier}", "a value, not a name"],
  ["SELECT file('/etc/passwd')", "file"],
  ["SELECT `file`('/etc/passwd')", "file"],
  ["SELECT FILE('/etc/passwd')", "FILE"],
  ["SELECT arrayMap(file, ['/etc/passwd'])", "file"],
  ["SELECT * APPLY file FROM (SELECT '/etc/passwd' AS x)", "file"],
  ["SELECT dictGet('d', 'a', 1)", "dictGet"],
  ["SELECT hasColumnInTable('evil:9000', 'u', 'p', 'd', 't', 'c')", "hasColumnInTable"],
  ["SELECT __getScalar('x')", "__getScalar"],
  ["SELECT * FROM merge('tillwatch', 'events')", "merge()"],
  ["SELECT * FROM mergeTreeIndex('tillwatch', 'events')", "mergeTreeIndex()"],
  ["SELECT * FROM system.processes", "system.processes"],
  ["SELECT * FROM `system`.`parts`", "system.parts"],
  ["SELECT 1 IN system.query_log", "system.query_log"],
  ["SELECT 1 -- x", "cannot be read"],
  ["SELECT 'open", "cannot be read"],
  ["SELECT $$x$$", "cannot be read"],
  ["", "only SELECT"],
])("%s is refused", (formatted, words) => {
  expect(() => judge(formatted)).toThrow(words);
});

it("no field of ours has the name of a refused function", () => {
  for (const name of Object.keys(FIELDS)) expect(denied.functions).not.toContain(name);
});

it("whatever stands in a string is only text (property)", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const sql = `SELECT '${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}' AS x FROM events`;
      expect(judge(sql)).toEqual({ sql, format: null });
    }),
  );
});

it("a refused call is found wherever it stands (property)", () => {
  const around = fc.constantFrom("1 + ", "f(", "[1, ", "'x', ", "a.b, ", "`q`, ", "-(", "x -> ");
  fc.assert(
    fc.property(
      fc.array(around),
      fc.constantFrom("file", "FILE", "`file`", '"file"'),
      (before, name) => {
        expect(() => judge(`SELECT ${before.join("")}${name}('/x')`)).toThrow(
          /file is not available/i,
        );
      },
    ),
  );
});
