// Promise 3 at the API's doors to alerts: a key reaches its own merchant's alerts, with its scopes, and nothing else.

import swagger from "@fastify/swagger";
import Fastify, { type FastifyInstance } from "fastify";
import {
  jsonSchemaTransform,
  serializerCompiler,
  validatorCompiler,
} from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../accounts/api-key.ts";
import { makeAuthenticator } from "../accounts/authenticate.ts";
import { csrfToken } from "../accounts/csrf.ts";
import { cookieName, startSession } from "../accounts/session.ts";
import type { Alert } from "../core/alert.ts";
import { errorAnswer } from "../core/error-answer.ts";
import { saveAlert } from "../stores/alerts.ts";
import { addApiKey } from "../stores/api-keys.ts";
import { listAudit, verifyAuditChain } from "../stores/audit-log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { createMerchant } from "../stores/merchants.ts";
import { makeActOnAlert } from "./act.ts";
import { next } from "./lifecycle.ts";
import { registerAlertRoutes } from "./routes.ts";
import { aFinding } from "./testing.ts";

const SESSION_KEY = "k".repeat(43);
let handle: PostgresHandle;
let app: FastifyInstance;
let ours: string;
let theirs: string;
let keys: Record<"full" | "read" | "write" | "events" | "other", string>;
let session: { cookie: string; csrf: string };

beforeAll(async () => {
  handle = await testPostgres();
  const { db } = handle;
  const merchant = (name: string) =>
    createMerchant(db, { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false }, 1);
  ours = (await merchant("ours")).id;
  theirs = (await merchant("theirs")).id;
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    await addApiKey(
      db,
      merchantId,
      { id: made.keyId, hash: made.hash, scopes, expires_at: null },
      Date.now(),
    );
    return made.text;
  };
  keys = {
    full: await key(ours, ["alerts:read", "alerts:write"]),
    read: await key(ours, ["alerts:read"]),
    write: await key(ours, ["alerts:write"]),
    events: await key(ours, ["events:write", "events:read"]),
    other: await key(theirs, ["alerts:read", "alerts:write"]),
  };
  const secrets = { SESSION_KEY } as never;
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  await app.register(swagger, {
    openapi: {
      openapi: "3.1.0",
      info: { title: "t", version: "1" },
      components: { securitySchemes: { apiKey: { type: "http", scheme: "bearer" } } },
    },
    transform: jsonSchemaTransform,
  });
  await app.register(async (scope) => {
    registerAlertRoutes(scope, {
      db,
      secrets,
      authenticator: makeAuthenticator({ db, secrets, now: Date.now }),
      act: makeActOnAlert({ db, now: Date.now }),
      now: Date.now,
    });
  });
  await app.ready();
  const started = await startSession(db, { accountId: "owner", address: null }, Date.now());
  session = {
    cookie: `${cookieName("http://localhost")}=${started.token}`,
    csrf: csrfToken(started, SESSION_KEY),
  };
});
afterAll(async () => {
  await app?.close();
  await handle?.close();
});

let serial = 0;
async function anAlert(over: Partial<Alert> = {}): Promise<Alert> {
  serial += 1;
  const { alert } = next(
    undefined,
    {
      kind: "finding",
      finding: aFinding({ id: `f${serial}`, merchant_id: ours }),
      cooldownMs: null,
    },
    1_764_000_000_000 + serial,
  );
  const made = { ...alert, ...over };
  await saveAlert(handle.db, made);
  return made;
}

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
const get = (url: string, key: string) => app.inject({ url, headers: bearer(key) });
const post = (url: string, key: string, payload: object = {}) =>
  app.inject({ method: "POST", url, headers: bearer(key), payload });

it("an alert is read as it was stored", async () => {
  const alert = await anAlert();
  const answer = await get(`/v1/alerts/${alert.id}`, keys.read);
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toEqual({ ...JSON.parse(JSON.stringify(alert)), labels: [] });
});

