// A template that does not work would be copied into every new thing, so each is loaded and run.
import { stripTypeScriptTypes } from "node:module";
import { expect, it } from "vitest";
import { runRuleTests } from "../../detectors/engine/proof/run-rule-tests.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";
import { type Kind, newFiles } from "./templates.ts";

const around = {
  uuid: () => crypto.randomUUID(),
  list: () => ["0001_events.sql", "0009_mails.sql", "tables.ts"],
};

it("a new rule loads without a fault and passes its own cases", () => {
  const { files } = newFiles("rule", "refunds/refund-at-night", around);
  expect(files.map(({ path }) => path)).toEqual(["detectors/rules/refunds/refund-at-night.yml"]);
  const results = runRuleTests(loadRules(files));
  expect(results.map(({ kind, faults }) => ({ kind, faults }))).toEqual([
    { kind: "positive", faults: [] },
    { kind: "boundary", faults: [] },
    { kind: "negative", faults: [] },
  ]);
});

it("a new source and its test are TypeScript that runs as it stands", () => {
  const { files, todo } = newFiles("source", "sum-up", around);
  expect(files.map(({ path }) => path)).toEqual([
    "ingest/sources/sum-up.ts",
    "ingest/sources/sum-up.test.ts",
  ]);
  for (const { text } of files) expect(stripTypeScriptTypes(text)).toContain("sumUp");
  expect(todo.join()).toContain("SOURCE_KINDS");
});

it.each([
  { engine: "postgres", first: "CREATE TABLE tillwatch.shift_notes" },
  { engine: "clickhouse", first: "CREATE TABLE IF NOT EXISTS shift_notes" },
])("a new migration for $engine takes the next number", ({ engine, first }) => {
  const [file] = newFiles("migration", `${engine}/shift-notes`, around).files;
  expect(file?.path).toBe(`stores/${engine}/0010_shift_notes.sql`);
  expect(file?.text).toContain(first);
  expect(file?.text).toContain("merchant_id");
});

it.each<{ kind: Kind; name: string; says: string }>([
  { kind: "rule", name: "refund-at-night", says: "in which folder" },
  { kind: "rule", name: "Refunds/Night", says: "kebab-case" },
  { kind: "source", name: "a/b", says: "plain name" },
  { kind: "source", name: "../../etc/x", says: "kebab-case" },
  { kind: "migration", name: "mysql/notes", says: "postgres or for clickhouse" },
])("refuses $kind $name", ({ kind, name, says }) => {
  expect(() => newFiles(kind, name, around)).toThrow(says);
});
