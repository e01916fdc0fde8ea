// Brings both stores to the newest schema: numbered SQL files, forward only, each checked against what already ran.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { keepMerchantsApart } from "./connect/row-policies.ts";

/** `name` such as `0001_events.sql`; `sha256` of its text. */
export type Migration = { name: string; sql: string; sha256: string };
export type Applied = { name: string; sha256: string };

/** What the Postgres part needs of a pool: one connection for a transaction. */
export type SqlPool = {
  connect(): Promise<{
    query(sql: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
    release(): void;
  }>;
};

const FILE = /^\d{4}_[a-z0-9_]+\.sql$/;

/** The migrations of a folder, in order. */
export function readMigrations(folder: string): Migration[] {
  return readdirSync(folder)
    .filter((name) => FILE.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), "utf8");
      return { name, sql, sha256: createHash("sha256").update(sql).digest("hex") };
    });
}

/**
 * Those that are still to run. Throws MIGRATION_EDITED when one that ran has another text now, is gone, or when a new
 * one would come before it.
 */
export function pendingMigrations(
  files: readonly Migration[],
  applied: readonly Applied[],
): Migration[] {
  const byName = new Map(files.map((file) => [file.name, file]));
  for (const { name, sha256 } of applied) {
    const file = byName.get(name);
    if (file === undefined) throw edited(name, "is missing, but it already ran");
    if (file.sha256 !== sha256) throw edited(name, "was edited after it ran");
  }
  const ran = new Set(applied.map(({ name }) => name));
  const last = [...ran].sort().at(-1) ?? "";
  const pending = files.filter(({ name }) => !ran.has(name));
  const [first] = pending;
  if (first !== undefined && first.name < last) {
    throw edited(first.name, `comes before ${last}, which already ran`);
  }
  return pending;
}

function edited(name: string, what: string): AppError {
  return new AppError(
    "MIGRATION_EDITED",
    `Migration ${name} ${what}. Restore the file as it was and put the change into a new one with the next number.`,
    { details: { name } },
  );
}

/** Runs what is pending, each file in a transaction of its own. Gives the names that ran. */
export async function migratePostgres(
  { pool }: { pool: SqlPool },
  folder = join(import.meta.dirname, "postgres"),
): Promise<string[]> {
  const client = await pool.connect();
  try {
    // Two processes that start at once take turns, from the schema on: IF NOT EXISTS does not hold against a race.
    await client.query("SELECT pg_advisory_lock(7465)");
    try {
      await client.query(
        `CREATE SCHEMA IF NOT EXISTS tillwatch;
         CREATE TABLE IF NOT EXISTS tillwatch.migration (
           name text PRIMARY KEY, sha256 text NOT NULL, ran_at timestamptz NOT NULL DEFAULT now()
         )`,
      );
      const { rows } = await client.query("SELECT name, sha256 FROM tillwatch.migration");
      const pending = pendingMigrations(readMigrations(folder), rows as Applied[]);
      for (const migration of pending) await runInTransaction(client, migration);
      return pending.map(({ name }) => name);
    } finally {
      await client.query("SELECT pg_advisory_unlock(7465)");
    }
  } finally {
    client.release();
  }
}

async function runInTransaction(
  client: Awaited<ReturnType<SqlPool["connect"]>>,
  { name, sql, sha256 }: Migration,
): Promise<void> {
  await client.query("BEGIN");
  try {
    await client.query(sql);
    await client.query("INSERT INTO tillwatch.migration (name, sha256) VALUES ($1, $2)", [
      name,
      sha256,
    ]);
    await client.query("COMMIT");
  } catch (error) {
    await client.query("ROLLBACK");
    throw new AppError("INTERNAL", `Migration ${name} failed: ${String(error)}`, { cause: error });
  }
}

const CLICKHOUSE_MIGRATIONS = `
  -- Which of our schema files ran. Written by the migration runner only.
  CREATE TABLE IF NOT EXISTS migration (
    name   String COMMENT 'file in stores/clickhouse',
    sha256 String COMMENT 'of its text',
    ran_at DateTime DEFAULT now() COMMENT 'when it ran (UTC)'
  ) ENGINE = MergeTree ORDER BY name
  SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1`;

/**
 * Runs what is pending. ClickHouse has no transactions for DDL: a file holds one statement that may run again.
 * Gives the names that ran.
 */
export async function migrateClickHouse(
  ch: ClickHouse,
  folder = join(import.meta.dirname, "clickhouse"),
): Promise<string[]> {
  await ch.command(CLICKHOUSE_MIGRATIONS);
  const applied = await ch.query<Applied>("*", "SELECT DISTINCT name, sha256 FROM migration");
  const pending = pendingMigrations(readMigrations(folder), applied);
  for (const { name, sql, sha256 } of pending) {
    try {
      await ch.command(sql);
    } catch (error) {
      throw new AppError("INTERNAL", `Migration ${name} failed: ${String(error)}`, {
        cause: error,
      });
    }
    const rows = `${JSON.stringify([name, sha256])}\n`;
    await ch.insertFile("migration", ["name", "sha256"], { rows }, `migration:${name}`);
  }
  if (ch.engine === "server") await keepMerchantsApart(ch);
  return pending.map(({ name }) => name);
}
