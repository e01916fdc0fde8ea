// Tries hard to see another merchant's rows, the machine or the settings, on the real engine.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { EVENT_COLUMNS, encodeEvent } from "../event-columns.ts";
import { type TestClickHouse, testClickHouse } from "../testing.ts";
import { type AnalystSql, MOST_SQL, openAnalystSql } from "./analyst-sql.ts";

const T0 = Date.UTC(2026, 10, 25, 10);
let store: TestClickHouse;
let sql: AnalystSql;

beforeAll(async () => {
  store = await testClickHouse();
  sql = openAnalystSql(store.ch);
  const events = Array.from(
    { length: 200 },
    (_, nth): Event => ({
      ...{ event_id: `e${nth}`, event_type: "payment", source: "api", ts: T0 + nth },
      ...{ received_ts: T0, amount: nth, currency: "EUR", ip: "192.0.2.1" },
      merchant_id: nth < 5 ? "mer_a" : "mer_b",
      card_token: nth < 5 ? "own" : "secret",
      terminal_id: nth < 5 ? "t_own" : "t_secret",
    }),
  );
  const path = join(store.folder, "rows");
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "sql-1");
});
afterAll(() => store.close());

type Change = { params?: Record<string, string>; seconds?: number; rows?: number; format?: string };
async function ask(statement: string, change: Change = {}, merchantId = "mer_a"): Promise<string> {
  const judged = await sql.judge(merchantId, statement);
  const bytes = await sql.run({
    ...{ merchantId, judged, format: change.format ?? "TSV", params: change.params ?? {} },
    limits: { ...MOST_SQL, seconds: change.seconds ?? 20, rows: change.rows ?? 1000 },
    ...{ quotes64: false, signal: new AbortController().signal },
  });
  return (await text(bytes)).trimEnd();
}

describe("reads", () => {
  it.each([
    ["SELECT count(), min(amount), max(amount), uniq(card_token) FROM events", "5\t0\t4\t1"],
    ["SELECT count() FROM tillwatch.events;", "5"],
    ["-- how many\nSELECT /* all */ sum(amount) FROM events PREWHERE amount > 1", "9"],
    [
      "WITH top AS (SELECT * FROM events) SELECT count() FROM top AS a JOIN events AS b USING (event_id)",
      "5",
    ],
    ["SELECT number FROM numbers(2)", "0\n1"],
    ["EXISTS TABLE events", "1"],
    ["SELECT count() > 40 FROM system.columns WHERE table = 'events'", "1"],
    ["SHOW TABLES LIKE 'ev%'", "events"],
    ["SELECT 'a\\nb'", "a\\nb"],
  ])("%s", async (statement, answer) => {
    expect(await ask(statement)).toBe(answer);
  });
  it("binds values, other formats, DESCRIBE and EXPLAIN in the format asked for", async () => {
    const params = { v: "it's\n{x:String}" };
    expect(await ask("SELECT {v:String} AS v", { params, format: "JSONEachRow" })).toBe(
      JSON.stringify({ v: params.v }),
    );
    expect(await ask("DESCRIBE TABLE events", { format: "JSONEachRow" })).toContain('"ts"');
    expect(await ask("EXPLAIN SELECT 1")).toContain("ReadFrom");
  });
});

describe("another merchant's rows do not come", () => {
  it.each([
    "SELECT DISTINCT merchant_id FROM events",
    "SELECT groupUniqArray(card_token) FROM events",
    "SELECT count(), max(ts), min(amount), any(card_token) FROM events WHERE merchant_id = 'mer_b' OR 1",
    "SELECT card_token FROM events AS a LEFT JOIN tillwatch.events AS b ON 1 = 1 WHERE b.merchant_id = 'mer_b'",
    "SELECT 'secret' IN (SELECT card_token FROM events)",
    "SELECT (SELECT groupUniqArray(merchant_id) FROM events)",
    "SELECT card_token FROM (SELECT * FROM events UNION ALL SELECT * FROM events FINAL)",
    "SELECT topK(3)(terminal_id), argMax(card_token, ts) FROM events",
    "SELECT count() FROM events PREWHERE throwIf(card_token = 'secret', 'there is a secret') = 0",
    "SELECT count() FROM events WHERE throwIf(merchant_id = 'mer_b', 'there is a secret') = 0",
    "SELECT throwIf(card_token = 'secret', 'there is a secret') FROM events ORDER BY ts LIMIT 1",
    "SELECT count() FROM events GROUP BY throwIf(terminal_id = 't_secret', 'there is a secret')",
    "SELECT intDiv(1, card_token != 'secret') FROM events",
    "SELECT count() FROM events WHERE ts IN (SELECT ts FROM events WHERE card_token = 'secret')",
    "SELECT _part, _partition_id, card_token FROM events WHERE _part_offset > 0",
    "SELECT * EXCEPT (merchant_id) FROM events LIMIT 1 BY card_token",
    "SELECT * FROM deliveries UNION ALL SELECT * FROM deliveries",
    "SELECT getSetting('log_comment')",
    "EXPLAIN PLAN actions = 1, indexes = 1 SELECT * FROM events WHERE card_token = 'x'",
  ])("%s", async (statement) => {
    const answer = await ask(statement).catch((error: Error) => error.message);
    expect(answer).not.toMatch(/secret|mer_b/);
  });
  it("counts by metadata see own rows only", async () => {
    expect(await ask("SELECT count(), min(ts), max(ts) FROM events")).toBe(
      "5\t2026-11-25 10:00:00.000\t2026-11-25 10:00:00.004",
    );
    expect(await ask("SELECT count() FROM events", {}, "mer_c")).toBe("0");
    expect(await ask("SELECT count() FROM events", {}, "' OR 1 = 1 --")).toBe("0");
  });
});

