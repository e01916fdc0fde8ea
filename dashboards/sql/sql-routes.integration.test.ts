// Both doors for SQL with real keys: the API, and ClickHouse's own client on the HTTP interface.
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createClient } from "@clickhouse/client";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { openAnalystSql } from "../../stores/sql/analyst-sql.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { clickHouseHttp } from "./clickhouse-http-routes.ts";
import { registerSqlRoutes } from "./sql-routes.ts";

let handle: PostgresHandle;
let store: TestClickHouse;
let app: FastifyInstance;
let server: Server;
let url: string;
let ours: string;
let keys: Record<"sql" | "read" | "other", string>;

beforeAll(async () => {
  handle = await testPostgres();
  store = await testClickHouse();
  const { db } = handle;
  const merchant = async (name: string) =>
    (
      await createMerchant(
        db,
        { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false },
        1,
      )
    ).id;
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, Date.now());
    return made.text;
  };
  ours = await merchant("ours");
  const theirs = await merchant("theirs");
  keys = {
    sql: await key(ours, ["sql:read"]),
    read: await key(ours, ["events:read"]),
    other: await key(theirs, ["sql:read"]),
  };
  const events = Array.from(
    { length: 3000 },
    (_, nth): Event => ({
      ...{ event_id: `e${nth}`, event_type: "payment", source: "api", received_ts: 1764000000000 },
      ...{ merchant_id: nth < 2500 ? ours : theirs, ts: 1764000000000 + nth, amount: nth },
      currency: "EUR",
    }),
  );
  const path = join(store.folder, "rows");
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "sql-2");
  const authenticator = makeAuthenticator({ db, secrets: {} as never, now: Date.now });
  const deps = { db, sql: openAnalystSql(store.ch), authenticator, now: Date.now };
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const { status, body } = errorAnswer(error);
    return reply.code(status).send(body);
  });
  registerSqlRoutes(app, deps);
  await app.ready();
  const healthy = () => store.ch.ping();
  server = createServer(clickHouseHttp({ ...deps, healthy, log: silentLog }));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await app.close();
  await store.close();
  await handle.close();
});

describe("POST /v1/sql", () => {
  const ask = (payload: object, key = keys.sql) =>
    app.inject({
      ...{ method: "POST", url: "/v1/sql", payload },
      headers: { authorization: `Bearer ${key}` },
    });
  it("answers columns and rows, cut at the limit and said so, and is in the audit log", async () => {
    const sql = "SELECT amount, event_id FROM events ORDER BY amount -- 4111 1111 1111 1111";
    const answer = await ask({ sql, limit: 2 });
    expect(answer.json()).toEqual({
      columns: [
        { name: "amount", type: "Nullable(Int64)" },
        { name: "event_id", type: "String" },
      ],
      rows: [
        [0, "e0"],
        [1, "e1"],
      ],
      truncated: true,
    });
    await ask({ sql: "SELECT '4111 1111 1111 1111'" });
    const rows = await handle.db
      .selectFrom("audit_log")
      .select(["act", "details"])
      .where("merchant_id", "=", ours)
      .orderBy("seq")
      .execute();
    expect(rows.map(({ act }) => act)).toEqual(["sql.read", "sql.read"]);
    expect(JSON.stringify(rows)).toContain("SELECT amount, event_id FROM events");
    expect(JSON.stringify(rows)).not.toContain("4111 1111 1111 1111");
  });
  it("binds values, gives empty answers and DESCRIBE, and keeps exact numbers", async () => {
    const none = await ask({ sql: "SELECT 1 AS a WHERE 0" });
    expect(none.json()).toEqual({
      columns: [{ name: "a", type: "UInt8" }],
      rows: [],
      truncated: false,
    });
    const bound = await ask({
      sql: "SELECT {a:String}, {n:Nullable(String)}, {i:Int64}",
      params: { a: "it's\n\\", n: null, i: 7 },
    });
    expect(bound.json()).toMatchObject({ rows: [["it's\n\\", null, 7]] });
    expect((await ask({ sql: "DESCRIBE TABLE events" })).json().rows[0]).toContain("merchant_id");
    const big = await ask({ sql: "SELECT toInt64(9007199254740993)" });
    expect(big.body).toContain("[9007199254740993]");
  });
  it.each([
    ["no key", { sql: "SELECT 1" }, "tw_x", [401, "UNAUTHENTICATED"]],
    ["a key without the right", { sql: "SELECT 1" }, "read", [403, "FORBIDDEN"]],
    ["another merchant", { sql: "SELECT 1", merchant_id: "mer_x" }, "sql", [404, "NOT_FOUND"]],
    ["a statement that reaches far", { sql: "SELECT file('/x')" }, "sql", [400, "SQL_REFUSED"]],
    ["a typo", { sql: "SELEC 1" }, "sql", [400, "SQL_FAILED"]],
    ["no such column", { sql: "SELECT amonut FROM events" }, "sql", [400, "SQL_FAILED"]],
    ["no statement", {}, "sql", [400, "REQUEST_INVALID"]],
    ["a limit that is too high", { sql: "SELECT 1", limit: 1e9 }, "sql", [400, "REQUEST_INVALID"]],
  ])("%s", async (_name, payload, key, end) => {
    const answer = await ask(payload, keys[key as keyof typeof keys] ?? key);
    expect([answer.statusCode, answer.json().error.code]).toEqual(end);
  });
});

