import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import { saveAlert } from "../../stores/alerts.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import { listAudit } from "../../stores/audit-log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { next } from "../lifecycle.ts";
import { aFinding } from "../testing.ts";
import { registerAlertExportRoutes } from "./export-routes.ts";
import { faultsOfFinding } from "./testing/check-ocsf.ts";

const T0 = Date.UTC(2026, 10, 25, 10);
const COUNT = 405;
let handle: PostgresHandle;
let app: FastifyInstance;
let ours: string;
let keys: Record<"read" | "write" | "other", string>;

beforeAll(async () => {
  handle = await testPostgres();
  const { db } = handle;
  const merchant = async (name: string) =>
    (
      await createMerchant(
        db,
        { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false },
        1,
      )
    ).id;
  const theirs = await merchant("theirs");
  ours = await merchant("ours");
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, Date.now());
    return `Bearer ${made.text}`;
  };
  keys = {
    read: await key(ours, ["alerts:read"]),
    write: await key(ours, ["alerts:write", "events:read"]),
    other: await key(theirs, ["alerts:read"]),
  };
  const save = async (merchant_id: string, n: number, at: number) => {
    const finding = aFinding({ merchant_id, id: `f${n}-${merchant_id}` });
    const step = next(undefined, { kind: "finding", finding, cooldownMs: null }, at);
    await saveAlert(db, step.alert);
  };
  // Three at a time share their instant, also over the end of a page.
  for (let n = 0; n < COUNT; n += 1) await save(ours, n, T0 + Math.floor(n / 3));
  await save(theirs, 1, T0);
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const secrets = { SESSION_KEY: "k".repeat(43) } as never;
  const authenticator = makeAuthenticator({ db, secrets, now: Date.now });
  registerAlertExportRoutes(app, { db, authenticator, now: () => T0 + 3_600_000 });
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await handle?.close();
});

const ask = (query = "", authorization = keys.read) =>
  app.inject({ url: `/v1/export/alerts.ocsf${query}`, headers: { authorization } });

type Line = { metadata: { tenant_uid: string }; finding_info: { uid: string }; time: number };
const linesOf = (body: string): Line[] =>
  body
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

it("all alerts of the merchant leave once each, newest first, each fit for OCSF", async () => {
  const answer = await ask();
  expect([
    answer.statusCode,
    answer.headers["content-type"],
    answer.headers["cache-control"],
  ]).toEqual([200, "application/x-ndjson; charset=utf-8", "no-store"]);
  const lines = linesOf(answer.body);
  expect(lines).toHaveLength(COUNT);
  expect(new Set(lines.map((line) => line.finding_info.uid)).size).toBe(COUNT);
  expect(new Set(lines.map((line) => line.metadata.tenant_uid))).toEqual(new Set([ours]));
  expect(lines.map((line) => line.time)).toEqual(
    lines.map((line) => line.time).sort((a, b) => b - a),
  );
  expect(lines.flatMap(faultsOfFinding)).toEqual([]);
  const [entry] = await listAudit(handle.db, ours, { limit: 1 });
  expect(entry).toMatchObject({ act: "alerts.export", details: { format: "ocsf" } });
});

it("a span takes its start and leaves its end", async () => {
  const times = linesOf((await ask(`?from=${T0 + 1}&to=${T0 + 3}`)).body).map(({ time }) => time);
  expect(times).toEqual([2, 2, 2, 1, 1, 1].map((ms) => T0 + ms));
  expect((await ask("?from=yesterday")).statusCode).toBe(400);
  expect((await ask(`?from=${T0 + 1e9}`)).body).toBe("");
});

it("is closed to whoever may not read these alerts", async () => {
  expect((await ask("", "Bearer nothing")).statusCode).toBe(401);
  expect((await ask("", keys.write)).statusCode).toBe(403);
  expect((await ask(`?merchant_id=${ours}`, keys.other)).statusCode).toBe(404);
  expect(linesOf((await ask("", keys.other)).body)).toHaveLength(1);
});
