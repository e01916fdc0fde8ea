// Gives each test file its own migrated Postgres, fast: a snapshot of an embedded one, or a new database on a server.
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { runMigrations } from "bullmq";
import type { Config } from "../../core/config.ts";
import { type Log, silentLog } from "../../core/log.ts";
import { migratePostgres, readMigrations } from "../migrate.ts";
import { handleOfPglite, openPostgres, type PostgresHandle } from "./postgres.ts";
import { openQueue, type QueueHandle } from "./queue.ts";

const MIGRATIONS = join(import.meta.dirname, "../postgres");
const CACHE = join(import.meta.dirname, "../../node_modules/.cache/tillwatch");

// Which engines the tests meet is chosen from outside, in this one place.
const env = process.env;

/** Settings for `openQueue`: Redis when TILLWATCH_TEST_REDIS_URL is set, else Postgres. */
export function testQueueConfig(): Pick<Config, "queue"> {
  const url = env.TILLWATCH_TEST_REDIS_URL;
  return { queue: url ? { kind: "redis", url } : { kind: "postgres" } };
}

/** A job queue of the test file's own: on a shared Redis workers of other files would take its jobs. */
export function testQueue(handle: PostgresHandle): Promise<QueueHandle> {
  return openQueue(testQueueConfig(), handle, {
    prefix: `test-${process.pid}-${randomBytes(4).toString("hex")}`,
  });
}

/**
 * A fresh, migrated database: embedded in memory, or on the server of TILLWATCH_TEST_POSTGRES_URL as `test_<random>`,
 * which `close()` drops again.
 */
export async function testPostgres(log: Log = silentLog): Promise<PostgresHandle> {
  const url = env.TILLWATCH_TEST_POSTGRES_URL;
  if (url) return testDatabase(url, log);
  return handleOfPglite(await PGlite.create({ loadDataDir: await testSnapshot() }), log);
}

/** A tar of a migrated data folder, for `PGlite.create({ loadDataDir })`; made once per state of the migrations. */
export async function testSnapshot(): Promise<Blob> {
  const path = join(CACHE, `pglite-${migrationsHash()}.tar`);
  try {
    return new Blob([readFileSync(path)]);
  } catch {
    // Not made yet.
  }
  const pglite = await PGlite.create();
  const handle = await handleOfPglite(pglite, silentLog);
  await migrate(handle);
  const dump = await pglite.dumpDataDir("none");
  await handle.close();
  mkdirSync(CACHE, { recursive: true });
  // Other test processes may do the same at this moment: whole files under their own names, then one move.
  const draft = `${path}.${randomBytes(4).toString("hex")}`;
  writeFileSync(draft, Buffer.from(await dump.arrayBuffer()));
  renameSync(draft, path);
  for (const name of readdirSync(CACHE)) {
    if (/^pglite-[0-9a-f]{16}\.tar$/.test(name) && join(CACHE, name) !== path) {
      rmSync(join(CACHE, name), { force: true });
    }
  }
  return dump;
}

async function testDatabase(url: string, log: Log): Promise<PostgresHandle> {
  const name = `test_${randomBytes(6).toString("hex")}`;
  const open = (at: string) =>
    openPostgres({ postgres: { kind: "server", url: at }, dataDir: "" }, log);
  const admin = await open(url);
  await admin.pool.query(`CREATE DATABASE ${name}`);
  const own = new URL(url);
  own.pathname = `/${name}`;
  const handle = await open(own.href);
  await migrate(handle);
  return {
    ...handle,
    async close() {
      await handle.close();
      await admin.pool.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
      await admin.close();
    },
  };
}

function migrationsHash(): string {
  const engine = join(import.meta.dirname, "../../node_modules/@electric-sql/pglite/package.json");
  const content = JSON.stringify([readFileSync(engine, "utf8"), readMigrations(MIGRATIONS)]);
  return createHash("sha256").update(content).digest("hex").slice(0, 16);
}

async function migrate(handle: PostgresHandle): Promise<void> {
  await migratePostgres(handle);
  const client = await handle.pool.connect();
  try {
    await runMigrations(client as Parameters<typeof runMigrations>[0], "bullmq");
  } finally {
    client.release();
  }
}