describe("ClickHouse's HTTP interface", () => {
  const basic = (key: string) => `Basic ${Buffer.from(`any:${key}`).toString("base64")}`;
  const ask = (path: string, init: RequestInit = {}, key = keys.sql) =>
    fetch(url + path, { ...init, headers: { authorization: basic(key), ...init.headers } });
  it("serves the unmodified client: rows, bound values, streams, gzip, its own merchant", async () => {
    for (const [key, rows] of [
      [keys.sql, 2500],
      [keys.other, 500],
    ] as const) {
      const client = createClient({
        ...{ url, username: "analyst", password: key, database: "tillwatch" },
        compression: { response: true },
        log: { level: 127 as never },
      });
      try {
        expect((await client.ping()).success).toBe(true);
        const count = await client.query({
          query: "SELECT count() AS n FROM events WHERE amount >= {least:Int64}",
          query_params: { least: 0 },
          clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
        });
        expect(((await count.json()) as { data: unknown }).data).toEqual([{ n: rows }]);
        const all = await client.query({ query: "SELECT * FROM events", format: "JSONEachRow" });
        let read = 0;
        for await (const batch of all.stream()) read += batch.length;
        expect(read).toBe(rows);
        await expect(client.query({ query: "SELECT nope" })).rejects.toMatchObject({ code: "47" });
        await expect(client.command({ query: "DROP TABLE events" })).rejects.toMatchObject({
          code: "497",
        });
      } finally {
        await client.close();
      }
    }
  });
  it("answers as a dashboard's plug-in asks: GET and POST, FORMAT JSON, both kinds of login", async () => {
    const query = encodeURIComponent(
      "SELECT toUnixTimestamp(ts) * 1000 AS t, count() AS n FROM events GROUP BY t ORDER BY t LIMIT 1 FORMAT JSON",
    );
    const got = await ask(`/?query=${query}&add_http_cors_header=1&log_queries=1`);
    expect(got.headers.get("content-type")).toContain("application/json");
    expect(await got.json()).toMatchObject({ meta: [{ name: "t" }, { name: "n" }], rows: 1 });
    const posted = await fetch(`${url}/?default_format=CSVWithNames&query_id=q1`, {
      ...{ method: "POST", body: gzipSync("SELECT 1 AS a") },
      headers: {
        ...{ "x-clickhouse-user": "x", "x-clickhouse-key": keys.sql, "content-encoding": "gzip" },
      },
    });
    expect([await posted.text(), posted.headers.get("x-clickhouse-query-id")]).toEqual([
      '"a"\n1\n',
      "q1",
    ]);
  });
  it.each([
    ["no key", "/?query=SELECT+1", { headers: { authorization: "" } }, [401, 516]],
    ["a key in the address", "/?query=SELECT+1&password=x", {}, [400, 497]],
    ["a browser", "/?query=SELECT+1", { headers: { origin: "https://evil.example" } }, [400, 497]],
    ["another path", "/play", {}, [404, 60]],
    ["another format", "/?query=SELECT+1+FORMAT+Template", {}, [400, 497]],
    ["a write", "/", { method: "POST", body: "INSERT INTO events FORMAT TSV\n1" }, [400, 497]],
    ["a bomb", "/", { method: "POST", body: gzipSync(Buffer.alloc(1e8)), zip: true }, [400, 497]],
    ["a server's function", "/?query=SELECT+hostName()", {}, [400, 497]],
  ])("%s is refused as ClickHouse would say it", async (_name, path, init, end) => {
    const { zip, ...rest } = init as RequestInit & { zip?: boolean };
    const headers = zip === true ? { "content-encoding": "gzip" } : rest.headers;
    const answer = await ask(path, { ...rest, ...(headers === undefined ? {} : { headers }) });
    expect([answer.status, Number(answer.headers.get("x-clickhouse-exception-code"))]).toEqual(end);
    expect(await answer.text()).toMatch(/^Code: \d+\. DB::Exception: /);
  });
  it("a key without the right is refused; a key is told of once an hour", async () => {
    expect((await ask("/?query=SELECT+1", {}, keys.read)).status).toBe(403);
    await ask("/?query=SELECT+1");
    const told = await handle.db
      .selectFrom("audit_log")
      .select("actor")
      .where("act", "=", "sql.connected")
      .execute();
    expect(told).toHaveLength(2);
  });
  it("an answer that fails in the middle is broken off, never ended tidily", async () => {
    const answer = await ask(
      `/?query=${encodeURIComponent("SELECT number, throwIf(number = 900000) FROM numbers(950000)")}`,
    );
    await expect(answer.text()).rejects.toThrow();
  });
});
