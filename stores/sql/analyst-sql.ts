// Runs an analyst's SQL for one merchant, bounded in time, memory, rows and number at once, embedded or on a server.
import type { Readable } from "node:stream";
import { AppError } from "../../core/errors.ts";
import type { ClickHouse } from "../connect/clickhouse-handle.ts";
import { makeSlots } from "../connect/embedded/slots.ts";
import {
  DENIED_CATEGORIES,
  DENIED_FUNCTIONS,
  type Denied,
  HARMLESS_SOURCES,
  type Judged,
  judgeSql,
} from "./gate.ts";

/** How far one statement may go. Seconds, bytes, rows. */
export type SqlLimits = { seconds: number; memoryBytes: number; rows: number; resultBytes: number };

export const MOST_SQL: SqlLimits = {
  seconds: 60,
  memoryBytes: 400_000_000,
  rows: 1_000_000,
  resultBytes: 512 * 1024 * 1024,
};
export const MOST_SQL_CHARACTERS = 100_000;

export type SqlRequest = {
  merchantId: string;
  judged: Judged;
  /** A ClickHouse output format; the caller has checked it. */
  format: string;
  /** By name, bound: `{name:Type}` in the statement. */
  params: Readonly<Record<string, string | null>>;
  limits: SqlLimits;
  /** `true`: 64-bit numbers come as text in JSON formats. */
  quotes64: boolean;
  signal: AbortSignal;
};

/**
 * `judge` throws SQL_REFUSED (reaches too far) or SQL_FAILED (cannot be read). `run` gives the engine's bytes and throws
 * SQL_FAILED with the engine's words, RATE_LIMITED when too many are running. A stream that fails in the middle errors.
 */
export type AnalystSql = {
  judge(merchantId: string, sql: string): Promise<Judged>;
  run(request: SqlRequest): Promise<Readable>;
};

/** Two at a time leave readers of the embedded engine free for the service's own pages. */
const AT_ONCE = 2;
const IN_LINE = 16;
const TOO_LONG = new Set([159, 160]);
const TOO_MUCH = new Set([158, 241, 307, 396]);

export function openAnalystSql(ch: ClickHouse): AnalystSql {
  const slots = makeSlots(
    AT_ONCE,
    IN_LINE,
    () => new AppError("RATE_LIMITED", "Too many statements are running; try again in a moment."),
  );
  let denied: Promise<Denied> | undefined;
  const known = (): Promise<Denied> => {
    denied ??= readDenied(ch).catch((error: unknown) => {
      denied = undefined;
      throw error;
    });
    return denied;
  };
  return {
    async judge(merchantId, sql) {
      const text = sql.trim().replace(/;$/, "");
      if (text.length > MOST_SQL_CHARACTERS) {
        throw new AppError(
          "SQL_REFUSED",
          `A statement has ${MOST_SQL_CHARACTERS} characters at most.`,
        );
      }
      if (text === "" || text.includes("\0"))
        throw new AppError("SQL_REFUSED", "There is no statement.");
      const formatted = await asEngine(() =>
        ch.query<{ sql: string }>(merchantId, "SELECT formatQuerySingleLine({q:String}) AS sql", {
          q: text,
        }),
      );
      return judgeSql(formatted[0]?.sql ?? "", await known());
    },
    async run(request) {
      const release = await slots.take();
      try {
        const stream = await asEngine(() => start(ch, request));
        stream.once("close", release);
        return stream;
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

function start(ch: ClickHouse, request: SqlRequest): Promise<Readable> {
  const { judged, format, limits, merchantId, params, signal } = request;
  return ch.raw(merchantId, `${judged.sql}\nFORMAT ${format}`, {
    ...{ params, signal },
    settings: {
      max_execution_time: limits.seconds,
      max_memory_usage: String(limits.memoryBytes),
      max_result_rows: String(limits.rows),
      max_result_bytes: String(limits.resultBytes),
      output_format_json_quote_64bit_integers: request.quotes64 ? 1 : 0,
    },
  });
}

/** The engine's own list of what there is: a table function that a new version brings is refused without our doing. */
async function readDenied(ch: ClickHouse): Promise<Denied> {
  const sources = await ch.query<{ name: string }>("*", "SELECT name FROM system.table_functions");
  const functions = await ch.query<{ name: string }>(
    "*",
    `WITH far AS (SELECT name FROM system.functions WHERE categories IN ({far:Array(String)}))
     SELECT name FROM system.functions WHERE name IN (far) OR alias_to IN (far)`,
    { far: DENIED_CATEGORIES },
  );
  const harmless = new Set<string>(HARMLESS_SOURCES.map((name) => name.toLowerCase()));
  const lower = (rows: readonly { name: string }[]) => rows.map(({ name }) => name.toLowerCase());
  return {
    sources: new Set(lower(sources).filter((name) => !harmless.has(name))),
    functions: new Set([
      ...lower(functions),
      ...DENIED_FUNCTIONS.map((name) => name.toLowerCase()),
    ]),
  };
}

/** A fault of the statement is the caller's and keeps the engine's words; an engine that is away stays STORE_UNAVAILABLE. */
async function asEngine<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw sqlFault(error);
  }
}

/** Any fault of reading as what the caller may know of it. */
function sqlFault(error: unknown): unknown {
  if (!(error instanceof AppError)) return error;
  const code = Number(error.details.clickhouseCode);
  if (!Number.isInteger(code) || code <= 0) return error;
  const details = { clickhouseCode: code };
  if (TOO_LONG.has(code)) {
    return new AppError("SQL_FAILED", "The statement took too long and was ended.", { details });
  }
  if (TOO_MUCH.has(code)) {
    return new AppError("SQL_FAILED", `The statement asks for too much: ${words(error)}`, {
      details,
    });
  }
  if (error.code === "STORE_UNAVAILABLE") return error;
  return new AppError("SQL_FAILED", words(error), { details });
}

const words = (error: AppError): string =>
  error.message.replace(/^ClickHouse, [^:]*: /, "").slice(0, 2000);