const BODIES: Record<string, object> = {
  "/resolve": { label: "fraud" },
  "/snooze": { hours: 1, reason: "till test" },
};

it.each([
  ...["GET ", "GET /changes", "POST /acknowledge", "POST /start"],
  ...["POST /resolve", "POST /reopen", "POST /snooze"],
])("another merchant's alert is not there: %s", async (door) => {
  const alert = await anAlert();
  const [method, path] = door.split(" ") as ["GET", string];
  const answer = await app.inject({
    method,
    url: `/v1/alerts/${alert.id}${path}`,
    headers: bearer(keys.other),
    ...(method === "GET" ? {} : { payload: BODIES[path] ?? {} }),
  });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ error: { code: "NOT_FOUND" } });
  const stranger = await get(`/v1/alerts/alt_never`, keys.other);
  expect(answer.json()).toEqual(stranger.json());
});

it("a list holds the key's own alerts, and no other merchant can be named", async () => {
  const alert = await anAlert({ detection: "only-ours" });
  expect((await get("/v1/alerts?detection=only-ours", keys.read)).json().alerts).toHaveLength(1);
  expect((await get("/v1/alerts", keys.other)).json()).toEqual({ alerts: [], next_cursor: null });
  expect((await get(`/v1/alerts?merchant_id=${alert.merchant_id}`, keys.other)).statusCode).toBe(
    404,
  );
});

it.each<{
  name: string;
  key: keyof typeof keys | "none";
  url: string;
  method: "GET" | "POST";
  status: number;
  code: string;
}>([
  {
    name: "no key",
    key: "none",
    url: "/v1/alerts",
    method: "GET",
    status: 401,
    code: "UNAUTHENTICATED",
  },
  {
    name: "a key for events",
    key: "events",
    url: "/v1/alerts",
    method: "GET",
    status: 403,
    code: "FORBIDDEN",
  },
  {
    name: "a key that may only read",
    key: "read",
    url: "/v1/alerts/ID/acknowledge",
    method: "POST",
    status: 403,
    code: "FORBIDDEN",
  },
  {
    name: "a label that does not exist",
    key: "full",
    url: "/v1/alerts/ID/resolve",
    method: "POST",
    status: 400,
    code: "REQUEST_INVALID",
  },
  {
    name: "a limit over 200",
    key: "read",
    url: "/v1/alerts?limit=201",
    method: "GET",
    status: 400,
    code: "REQUEST_INVALID",
  },
  {
    name: "an unknown filter",
    key: "read",
    url: "/v1/alerts?colour=red",
    method: "GET",
    status: 400,
    code: "REQUEST_INVALID",
  },
  {
    name: "a made-up cursor",
    key: "read",
    url: "/v1/alerts?cursor=abc",
    method: "GET",
    status: 400,
    code: "REQUEST_INVALID",
  },
  {
    name: "a time without a zone",
    key: "read",
    url: "/v1/alerts?from=2026-11-25T00:00:00",
    method: "GET",
    status: 400,
    code: "REQUEST_INVALID",
  },
])("refuses $name -> $status $code", async ({ key, url, method, status, code }) => {
  const alert = await anAlert();
  const headers = key === "none" ? {} : bearer(keys[key]);
  const answer = await app.inject({
    method,
    url: url.replace("ID", alert.id),
    headers,
    ...(method === "POST" ? { payload: { label: "guilty" } } : {}),
  });
  expect(answer.statusCode).toBe(status);
  expect(answer.json()).toMatchObject({ error: { code } });
});

