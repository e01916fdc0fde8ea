// The embedded engine behind its HTTP interface: what it answers, what it refuses, and what it survives.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@clickhouse/client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../core/log.ts";
import type { ClickHouse } from "./clickhouse.ts";
import { clientPair, makeClickHouse } from "./clickhouse-client.ts";
import { type EmbeddedEngine, startEmbedded } from "./embedded/supervisor.ts";

let folder: string;
let engine: EmbeddedEngine;
let ch: ClickHouse;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tillwatch-engine-"));
  engine = await startEmbedded(folder, silentLog);
  let link = clientPair(address(), engine.keys);
  let known = address();
  ch = makeClickHouse({
    engine: "embedded",
    version: engine.version(),
    childPid: engine.pid,
    link() {
      const now = engine.address();
      if (now !== undefined && now !== known) {
        link = clientPair(now, engine.keys);
        known = now;
      }
      return now === undefined ? undefined : link;
    },
    close: async () => link.close(),
  });
  await ch.command(
    "CREATE TABLE rows (a String, n Int64) ENGINE = MergeTree ORDER BY a SETTINGS non_replicated_deduplication_window = 100",
  );
});
afterAll(async () => {
  await ch?.close();
  await engine?.close();
  rmSync(folder, { recursive: true, force: true });
});

function address(): string {
  const now = engine.address();
  if (now === undefined) throw new Error("the engine is away");
  return now;
}

type Ask = {
  path?: string;
  user?: string;
  key?: string;
  body?: string;
  headers?: Record<string, string>;
};
function ask({
  path = "/",
  user = "owner",
  key = engine.keys.owner,
  body = "SELECT 1",
  headers = {},
}: Ask) {
  const authorization = `Basic ${Buffer.from(`${user}:${key}`).toString("base64")}`;
  return fetch(address() + path, { method: "POST", body, headers: { authorization, ...headers } });
}
async function refusal(of: Ask): Promise<string> {
  const answer = await ask(of);
  return `${answer.status} ${answer.headers.get("x-clickhouse-exception-code")} ${await answer.text()}`;
}
const count = async () =>
  (await ch.query<{ n: number }>("*", "SELECT count() AS n FROM rows"))[0]?.n;

describe("who may ask", () => {
  it.each([
    { name: "a wrong key", of: { key: "wrong" } },
    { name: "a wrong user", of: { user: "root" } },
    { name: "the reader's key as the owner's", of: () => ({ key: engine.keys.reader }) },
  ])("$name is refused", async ({ of }) => {
    const given = typeof of === "function" ? of() : of;
    expect(await refusal(given)).toMatch(/^403 516|^401 516/);
  });
  it("pings without a key, and tells nothing", async () => {
    const answer = await fetch(`${address()}/ping`);
    expect([answer.status, await answer.text()]).toEqual([200, "Ok.\n"]);
  });
  it("keeps our environment and keys out of the child's", async () => {
    const rows = await ch.query<{ v: string }>("*", "SELECT file('/proc/self/environ') AS v");
    expect(
      rows[0]?.v
        .split("\0")
        .filter(Boolean)
        .map((pair) => pair.split("=")[0])
        .sort(),
    ).toEqual(["PATH", "TZ", "UV_THREADPOOL_SIZE"]);
  });
  it.each([
    "file('/etc/passwd', 'LineAsString')",
    "url('http://127.0.0.1:1/', 'LineAsString')",
    "remote('127.0.0.1', system.one)",
  ])("the grants refuse the table function %s", async (source) => {
    await expect(ch.query("mer_a", `SELECT * FROM ${source}`)).rejects.toMatchObject({
      details: { clickhouseCode: 497 },
    });
  });
});

describe("what is not taken", () => {
  it.each([
    { name: "sessions", of: { path: "/?session_id=a" }, words: "session_id" },
    { name: "roles", of: { path: "/?role=a" }, words: "role" },
    { name: "LZ4 frames", of: { path: "/?compress=1" }, words: "compress" },
    { name: "browsers", of: { headers: { origin: "https://evil.example" } }, words: "Browsers" },
    {
      name: "unknown settings",
      of: { path: "/?allow_introspection_functions=1" },
      words: "setting",
    },
    { name: "inherited names", of: { path: "/?constructor=1" }, words: "setting" },
    { name: "settings over their maximum", of: { path: "/?max_threads=1000" }, words: "up to 8" },
    {
      name: "settings that are no number",
      of: { path: "/?max_threads=1,readonly=0" },
      words: "whole numbers",
    },
    { name: "another database", of: { path: "/?database=system" }, words: "no database" },
    { name: "a query with a NUL", of: { body: "SELECT 1\0 FROM rows" }, words: "NUL" },
    { name: "an empty query", of: { body: " -- nothing\n" }, words: "empty" },
    {
      name: "rows inline",
      of: { body: "INSERT INTO rows VALUES ('x', 1)" },
      words: "Rows go in the body",
    },
  ])("$name", async ({ of, words }) => {
    expect(await refusal(of)).toMatch(
      new RegExp(`^(400|403|501) \\d+ Code: \\d+\\. DB::Exception: .*${words}`),
    );
  });
});

