import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { sql } from "kysely";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Log, silentLog } from "../../core/log.ts";
import { PglitePool } from "./pglite-pool.ts";
import { openPostgres, type PostgresHandle } from "./postgres.ts";
import { testPostgres, testSnapshot } from "./testing.ts";

let handle: PostgresHandle;

beforeAll(async () => {
  handle = await testPostgres();
  await handle.pool.query("CREATE SCHEMA scratch; CREATE TABLE scratch.row (n bigint, by text)");
});
beforeEach(() => handle.pool.query("DELETE FROM scratch.row").then(() => undefined));
afterAll(() => handle.close());

const count = async () => {
  const { rows } = await handle.pool.query<{ n: number }>("SELECT count(*) AS n FROM scratch.row");
  return rows[0]?.n;
};

describe("values are the same on both engines", () => {
  it.each([
    { name: "bigint", text: "SELECT $1::bigint AS v", param: 1764031658000, v: 1764031658000 },
    {
      name: "bigint beyond 2^53",
      text: "SELECT $1::bigint AS v",
      param: "9007199254740993",
      v: 9007199254740993n,
    },
    { name: "count", text: "SELECT count(*) AS v FROM scratch.row WHERE $1 = 1", param: 1, v: 0 },
    { name: "jsonb", text: "SELECT $1::jsonb AS v", param: '["a",{"b":1}]', v: ["a", { b: 1 }] },
    { name: "boolean", text: "SELECT $1::boolean AS v", param: true, v: true },
    { name: "double", text: "SELECT $1::double precision AS v", param: 1.5, v: 1.5 },
    {
      name: "text",
      text: "SELECT $1::text AS v",
      param: "'; DROP TABLE scratch.row; --",
      v: "'; DROP TABLE scratch.row; --",
    },
    { name: "null", text: "SELECT $1::text AS v", param: null, v: null },
  ])("$name", async ({ text, param, v }) => {
    const { rows } = await handle.pool.query(text, [param]);
    expect(rows).toEqual([{ v }]);
  });

  it("changed rows are counted, with and without RETURNING", async () => {
    await handle.pool.query("INSERT INTO scratch.row SELECT generate_series(1, 7), 'x'");
    const { rowCount } = await handle.pool.query(
      "UPDATE scratch.row SET by = 'y' WHERE n < $1",
      [5],
    );
    expect(rowCount).toBe(4);
    const gone = await handle.pool.query("DELETE FROM scratch.row RETURNING n");
    expect([gone.rowCount, gone.rows.length]).toEqual([7, 7]);
  });

  it("a text without parameters may hold several statements", async () => {
    const result = await handle.pool.query(
      "INSERT INTO scratch.row VALUES (1, 'a'); SELECT 2 AS v",
    );
    const last = Array.isArray(result) ? result.at(-1) : result;
    expect([last.rows, await count()]).toEqual([[{ v: 2 }], 1]);
  });
});

describe("many borrowers do not mix their transactions", () => {
  it("a write that comes while another's transaction is open is not part of its ROLLBACK", async () => {
    const a = await handle.pool.connect();
    await a.query("BEGIN");
    await a.query("INSERT INTO scratch.row VALUES (1, 'a')");
    const other = handle.pool.query("INSERT INTO scratch.row VALUES (2, 'b')");
    await a.query("ROLLBACK");
    a.release();
    await other;
    const { rows } = await handle.pool.query("SELECT n FROM scratch.row");
    expect(rows).toEqual([{ n: 2 }]);
  });

  it("a hundred transactions at once, half of them undone, leave exactly the other half", async () => {
    const runs = Array.from({ length: 100 }, (_, i) =>
      handle.db
        .transaction()
        .execute(async (trx) => {
          await sql`INSERT INTO scratch.row VALUES (${i}, 'first')`.execute(trx);
          await new Promise((go) => setTimeout(go, i % 3));
          await sql`INSERT INTO scratch.row VALUES (${i}, 'second')`.execute(trx);
          if (i % 2 === 1) throw new Error("undo");
        })
        .catch(() => undefined),
    );
    const plain = Array.from({ length: 50 }, (_, i) =>
      handle.pool.query("INSERT INTO scratch.row VALUES ($1, 'plain')", [1000 + i]),
    );
    await Promise.all([...runs, ...plain]);
    const { rows } = await handle.pool.query<{ by: string; c: number; odd: number }>(
      "SELECT by, count(*) AS c, count(*) FILTER (WHERE n % 2 = 1 AND n < 1000) AS odd FROM scratch.row GROUP BY by ORDER BY by",
    );
    expect(rows).toEqual([
      { by: "first", c: 50, odd: 0 },
      { by: "plain", c: 50, odd: 0 },
      { by: "second", c: 50, odd: 0 },
    ]);
  });

  it.each([
    {
      name: "a savepoint's ROLLBACK TO",
      steps: ["SAVEPOINT s", "INSERT INTO scratch.row VALUES (5, 'x')", "ROLLBACK TO s"],
    },
    { name: "a comment before BEGIN and after", steps: ["/* c */ -- d\n SELECT 1"] },
  ])("$name does not end the transaction", async ({ steps }) => {
    const client = await handle.pool.connect();
    await client.query("-- a remark\n/* and\n another */ BEGIN");
    await client.query("INSERT INTO scratch.row VALUES (1, 'x')");
    for (const step of steps) await client.query(step);
    let otherDone = false;
    const other = handle.pool.query("INSERT INTO scratch.row VALUES (2, 'o')").then(() => {
      otherDone = true;
    });
    await new Promise((go) => setTimeout(go, 20));
    if (handle.server === null) expect(otherDone).toBe(false);
    await client.query("ROLLBACK");
    client.release();
    await other;
    expect(await count()).toBe(1);
  });

  it("a failed statement leaves the transaction to its ROLLBACK, and the next borrower is well", async () => {
    await expect(
      handle.db.transaction().execute(async (trx) => {
        await sql`INSERT INTO scratch.row VALUES (1, 'x')`.execute(trx);
        await sql`SELECT 1/0`.execute(trx);
      }),
    ).rejects.toThrow(/division by zero/);
    expect(await count()).toBe(0);
  });

  it("a failed statement outside a transaction does not block the next", async () => {
    await expect(handle.pool.query("SELECT nothing_such")).rejects.toMatchObject({ code: "42703" });
    expect(await count()).toBe(0);
  });

  it("an unqualified table does not land in our schema or the public one by accident", async () => {
    const { rows } = await handle.pool.query("SHOW search_path");
    if (handle.server === null) expect(rows).toEqual([{ search_path: "bullmq" }]);
  });
});