it("acknowledged, then resolved, each with an audit entry in an unbroken chain", async () => {
  const alert = await anAlert();
  expect((await post(`/v1/alerts/${alert.id}/acknowledge`, keys.full)).json()).toMatchObject({
    state: "acknowledged",
    acknowledged_by: expect.stringMatching(/^api_key:/),
  });
  expect((await post(`/v1/alerts/${alert.id}/acknowledge`, keys.full)).statusCode).toBe(409);
  const resolved = await post(`/v1/alerts/${alert.id}/resolve`, keys.full, {
    label: "not_fraud",
    reason: "till test\u0000 with 4111 1111 1111 1111",
  });
  expect(resolved.json()).toMatchObject({ state: "resolved", label: "not_fraud" });
  expect(resolved.body).not.toContain("4111 1111 1111 1111");
  const entries = (await listAudit(handle.db, ours, { limit: 2 })).map(
    ({ act, subject, details }) => ({ act, subject, ...details }),
  );
  expect(entries).toMatchObject([
    {
      act: "alert.resolve",
      subject: `alert:${alert.id}`,
      from: "acknowledged",
      to: "resolved",
      label: "not_fraud",
    },
    { act: "alert.acknowledge", subject: `alert:${alert.id}`, from: "open", to: "acknowledged" },
  ]);
  expect(JSON.stringify(entries)).not.toContain("4111 1111 1111 1111");
  expect(await verifyAuditChain(handle.db, ours)).toMatchObject({ ok: true });
});

it("worked on, snoozed, resolved, opened again: each is a row of its history and an audit entry", async () => {
  const alert = await anAlert();
  const url = `/v1/alerts/${alert.id}`;
  const before = (await listAudit(handle.db, ours, { limit: 200 })).length;
  const start = await post(`${url}/start`, keys.full);
  expect(start.json()).toMatchObject({
    state: "in_progress",
    started_by: expect.stringMatching(/^api_key:/),
  });
  const snooze = { hours: 24, reason: "stocktaking, card 4111 1111 1111 1111" };
  const snoozed = await post(`${url}/snooze`, keys.full, snooze);
  expect(snoozed.json()).toMatchObject({ state: "snoozed", hidden_count: 0 });
  expect(snoozed.body).not.toContain("4111 1111 1111 1111");
  await post(`${url}/resolve`, keys.full, { label: "fraud" });
  const again = await post(`${url}/reopen`, keys.full, { reason: "it goes on" });
  expect(again.json()).toMatchObject({ state: "reopened", label: null });
  const { changes } = (await get(`${url}/changes`, keys.read)).json();
  expect(changes).toMatchObject([
    { seq: 1, act: "start", from_state: "open", to_state: "in_progress", address: "127.0.0.1" },
    { seq: 2, act: "snooze", from_state: "in_progress", to_state: "snoozed" },
    { seq: 3, act: "resolve", from_state: "snoozed", details: { label: "fraud" } },
    { seq: 4, act: "reopen", from_state: "resolved", details: { reason: "it goes on" } },
  ]);
  expect(JSON.stringify(changes)).not.toContain("4111 1111 1111 1111");
  for (const { actor } of changes) expect(actor).toMatch(/^api_key:/);
  expect(await listAudit(handle.db, ours, { limit: 200 })).toHaveLength(before + 4);
  const { labels } = (await get(url, keys.read)).json();
  expect(labels).toMatchObject([
    { kind: "verdict", label: "fraud", event_id: null, actor: expect.stringMatching(/^api_key:/) },
    { kind: "verdict", label: null },
  ]);
});

it.each([
  ["no reason", { hours: 1 }],
  ["an empty reason", { hours: 1, reason: "" }],
  ["no hours", { reason: "x" }],
  ["half an hour", { hours: 0.5, reason: "x" }],
  ["31 days", { hours: 31 * 24, reason: "x" }],
])("a snooze with %s is refused", async (_, body) => {
  const alert = await anAlert();
  expect((await post(`/v1/alerts/${alert.id}/snooze`, keys.full, body)).statusCode).toBe(400);
});

it("two people at once: one acknowledges, the other is told", async () => {
  const alert = await anAlert();
  const answers = await Promise.all(
    [1, 2, 3].map(() => post(`/v1/alerts/${alert.id}/acknowledge`, keys.full)),
  );
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 409, 409]);
});

