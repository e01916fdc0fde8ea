// Migrations run once, in order, and refuse to go on when their past was changed.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../core/log.ts";
import { handleOfPglite, type PostgresHandle } from "./connect/postgres.ts";
import {
  migrateClickHouse,
  migratePostgres,
  pendingMigrations,
  readMigrations,
} from "./migrate.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

let store: TestClickHouse;
let postgres: PostgresHandle;
let folder: string;

beforeAll(async () => {
  [store, postgres] = await Promise.all([
    testClickHouse(),
    PGlite.create().then((pglite) => handleOfPglite(pglite, silentLog)),
  ]);
  folder = mkdtempSync(join(tmpdir(), "tillwatch-migrations-"));
});
afterAll(async () => {
  await store?.close();
  await postgres?.close();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, sql: string) => writeFileSync(join(folder, name), sql);

describe("what is pending", () => {
  const files = ["0001_a.sql", "0002_b.sql", "0003_c.sql"].map((name) => ({
    name,
    sql: "",
    sha256: `of ${name}`,
  }));
  const ran = (...names: string[]) => names.map((name) => ({ name, sha256: `of ${name}` }));
  it.each([
    { name: "all at first", applied: [], pending: ["0001_a.sql", "0002_b.sql", "0003_c.sql"] },
    { name: "the new ones", applied: ran("0001_a.sql"), pending: ["0002_b.sql", "0003_c.sql"] },
    { name: "none", applied: ran("0001_a.sql", "0002_b.sql", "0003_c.sql"), pending: [] },
  ])("$name", ({ applied, pending }) => {
    expect(pendingMigrations(files, applied).map(({ name }) => name)).toEqual(pending);
  });
  it.each([
    { name: "edited", applied: [{ name: "0001_a.sql", sha256: "other" }], words: "edited" },
    { name: "missing", applied: ran("0000_gone.sql"), words: "missing" },
    { name: "reordered", applied: ran("0001_a.sql", "0003_c.sql"), words: "comes before" },
  ])("a past that was $name is refused", ({ applied, words }) => {
    expect(() => pendingMigrations(files, applied)).toThrow(
      expect.objectContaining({
        code: "MIGRATION_EDITED",
        message: expect.stringContaining(words),
      }),
    );
  });
});

it("ClickHouse: a second start runs nothing; an edited file stops it", async () => {
  expect(await migrateClickHouse(store.ch)).toEqual([]);
  const own = join(import.meta.dirname, "clickhouse");
  for (const { name } of readMigrations(own)) copyFileSync(join(own, name), join(folder, name));
  const first = join(folder, "0001_events.sql");
  writeFileSync(first, readFileSync(first, "utf8").replace("400 DAY", "300 DAY"));
  await expect(migrateClickHouse(store.ch, folder)).rejects.toMatchObject({
    code: "MIGRATION_EDITED",
    message: expect.stringContaining("0001_events.sql"),
  });
  for (const { name } of readMigrations(folder)) rmSync(join(folder, name));
});

it("Postgres: each file in a transaction of its own, once; a failed one leaves nothing", async () => {
  write("0001_one.sql", "CREATE TABLE tillwatch.one (a int); CREATE TABLE tillwatch.uno (a int);");
  expect(await migratePostgres(postgres, folder)).toEqual(["0001_one.sql"]);
  expect(await migratePostgres(postgres, folder)).toEqual([]);
  write("0002_two.sql", "CREATE TABLE tillwatch.two (a int); SELECT nonsense;");
  await expect(migratePostgres(postgres, folder)).rejects.toThrow("0002_two.sql");
  const { rows } = await postgres.pool.query("SELECT to_regclass('tillwatch.two') AS two");
  expect(rows).toEqual([{ two: null }]);
  write("0002_two.sql", "CREATE TABLE tillwatch.two (a int);");
  expect(await migratePostgres(postgres, folder)).toEqual(["0002_two.sql"]);
  write("0001_one.sql", "CREATE TABLE tillwatch.one (b int);");
  await expect(migratePostgres(postgres, folder)).rejects.toMatchObject({
    code: "MIGRATION_EDITED",
  });
});