describe("nothing but reading", () => {
  it.each([
    "SELECT file('/etc/hostname')",
    "SELECT arrayMap(file, ['/etc/hostname'])",
    "SELECT arrayMap(x -> `file`(x), ['/etc/hostname'])",
    "SELECT * APPLY(file) FROM (SELECT '/etc/hostname')",
    "SELECT * FROM file('/etc/hostname', 'LineAsString')",
    "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
    "SELECT * FROM remote('127.0.0.1', system.one)",
    "SELECT * FROM merge('tillwatch', '.*')",
    "SELECT * FROM mergeTreeIndex('tillwatch', 'events')",
    "SELECT * FROM mergeTreeProjection('tillwatch', 'events', 'by_card')",
    "SELECT * FROM eval('SELECT 1')",
    "SELECT * FROM view(SELECT 1)",
    "SELECT * FROM executable('id', 'TSV', 'a String')",
    "SELECT * FROM system.processes",
    "SELECT * FROM system . parts",
    'SELECT * FROM "system"."query_log"',
    "SELECT 1 SETTINGS log_comment = '*'",
    "SELECT * FROM (SELECT 1 SETTINGS log_comment = '*')",
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1; SELECT 2",
    "SELECT 1 FORMAT TSV; SET log_comment = '*'",
    "SET log_comment = '*'",
    "SET readonly = DEFAULT",
    "INSERT INTO events (merchant_id) VALUES ('mer_b')",
    "DROP TABLE events",
    "ALTER TABLE events DELETE WHERE 1",
    "CREATE VIEW v AS SELECT 1",
    "KILL QUERY WHERE 1",
    "SYSTEM SHUTDOWN",
    "EXECUTE AS default SELECT 1",
    "SHOW PROCESSLIST",
    "SELECT sleep(3)",
    "SELECT hasColumnInTable('evil:9000', 'u', 'p', 'd', 't', 'c')",
    "SELECT aiGenerate('x')",
    "SELECT dictGet('d', 'a', 1)",
    "SELECT nothing FROM events",
    "SELECT",
    "",
  ])("%s is refused in words", async (statement) => {
    const fault = await ask(statement).then(
      (answer) => `ran: ${answer}`,
      (error: { code: string }) => error.code,
    );
    expect(fault).toMatch(/^SQL_(REFUSED|FAILED)$/);
  });
  it("a NUL is refused", async () => {
    await expect(ask("SELECT '\0'")).rejects.toMatchObject({ code: "SQL_REFUSED" });
  });
  it("a value may not become a name", async () => {
    await expect(
      ask("SELECT * FROM {t:Identifier}", { params: { t: "system.processes" } }),
    ).rejects.toThrow("a value, not a name");
  });
});

describe("bounds", () => {
  it("ends what takes too long, too many rows and too much memory", async () => {
    const slow = "SELECT sum(sipHash64(number)) FROM numbers(100000000000)";
    await expect(ask(slow, { seconds: 1 })).rejects.toThrow("took too long");
    const fat = "SELECT groupArray(toString(number)) FROM numbers(100000000)";
    await expect(ask(fat)).rejects.toThrow("asks for too much");
    await expect(ask("SELECT number FROM numbers(5000)", { rows: 10 })).rejects.toThrow();
  });
  it("two run, some wait, the rest is told; leaving frees the place", async () => {
    const judged = await sql.judge(
      "mer_a",
      "SELECT sum(sipHash64(number)) FROM numbers(100000000000)",
    );
    const leave = new AbortController();
    const all = Array.from({ length: 20 }, () =>
      sql
        .run({
          ...{ merchantId: "mer_a", judged, format: "TSV", params: {}, limits: MOST_SQL },
          ...{ quotes64: false, signal: leave.signal },
        })
        .then(
          () => "ran",
          (error: { code?: string }) => error.code ?? "left",
        ),
    );
    await new Promise((done) => setTimeout(done, 300));
    leave.abort();
    const ends = await Promise.all(all);
    expect(ends.filter((end) => end === "RATE_LIMITED")).toHaveLength(2);
    expect(await ask("SELECT 1")).toBe("1");
  });
});