it("a signed-in person needs the form token to act", async () => {
  const alert = await anAlert();
  const url = `/v1/alerts/${alert.id}/acknowledge`;
  expect(
    (await app.inject({ method: "POST", url, headers: { cookie: session.cookie } })).statusCode,
  ).toBe(403);
  const answer = await app.inject({
    method: "POST",
    url,
    headers: { cookie: session.cookie, "x-csrf-token": session.csrf },
  });
  expect(answer.json()).toMatchObject({ acknowledged_by: "account:owner" });
});

it("pages go through all alerts once, newest first", async () => {
  for (let n = 0; n < 7; n += 1) await anAlert({ detection: "paged" });
  const seen: Alert[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const page: { alerts: Alert[]; next_cursor: string | null } = (
      await get(`/v1/alerts?detection=paged&limit=3${cursor && `&cursor=${cursor}`}`, keys.read)
    ).json();
    seen.push(...page.alerts);
    cursor = page.next_cursor;
  }
  expect(seen).toHaveLength(7);
  expect(new Set(seen.map(({ id }) => id)).size).toBe(7);
  expect(seen.map(({ opened_at }) => opened_at)).toEqual(
    seen.map(({ opened_at }) => opened_at).sort((a, b) => b - a),
  );
});

it.each([
  { query: "state=resolved", count: 1 },
  { query: "level=critical", count: 1 },
  { query: "subject=card:filtered", count: 1 },
  { query: "from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00%2B00:00", count: 1 },
  { query: "from=1577836800000&to=1577836800001", count: 1 },
  { query: "from=2020-01-03T00:00:00Z&to=2020-01-04T00:00:00Z", count: 0 },
])("filters: $query -> $count", async ({ query, count }) => {
  const detection = `filtered-${serial}`;
  await anAlert({ detection });
  await anAlert({
    detection,
    id: `alt_x${serial}`,
    state: "resolved",
    label: "fraud",
    level: "critical",
    subject: "card:filtered",
    opened_at: Date.UTC(2020, 0, 1),
  });
  expect(
    (await get(`/v1/alerts?detection=${detection}&${query}`, keys.read)).json().alerts,
  ).toHaveLength(count);
});

it("the budget is the key's own merchant's, and no alert is named so", async () => {
  await anAlert({ id: "alt_held", held_at: Date.now(), held_why: "full", store_id: "soho" });
  await anAlert({ id: "alt_told", told_at: Date.now(), store_id: "soho" });
  expect((await get("/v1/alerts/budget", keys.read)).json()).toMatchObject({
    ...{ alerts_a_week: 3, mails_an_hour: 6, held_mails: [] },
    stores: [{ store_id: "soho", used: 1, left: 2 }],
    held_alerts: [{ alert_id: "alt_held", why: "full" }],
  });
  const other = (await get("/v1/alerts/budget", keys.other)).json();
  expect(other).toMatchObject({ stores: [], held_alerts: [], held_mails: [] });
  expect((await get(`/v1/alerts/budget?merchant_id=${ours}`, keys.other)).statusCode).toBe(404);
  expect((await get("/v1/alerts/budget", keys.events)).statusCode).toBe(403);
});

it("all doors stand in the OpenAPI document", () => {
  const { paths } = app.swagger() as { paths: Record<string, object> };
  expect(
    Object.entries(paths)
      .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method} ${path}`))
      .sort(),
  ).toEqual([
    "get /v1/alerts",
    "get /v1/alerts/budget",
    "get /v1/alerts/{id}",
    "get /v1/alerts/{id}/changes",
    "post /v1/alerts/{id}/acknowledge",
    "post /v1/alerts/{id}/reopen",
    "post /v1/alerts/{id}/resolve",
    "post /v1/alerts/{id}/snooze",
    "post /v1/alerts/{id}/start",
  ]);
});