describe("the embedded pool", () => {
  let pglite: PGlite;
  beforeAll(async () => {
    pglite = await PGlite.create({ loadDataDir: await testSnapshot() });
    await pglite.exec("CREATE SCHEMA scratch; CREATE TABLE scratch.row (n bigint)");
  });
  beforeEach(async () => {
    await pglite.exec("DELETE FROM scratch.row");
  });

  it("release() undoes an open transaction and lets the next one in", async () => {
    const pool = new PglitePool(pglite, { log: silentLog });
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO scratch.row VALUES (1)");
    client.release();
    const { rows } = await pool.query("SELECT count(*) AS n FROM scratch.row");
    expect(rows).toEqual([{ n: 0 }]);
    await expect(client.query("SELECT 1")).rejects.toThrow(/given back/);
  });

  it("a forgotten transaction is undone after its idle limit, is logged, and its owner is told", async () => {
    const errors: string[] = [];
    const log: Log = { ...silentLog, error: (_fields, sentence) => errors.push(sentence) };
    const pool = new PglitePool(pglite, { log, idleLimitMs: 30 });
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO scratch.row VALUES (1)");
    const { rows } = await pool.query("SELECT count(*) AS n FROM scratch.row");
    expect(rows).toEqual([{ n: 0 }]);
    expect(errors).toHaveLength(1);
    await expect(client.query("INSERT INTO scratch.row VALUES (2)")).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    client.release();
  });

  it("a statement that runs longer than the idle limit is not taken for a forgotten one", async () => {
    const pool = new PglitePool(pglite, { log: silentLog, idleLimitMs: 30 });
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("SELECT pg_sleep(0.1)");
    await client.query("INSERT INTO scratch.row VALUES (1)");
    await client.query("COMMIT");
    client.release();
    expect((await pool.query("SELECT count(*) AS n FROM scratch.row")).rows).toEqual([{ n: 1 }]);
  });

  it("a notification reaches every listener once, also from inside a transaction after its COMMIT", async () => {
    const pool = new PglitePool(pglite, { log: silentLog });
    const heard: unknown[] = [];
    const listener = await pool.connect();
    listener.on("notification", (message) => heard.push(message));
    await listener.query("-- subscribe\nLISTEN jobs;\n");
    const sender = await pool.connect();
    await sender.query("BEGIN");
    await sender.query("SELECT pg_notify('jobs', 'one')");
    expect(heard).toEqual([]);
    await sender.query("COMMIT");
    expect(heard).toEqual([{ channel: "jobs", payload: "one" }]);
    listener.release();
    await sender.query("SELECT pg_notify('jobs', 'two')");
    expect(heard).toHaveLength(1);
    sender.release();
  });

  it("end() waits for what is under way, then refuses", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tillwatch-pg-"));
    const own = await openPostgres({ postgres: { kind: "embedded" }, dataDir: folder }, silentLog);
    const slow = own.db.transaction().execute(async (trx) => {
      await new Promise((go) => setTimeout(go, 50));
      return (await sql<{ v: number }>`SELECT 1 AS v`.execute(trx)).rows;
    });
    await new Promise((go) => setTimeout(go, 10));
    await own.close();
    await own.close();
    expect(await slow).toEqual([{ v: 1 }]);
    await expect(own.pool.query("SELECT 1")).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
    rmSync(folder, { recursive: true });
  });
});

it("a server that does not answer is named without its password", async () => {
  const url = "postgres://someone:hidden-word@127.0.0.1:1/none";
  const opening = openPostgres({ postgres: { kind: "server", url }, dataDir: "" }, silentLog);
  await expect(opening).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  await expect(opening).rejects.toThrow(/127\.0\.0\.1:1 does not answer/);
  await expect(opening).rejects.not.toThrow(/hidden-word/);
});
