// Answers the child's HTTP requests: streams reads, lands inserts in a file, breaks the connection when a stream fails.
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { unlink } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip, createGzip } from "node:zlib";
import type { Engine } from "./engine.ts";
import { codeOf, EngineError, errorText, malformed, notHere, statusOf } from "./engine-error.ts";
import { bodyIsRows, type Plan, planRequest, type Role } from "./http-subset.ts";

export type ListenerParts = {
  engine: Engine;
  landingDir: string;
  roleOf(authorization: string | undefined): Role | undefined;
  log(sentence: string, fields: Record<string, unknown>): void;
};
type Exchange = { request: IncomingMessage; response: ServerResponse; query: URLSearchParams };

const MOST_SQL_BYTES = 4 * 1024 * 1024;

export function makeListener(parts: ListenerParts) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    response.on("error", () => undefined);
    answer(parts, request, response).catch((error: unknown) => fail(request, response, error));
  };
}

async function answer(
  parts: ListenerParts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? "/", "http://child");
  if (url.pathname === "/ping") return ping(parts, response);
  const role = parts.roleOf(request.headers.authorization);
  if (role === undefined) {
    throw new EngineError(516, "AUTHENTICATION_FAILED", "The user or key is wrong.");
  }
  if (request.headers.origin !== undefined) throw notHere("Browsers are not served here.");
  const query = url.searchParams;
  const rows = bodyIsRows(query);
  const plan = planRequest(query, rows ? "" : await sqlOf(request), role);
  response.setHeader("X-ClickHouse-Server-Display-Name", "tillwatch-embedded");
  const id = query.get("query_id");
  if (id !== null && /^[\w-]{1,64}$/.test(id)) response.setHeader("X-ClickHouse-Query-Id", id);
  const startedAt = performance.now();
  await carryOut(parts, plan, { request, response, query });
  parts.log("query", {
    id: id ?? "",
    kind: plan.kind,
    scope: plan.kind === "read" ? plan.scope : "*",
    ms: Math.round((performance.now() - startedAt) * 10) / 10,
  });
}

async function ping(parts: ListenerParts, response: ServerResponse): Promise<void> {
  const alive = await parts.engine.alive();
  response.writeHead(alive ? 200 : 503, { "content-type": "text/plain" });
  response.end(alive ? "Ok.\n" : "The engine does not answer.\n");
}

function carryOut(parts: ListenerParts, plan: Plan, exchange: Exchange): Promise<void> {
  switch (plan.kind) {
    case "read":
      return read(parts.engine, plan, exchange);
    case "command":
      return command(parts.engine, plan.sql, exchange.response);
    case "insert":
      return insert(parts, plan.statement, exchange);
  }
}

async function command(engine: Engine, sql: string, response: ServerResponse): Promise<void> {
  await engine.write(sql);
  response.writeHead(200, { "content-type": "text/plain" });
  response.end();
}

async function read(
  engine: Engine,
  plan: Extract<Plan, { kind: "read" }>,
  { request, response, query }: Exchange,
): Promise<void> {
  const gone = new AbortController();
  response.on("close", () => gone.abort());
  const rows = engine.read({ ...plan, signal: gone.signal });
  // The head waits for the first bytes, so that an error until then gets its proper status.
  const first = await rows.next();
  const zipped =
    query.get("enable_http_compression") === "1" &&
    /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? ""));
  response.writeHead(200, {
    "content-type": "text/plain; charset=UTF-8",
    ...(zipped ? { "content-encoding": "gzip" } : {}),
  });
  const whole = async function* () {
    if (first.done !== true) yield first.value;
    yield* rows;
  };
  if (zipped) await pipeline(whole, createGzip({ level: 1 }), response);
  else await pipeline(whole, response);
}

async function insert(
  parts: ListenerParts,
  statement: (path: string) => string,
  { request, response }: Exchange,
): Promise<void> {
  const path = join(parts.landingDir, `${randomBytes(12).toString("hex")}.rows`);
  try {
    await pipeline(bodyOf(request), createWriteStream(path, { flags: "wx", mode: 0o600 }));
    await parts.engine.write(statement(path));
  } finally {
    await unlink(path).catch(() => undefined);
  }
  response.writeHead(200, { "content-type": "text/plain" });
  response.end();
}

function bodyOf(request: IncomingMessage): Readable {
  const encoding = request.headers["content-encoding"];
  if (encoding === undefined || encoding === "identity") return request;
  if (encoding === "gzip") return request.pipe(createGunzip());
  throw notHere(`The content encoding ${JSON.stringify(encoding)} is not taken here.`);
}

async function sqlOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of bodyOf(request)) {
    bytes += (part as Buffer).length;
    if (bytes > MOST_SQL_BYTES) throw malformed("The query is over 4 MiB.");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Before the first byte: the server's status and words. After it: never a tidy end, or a short result would look whole. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const code = codeOf(error);
  response.writeHead(statusOf(code), {
    "content-type": "text/plain; charset=UTF-8",
    "X-ClickHouse-Exception-Code": String(code),
  });
  response.end(`${errorText(error)}\n`);
  request.resume();
}
