// The parts around the embedded engine that need no engine: files, slots, plans of requests, versions, slices.
import { expect, it } from "vitest";
import { MERCHANT_TABLES } from "../../clickhouse-tables.ts";
import { slicesOf } from "../../events.ts";
import { clickHouseFault, rowsAtFault } from "../clickhouse-error.ts";
import { versionFits } from "../clickhouse-server.ts";
import { rowPolicy } from "../row-policies.ts";
import { sessionSettings } from "./engine.ts";
import { configXml, engineMemory, usersXml } from "./engine-files.ts";
import { planRequest } from "./http-subset.ts";
import { nodePath } from "./node-path.ts";
import { quote } from "./quote.ts";
import { makeSlots } from "./slots.ts";

it("filters each table with merchants' rows, and escapes the folder's name", () => {
  for (const table of MERCHANT_TABLES) expect(usersXml()).toContain(`<${table}><filter>`);
  expect(configXml("/a<b>&c", 1)).toContain("/a&lt;b&gt;&amp;c/users.xml");
  expect(rowPolicy("events")).toMatch(/merchant_id = getSettingOrDefault/);
});

it.each([
  { machine: 24_000_000_000, expected: 6_000_000_000 },
  { machine: 1_000_000_000, expected: 1_000_000_000 },
])("gives the engine $expected of $machine bytes", ({ machine, expected }) => {
  expect(engineMemory(machine)).toBe(expected);
});

it.each([
  { version: "26.7.2.1", fits: true },
  { version: "25.8.1.1", fits: true },
  { version: "25.7.9", fits: false },
  { version: "18.16.1", fits: false },
])("version $version fits: $fits", ({ version, fits }) => {
  expect(versionFits(version, "25.8")).toBe(fits);
});

it("takes a Node of 24 as it is and looks for one otherwise", () => {
  expect(nodePath("/x/node", "v24.1.0")).toBe("/x/node");
  expect(nodePath("/x/node", "v20.20.0")).toMatch(/node_modules\/\.bin\/node$/);
  expect(() => nodePath("/x/node", "v20.20.0", "file:///nowhere/at/all.ts")).toThrow("Node 24");
});

it("keeps a session to its merchant, whatever the merchant's name holds", () => {
  const text = sessionSettings({ scope: "a', readonly=0 --", params: { p: "\\'\0" }, limits: {} });
  expect(text).toBe(
    String.raw`SET param_p = '\\\'\0', log_comment = 'a\', readonly=0 --', readonly = 1`,
  );
  expect(quote("it's")).toBe(String.raw`'it\'s'`);
});

it.each([
  { name: "a reader without a merchant", query: "", sql: "SELECT 1" },
  { name: "a reader of all", query: "SQL_merchant=*", sql: "SELECT 1" },
  { name: "a reader who writes", query: "SQL_merchant=a", sql: "DROP TABLE events" },
  {
    name: "a reader who writes behind a comment",
    query: "SQL_merchant=a",
    sql: "/* SELECT */ DROP TABLE events",
  },
  { name: "a reader who inserts", query: "query=INSERT INTO events FORMAT CSV", sql: "" },
])("refuses $name", ({ query, sql }) => {
  expect(() => planRequest(new URLSearchParams(query), sql, "reader")).toThrow("ACCESS_DENIED");
});

it("puts rows in by a file and settings by a clause, never by text", () => {
  const plan = planRequest(
    new URLSearchParams({
      query: "INSERT INTO events (a, b) FORMAT JSONCompactEachRow",
      insert_deduplication_token: "x'y",
      async_insert: "1",
    }),
    "",
    "owner",
  );
  expect(plan.kind === "insert" && plan.statement("/d/it's")).toBe(
    String.raw`INSERT INTO events (a, b) FROM INFILE '/d/it\'s' SETTINGS async_insert = 0, insert_deduplication_token = 'x\'y' FORMAT JSONCompactEachRow`,
  );
});

it("serves as many as there are slots, lets a few wait in order, refuses the rest", async () => {
  const slots = makeSlots(1, 1, () => new Error("busy"));
  const release = await slots.take();
  const second = slots.take();
  await expect(slots.take()).rejects.toThrow("busy");
  release();
  release();
  (await second)();
  await slots.take();
  expect(slots.waiting()).toBe(0);
});

it.each([
  { code: "27", fault: "INTERNAL", rows: true },
  { code: "60", fault: "INTERNAL", rows: false },
  { code: "241", fault: "STORE_UNAVAILABLE", rows: false },
  { code: "ECONNREFUSED", fault: "STORE_UNAVAILABLE", rows: false },
])("error $code is $fault, rows at fault: $rows", ({ code, fault, rows }) => {
  const error = clickHouseFault(Object.assign(new Error("words"), { code }), "inserting");
  expect([error.code, rowsAtFault(error)]).toEqual([fault, rows]);
});

it("joins hours to slices, and lets a large hour stand alone", () => {
  const hours = [
    { hour: 0, n: 40 },
    { hour: 5, n: 60 },
    { hour: 6, n: 500 },
    { hour: 7, n: 1 },
  ];
  const hourMs = 3_600_000;
  expect(slicesOf(hours, 100)).toEqual([
    { from: 0, to: 6 * hourMs - 1 },
    { from: 6 * hourMs, to: 7 * hourMs - 1 },
    { from: 7 * hourMs, to: 8 * hourMs - 1 },
  ]);
});
