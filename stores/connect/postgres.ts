// Opens Postgres: PGlite in the data folder, or a server by URL; behind it everything is the same.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { Kysely, PostgresDialect, type PostgresPool } from "kysely";
import pg from "pg";
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { Tables } from "../postgres/tables.ts";
import { PglitePool, type PgPoolLike } from "./pglite-pool.ts";

/** Queries on our schema `tillwatch`. Raw `sql` must name it: `tillwatch.merchant`. */
export type Postgres = Kysely<Tables>;

/**
 * `pool` runs plain SQL (always name the schema; without parameters a text may hold several statements).
 * `server` is the URL, or null when the engine is embedded. `close` ends all connections and is safe to call twice.
 */
export type PostgresHandle = {
  db: Postgres;
  pool: PgPoolLike;
  server: string | null;
  close(): Promise<void>;
};

/**
 * Opens the database that the settings name. Embedded: the caller must hold the data folder's lock, since PGlite has none.
 * Throws STORE_UNAVAILABLE when a server does not answer.
 */
export async function openPostgres(
  config: Pick<Config, "postgres" | "dataDir">,
  log: Log,
): Promise<PostgresHandle> {
  if (config.postgres.kind === "server") return openServer(config.postgres.url, log);
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const pglite = await PGlite.create({ dataDir: join(config.dataDir, "postgres") });
  return handleOfPglite(pglite, log);
}

/** A handle over an open PGlite; for tests that bring their own. */
export async function handleOfPglite(pglite: PGlite, log: Log): Promise<PostgresHandle> {
  const pool = new PglitePool(pglite, { log });
  // BullMQ expects whoever brings the pool to set its search path; our own SQL always names its schema.
  await pool.query("SET search_path TO bullmq");
  return { ...handleOf(pool, pool), server: null };
}

async function openServer(url: string, log: Log): Promise<PostgresHandle> {
  const pool = serverPool(url, { max: 10 }, log);
  try {
    await pool.query("SELECT 1");
  } catch (cause) {
    await pool.end();
    const { host } = new URL(url);
    throw new AppError("STORE_UNAVAILABLE", `PostgreSQL at ${host} does not answer.`, { cause });
  }
  return { ...handleOf(pool as unknown as PgPoolLike, pool), server: url };
}

/** A real pool with our types and time limits. Idle connections that drop are logged, never fatal. */
export function serverPool(url: string, options: pg.PoolConfig, log: Log): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: "tillwatch",
    connectionTimeoutMillis: 10_000,
    idle_in_transaction_session_timeout: 60_000,
    keepAlive: true,
    types: { getTypeParser },
    ...options,
  });
  pool.on("error", (error) => log.warn({ err: error }, "a PostgreSQL connection dropped"));
  return pool;
}

const INT8 = 20;

/** `bigint` as a number, as PGlite gives it; beyond 2^53 as a BigInt. */
function readBigint(text: string): number | bigint {
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : BigInt(text);
}

const getTypeParser = ((oid: number, format?: "text" | "binary") =>
  oid === INT8 && format !== "binary"
    ? readBigint
    : pg.types.getTypeParser(oid, format as "text")) as typeof pg.types.getTypeParser;

function handleOf(
  pool: PgPoolLike,
  ends: { end(): Promise<void> },
): Omit<PostgresHandle, "server"> {
  const dialect = new PostgresDialect({ pool: pool as unknown as PostgresPool });
  let closing: Promise<void> | undefined;
  return {
    db: new Kysely<Tables>({ dialect }).withSchema("tillwatch"),
    pool,
    close() {
      closing ??= ends.end();
      return closing;
    },
  };
}
