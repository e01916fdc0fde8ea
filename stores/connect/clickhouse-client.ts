// The calls on ClickHouse over its HTTP client: who asks, bound values, streaming, and trying again only where that is safe.
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { type ClickHouseClient, type ClickHouseSettings, createClient } from "@clickhouse/client";
import { AppError } from "../../core/errors.ts";
import { DATABASE } from "../clickhouse-tables.ts";
import { clickHouseFault } from "./clickhouse-error.ts";
import type { ClickHouse, RowsAs, RowsFile, Scope } from "./clickhouse-handle.ts";

/** Two clients on one engine: the owner writes and sees all, the reader sees one merchant at a time. */
export type ClickHouseLink = { owner: ClickHouseClient; reader: ClickHouseClient; close(): void };

/** `link` is undefined while the engine is away. */
export type Connection = {
  engine: ClickHouse["engine"];
  version: string;
  childPid(): number | undefined;
  link(): ClickHouseLink | undefined;
  /** False on a server that does not take the setting: then isolation rests on the queries. */
  sendsMerchant?: boolean;
  close(): Promise<void>;
};

const READ_SETTINGS: ClickHouseSettings = { output_format_json_quote_64bit_integers: 0 };
/** Large sorts spill to disk. */
const STREAM_SETTINGS: ClickHouseSettings = {
  ...READ_SETTINGS,
  max_execution_time: 300,
  max_bytes_before_external_sort: "200000000",
};
/** A caller who hangs up ends the query, which the embedded engine does by itself. */
const LEAVING_ENDS_IT: ClickHouseSettings = { cancel_http_readonly_queries_on_client_close: 1 };
const TRIES_MS = [150, 600];

/** Clients for an engine at `url`, with a name and key for each role. */
export function clientPair(url: string, keys: { owner: string; reader: string }): ClickHouseLink {
  const client = (username: "owner" | "reader") =>
    createClient({
      url,
      username,
      password: keys[username],
      database: DATABASE,
      request_timeout: 330_000,
      max_open_connections: 32,
      keep_alive: { enabled: true, idle_socket_ttl: 10_000 },
      log: { level: 127 as never },
    });
  const owner = client("owner");
  const reader = client("reader");
  return {
    owner,
    reader,
    close() {
      owner.close().catch(() => undefined);
      reader.close().catch(() => undefined);
    },
  };
}

export function makeClickHouse(connection: Connection): ClickHouse {
  const link = (): ClickHouseLink => {
    const now = connection.link();
    if (now === undefined) throw new AppError("STORE_UNAVAILABLE", "ClickHouse is away.");
    return now;
  };
  const clientFor = (scope: Scope) => (scope === "*" ? link().owner : link().reader);
  return {
    engine: connection.engine,
    version: connection.version,
    childPid: connection.childPid,
    sendsMerchant: connection.sendsMerchant !== false,
    close: connection.close,

    ...readsOf(connection, clientFor),

    // Tried once here: the spool tries again, in order, with the same token.
    async insertFile(table, columns, file, token) {
      try {
        const answer = await link().owner.exec({
          query: `INSERT INTO ${table} (${columns.join(", ")}) FORMAT JSONCompactEachRow`,
          values: fileBytes(file),
          clickhouse_settings: { async_insert: 0, insert_deduplication_token: token },
        });
        await drain(answer.stream);
      } catch (error) {
        throw clickHouseFault(error, `inserting into ${table}`);
      }
    },

    async command(sql) {
      try {
        await link().owner.command({ query: sql });
      } catch (error) {
        throw clickHouseFault(error, "running a statement");
      }
    },

    ping: async () => (await connection.link()?.owner.ping())?.success ?? false,
  };
}

/** The three ways to read, each by the client of its scope. */
function readsOf(
  connection: Connection,
  clientFor: (scope: Scope) => ClickHouseClient,
): Pick<ClickHouse, "query" | "stream" | "raw"> {
  const settingsFor = (scope: Scope, settings: ClickHouseSettings): ClickHouseSettings =>
    connection.sendsMerchant === false ? settings : { ...settings, SQL_merchant: scope };
  return {
    query<T>(merchantId: Scope, sql: string, params: Record<string, unknown> = {}): Promise<T[]> {
      return tryAgain("reading", async () => {
        const answer = await clientFor(merchantId).query({
          query: sql,
          format: "JSONEachRow",
          query_params: params,
          clickhouse_settings: settingsFor(merchantId, READ_SETTINGS),
        });
        return (await answer.json()) as T[];
      });
    },

    async *stream<T>(
      merchantId: Scope,
      sql: string,
      params: Record<string, unknown> = {},
      rows: RowsAs = "objects",
    ): AsyncGenerator<T[]> {
      const signal = typeof rows === "object" ? rows.signal : undefined;
      const answer = await tryAgain(
        "reading",
        () => {
          signal?.throwIfAborted();
          return clientFor(merchantId).query({
            query: sql,
            format: rows === "arrays" ? "JSONCompactEachRow" : "JSONEachRow",
            query_params: params,
            ...(signal === undefined ? {} : { abort_signal: signal }),
            clickhouse_settings: settingsFor(merchantId, {
              ...STREAM_SETTINGS,
              ...(connection.engine === "server" ? LEAVING_ENDS_IT : {}),
            }),
          });
        },
        signal,
      );
      try {
        for await (const batch of answer.stream()) yield batch.map((row) => row.json() as T);
      } catch (error) {
        signal?.throwIfAborted();
        throw clickHouseFault(error, "reading");
      } finally {
        answer.close();
      }
    },

    async raw(merchantId, sql, { params, settings, signal }) {
      const own = connection.engine === "server" ? { ...LEAVING_ENDS_IT, readonly: "2" } : {};
      return tryAgain(
        "reading",
        async () => {
          signal.throwIfAborted();
          const answer = await clientFor(merchantId).exec({
            query: sql,
            query_params: { ...params },
            abort_signal: signal,
            clickhouse_settings: settingsFor(merchantId, { ...settings, ...own }),
          });
          return answer.stream;
        },
        signal,
      );
    },
  };
}

function fileBytes(file: RowsFile) {
  if (typeof file !== "string" && "rows" in file)
    return Readable.from([Buffer.from(file.rows)], { objectMode: false });
  if (typeof file === "string") return createReadStream(file);
  return createReadStream(file.path, { start: file.from, end: file.to - 1 });
}

/** The answer's stream must be read to its end, or its connection stays taken. */
async function drain(stream: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of stream);
}

/** For reads that have given nothing yet: twice more when the engine is away for a moment. */
async function tryAgain<T>(
  doing: string,
  work: () => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  for (let tried = 0; ; tried += 1) {
    try {
      return await work();
    } catch (error) {
      signal?.throwIfAborted();
      const fault = clickHouseFault(error, doing);
      const pause = TRIES_MS[tried];
      if (fault.code !== "STORE_UNAVAILABLE" || pause === undefined) throw fault;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}