describe("rows in", () => {
  it.each(["JSONCompactEachRow", "JSONEachRow", "TabSeparated", "CSV", "Values"])(
    "two newlines and SQL in a payload of %s run nothing",
    async (format) => {
      const query = encodeURIComponent(`INSERT INTO rows (a, n) FORMAT ${format}`);
      await ask({
        path: `/?query=${query}`,
        body: '["x",1]\n\n; DROP TABLE rows;\n\nDROP TABLE rows',
      });
      expect(await ch.query("*", "EXISTS TABLE rows")).toEqual([{ result: 1 }]);
    },
  );
  it("by the plain client's own insert, and one token once", async () => {
    const before = Number(await count());
    const client = createClient({
      url: address(),
      username: "owner",
      password: engine.keys.owner,
      database: "tillwatch",
      compression: { request: true, response: true },
    });
    try {
      await client.insert({
        table: "rows",
        columns: ["a", "n"],
        values: [["x\n\n; DROP TABLE rows", 1]],
        format: "JSONCompactEachRow",
      });
      const answer = await client.query({
        query: "SELECT a FROM rows WHERE a LIKE {like:String}",
        query_params: { like: "%\n\n; DROP%" },
        format: "JSONEachRow",
      });
      expect(await answer.json()).toEqual([{ a: "x\n\n; DROP TABLE rows" }]);
    } finally {
      await client.close();
    }
    const path = join(folder, "x.rows");
    writeFileSync(path, '["t",1]\n["t",2]\n["t",3]\n');
    const part = { path, from: 8, to: 24 };
    await ch.insertFile("rows", ["a", "n"], part, "once");
    await ch.insertFile("rows", ["a", "n"], part, "once");
    expect(await count()).toBe(before + 3);
  });
  it("a bad row leaves none of its file", async () => {
    const before = await count();
    const bad = ch.insertFile("rows", ["a", "n"], { rows: '["x",1]\n["x","y"]\n' }, "bad");
    await expect(bad).rejects.toMatchObject({ code: "INTERNAL", details: { rowsAtFault: true } });
    expect(await count()).toBe(before);
  });
});

describe("rows out", () => {
  const odd = ["it's", "a\\b", "\n\t\r", "💶", "{x:String}", "'; DROP TABLE rows; --", "\u0000"];
  it("binds values of many readers at once without mixing them", async () => {
    const asked = Array.from({ length: 60 }, (_, at) => `${odd[at % odd.length]}${at}`);
    const rows = await Promise.all(
      asked.map((v) => ch.query<{ v: string }>("mer_a", "SELECT {v:String} AS v", { v })),
    );
    expect(rows.map(([row]) => row?.v)).toEqual(asked);
  });
  it("a fault before the first byte has its code; one after it breaks the answer", async () => {
    await expect(ch.query("mer_a", "SELECT nope")).rejects.toMatchObject({
      code: "INTERNAL",
      details: { clickhouseCode: 47 },
    });
    const long = ch.stream(
      "mer_a",
      "SELECT number, throwIf(number = 900000) FROM numbers(2000000)",
    );
    let rows = 0;
    const read = async () => {
      for await (const batch of long) rows += batch.length;
    };
    await expect(read()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    expect(rows).toBeLessThan(900_000);
  });
  it("a reader who leaves ends his query, and the next ones are served", async () => {
    const leave = new AbortController();
    const slow = Array.from({ length: 6 }, () =>
      fetch(address(), {
        method: "POST",
        body: "/* slow */ SELECT sum(sipHash64(number)) FROM numbers(100000000000)",
        headers: {
          authorization: `Basic ${Buffer.from(`owner:${engine.keys.owner}`).toString("base64")}`,
        },
        signal: leave.signal,
      }).catch(() => "left"),
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    leave.abort();
    expect(await Promise.all(slow)).toEqual(Array(6).fill("left"));
    expect(await ch.query("mer_a", "SELECT 1 AS one")).toEqual([{ one: 1 }]);
    await expect
      .poll(() =>
        ch.query(
          "*",
          "SELECT count() AS n FROM system.processes WHERE query LIKE '%sip' || 'Hash64%'",
        ),
      )
      .toEqual([{ n: 0 }]);
  });
  it("a query over its time is ended by the engine", async () => {
    const words = await refusal({
      path: "/?max_execution_time=1",
      body: "SELECT sum(sipHash64(number)) FROM numbers(100000000000)",
    });
    expect(words).toMatch(/ 159 Code: 159/);
  });
});

describe("a killed engine", () => {
  it("is away, says so, comes back by itself, and has everything", async () => {
    const before = await count();
    const pid = engine.pid() as number;
    process.kill(pid, "SIGKILL");
    await expect.poll(() => ch.ping()).toBe(false);
    await expect(ch.command("SELECT 1")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    await expect.poll(() => ch.ping(), { timeout: 20_000 }).toBe(true);
    expect(engine.pid()).not.toBe(pid);
    expect(await count()).toBe(before);
  });
});
