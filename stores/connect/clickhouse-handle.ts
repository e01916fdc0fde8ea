// What an open ClickHouse offers, embedded or server: the same calls.
import type { Readable } from "node:stream";

/** A merchant's id, or `*` for all of them: replay and migrations only. */
export type Scope = string;

/** A file's path; or its bytes from `from` up to (not with) `to`; or a few rows as text. Lines of JSONCompactEachRow. */
export type RowsFile = string | { path: string; from: number; to: number } | { rows: string };

/** Objects by column name, or arrays in column order; with a signal: objects. */
export type RowsAs = "objects" | "arrays" | { signal: AbortSignal | undefined };

/**
 * An open ClickHouse. Every read names its merchant first: the engine then shows rows of that merchant alone, whatever
 * the SQL says. Values are bound: `{name:Type}` in the SQL, `params.name` beside it.
 * Faults: AppError STORE_UNAVAILABLE when the engine is away or overloaded (trying again helps), INTERNAL when it
 * refuses the SQL or the rows (`rowsAtFault` in clickhouse-error.ts tells the latter).
 */
export type ClickHouse = {
  /** All rows of a small result, as objects by column name. */
  query<T>(merchantId: Scope, sql: string, params?: Record<string, unknown>): Promise<T[]>;
  /** A large result in batches as it comes. An aborted signal ends the query in the engine and throws. */
  stream<T>(
    merchantId: Scope,
    sql: string,
    params?: Record<string, unknown>,
    rows?: RowsAs,
  ): AsyncIterable<T[]>;
  /** The engine's own bytes, in the format that the SQL names; params are TSV-escaped on the way, null is NULL. */
  raw(
    merchantId: Scope,
    sql: string,
    options: {
      params: Readonly<Record<string, string | null>>;
      settings: Readonly<Record<string, string | number>>;
      signal: AbortSignal;
    },
  ): Promise<Readable>;
  /** Stores JSONCompactEachRow lines. The same `token` again stores nothing: never use one for two contents. */
  insertFile(
    table: string,
    columns: readonly string[],
    file: RowsFile,
    token: string,
  ): Promise<void>;
  /** DDL and the like. */
  command(sql: string): Promise<void>;
  ping(): Promise<boolean>;
  close(): Promise<void>;
  engine: "embedded" | "server";
  version: string;
  /** Process id of the embedded engine while it runs. */
  childPid(): number | undefined;
  /** The engine itself keeps merchants apart by what each read sends. */
  sendsMerchant: boolean;
};
