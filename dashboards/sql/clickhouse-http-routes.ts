// ClickHouse's HTTP interface, read-only and for one merchant a key, on a port of its own: for Grafana, BI tools and
// ClickHouse's own clients. It is the same over the embedded engine and a server.
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import { type Authenticator, actorOf, type Caller } from "../../accounts/authenticate.ts";
import { reachedMerchant } from "../../accounts/guard.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import type { AnalystSql } from "../../stores/sql/analyst-sql.ts";
import { keyOf, OUTPUT_FORMATS, readClickHouseRequest } from "./clickhouse-request.ts";

export type ClickHouseHttpDeps = {
  db: Postgres;
  sql: AnalystSql;
  authenticator: Authenticator;
  healthy(): Promise<boolean>;
  now: () => number;
  log: Log;
};

const MOST_BODY = 262_144;
const HOUR_MS = 3_600_000;
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers `/ping` and `/` (GET, POST). Give it to an HTTP server. */
export function clickHouseHttp(deps: ClickHouseHttpDeps): Handler {
  const told = new Map<string, number>();
  return (request, response) => {
    response.on("error", () => undefined);
    answer(deps, told, request, response).catch((error: unknown) => {
      fail(deps, request, response, error);
    });
  };
}

async function answer(
  deps: ClickHouseHttpDeps,
  told: Map<string, number>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://here");
  if (url.pathname === "/ping") {
    const well = await deps.healthy();
    response.writeHead(well ? 200 : 503, { "content-type": "text/html; charset=UTF-8" });
    response.end(well ? "Ok.\n" : "The store does not answer.\n");
    return;
  }
  if (url.pathname !== "/") throw new AppError("NOT_FOUND", "There is nothing at this path.");
  if (request.headers.origin !== undefined) {
    throw new AppError("SQL_REFUSED", "Browsers are not served here; use POST /v1/sql.");
  }
  const caller = await callerOf(deps, request);
  const merchantId = reachedMerchant(caller, "sql:read");
  await tellOnce(deps, told, { caller, merchantId, address: request.socket.remoteAddress });
  const asked = readClickHouseRequest(url.searchParams, request.headers, await textOf(request));
  const judged = await deps.sql.judge(merchantId, asked.sql);
  const format = judged.format ?? asked.format;
  const type = Object.hasOwn(OUTPUT_FORMATS, format) ? OUTPUT_FORMATS[format] : undefined;
  if (type === undefined) {
    const some = Object.keys(OUTPUT_FORMATS).join(", ");
    throw new AppError("SQL_REFUSED", `The format is not written here. There are: ${some}.`);
  }
  const leave = new AbortController();
  response.once("close", () => leave.abort());
  const startedAt = performance.now();
  const bytes = await deps.sql.run({ ...asked, merchantId, judged, format, signal: leave.signal });
  response.writeHead(200, {
    "content-type": type,
    "x-clickhouse-format": format,
    "x-clickhouse-timezone": "UTC",
    "x-clickhouse-server-display-name": "tillwatch",
    "x-clickhouse-summary": "{}",
    "cache-control": "no-store",
    ...(asked.queryId === null ? {} : { "x-clickhouse-query-id": asked.queryId }),
    ...(asked.zips ? { "content-encoding": "gzip" } : {}),
  });
  if (asked.zips) await pipeline(bytes, createGzip({ level: 1 }), response);
  else await pipeline(bytes, response);
  const ms = Math.round(performance.now() - startedAt);
  deps.log.debug({ merchantId, keyId: actorOf(caller), ms }, "sql answered");
}

async function callerOf(deps: ClickHouseHttpDeps, request: IncomingMessage): Promise<Caller> {
  const key = keyOf(request.headers);
  const caller =
    key === undefined
      ? undefined
      : await deps.authenticator.authenticate({ headers: { authorization: `Bearer ${key}` } });
  if (caller?.kind === "api_key") return caller;
  throw new AppError("UNAUTHENTICATED", "Send an API key with sql:read as the password.");
}

/** A dashboard asks every few seconds: the audit log has one entry a key and hour. */
async function tellOnce(
  deps: ClickHouseHttpDeps,
  told: Map<string, number>,
  of: { caller: Caller; merchantId: string; address: string | undefined },
): Promise<void> {
  const actor = actorOf(of.caller);
  const now = deps.now();
  if (now - (told.get(actor) ?? Number.NEGATIVE_INFINITY) < HOUR_MS) return;
  if (told.size > 10_000) told.clear();
  told.set(actor, now);
  await appendAudit(deps.db, {
    ...{ merchant_id: of.merchantId, actor, act: "sql.connected", subject: "sql" },
    ...{ at: now, address: of.address ?? null, details: {} },
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const encoding = request.headers["content-encoding"] ?? "identity";
  if (encoding !== "identity" && encoding !== "gzip") {
    throw new AppError("SQL_REFUSED", "The body may be plain or gzip.");
  }
  const parts: Buffer[] = [];
  let bytes = 0;
  const plain = encoding === "gzip" ? request.pipe(createGunzip()) : request;
  for await (const part of plain) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_BODY) throw new AppError("SQL_REFUSED", "The statement is over 256 KiB.");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** ClickHouse's numbers of our own refusals; the engine's faults bring theirs. */
const CODES: Readonly<Record<string, number>> = {
  ...{ UNAUTHENTICATED: 516, FORBIDDEN: 497, SQL_REFUSED: 497, NOT_FOUND: 60, RATE_LIMITED: 202 },
  STORE_UNAVAILABLE: 210,
};
const NAMES: Readonly<Record<number, string>> = {
  ...{ 516: "AUTHENTICATION_FAILED", 497: "ACCESS_DENIED", 60: "UNKNOWN_TABLE" },
  ...{ 202: "TOO_MANY_SIMULTANEOUS_QUERIES", 210: "NETWORK_ERROR" },
};

/** Before the first byte: status and ClickHouse's form of an error. After it: never a tidy end, or a short result would look whole. */
function fail(
  deps: ClickHouseHttpDeps,
  request: IncomingMessage,
  response: ServerResponse,
  error: unknown,
): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const ours = error instanceof AppError ? error : undefined;
  if (ours === undefined) deps.log.error({ err: error }, "sql request failed");
  const code = Number(ours?.details.clickhouseCode ?? CODES[ours?.code ?? ""] ?? 1002);
  const said = ours?.message ?? "Something went wrong on our side; it is in the log.";
  const text = /^Code: \d+/.test(said)
    ? said
    : `Code: ${code}. DB::Exception: ${said} (${NAMES[code] ?? "UNKNOWN_EXCEPTION"})`;
  response.writeHead(ours?.status ?? 500, {
    "content-type": "text/plain; charset=UTF-8",
    "x-clickhouse-exception-code": String(code),
    ...(ours?.status === 401 ? { "www-authenticate": 'Basic realm="ClickHouse server"' } : {}),
    ...(ours?.retry === true ? { "retry-after": "1" } : {}),
  });
  response.end(`${text}\n`);
  request.resume();
}
