// One way to ClickHouse for every caller, be it the embedded engine or a server.
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";

/** A merchant's id, or `*` for all of them: replay and migrations only. */
export type Scope = string;

/**
 * An open ClickHouse. Every read names its merchant first: the engine then shows rows of that merchant alone, whatever
 * the SQL says. Values are bound: `{name:Type}` in the SQL, `params.name` beside it.
 * Faults: AppError STORE_UNAVAILABLE when the engine is away (trying again helps), INTERNAL when it refuses the SQL.
 */
export type ClickHouse = {
  /** All rows of a small result, as objects by column name. */
  query<T>(merchantId: Scope, sql: string, params?: Record<string, unknown>): Promise<T[]>;
  /** A large result in batches as it comes; objects, or arrays in column order. */
  stream<T>(
    merchantId: Scope,
    sql: string,
    params?: Record<string, unknown>,
    rows?: "objects" | "arrays",
  ): AsyncIterable<T[]>;
  /**
   * Stores a file of JSONCompactEachRow lines (its first `bytes`, or all). The same `token` again stores nothing:
   * never use one token for two contents. Throws RefusedRows when the rows themselves are at fault.
   */
  insertFile(
    table: string,
    columns: readonly string[],
    file: string | { path: string; from: number; to: number },
    token: string,
  ): Promise<void>;
  /** DDL and the like. */
  command(sql: string): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
  engine: "embedded" | "server";
};

/** Opens the engine that the settings name, waiting for a server that is not there yet. */
export function openClickHouse(config: Config, log: Log): Promise<ClickHouse> {
  log.debug({ kind: config.clickhouse.kind }, "opening ClickHouse");
  return Promise.reject(new AppError("STORE_UNAVAILABLE", "ClickHouse is not built yet"));
}
