// The doors to stored events: what a key may see, page by page, and nothing of another merchant by any id.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import type { Event } from "../../core/event.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { registerExportRoutes } from "./export-routes.ts";
import { registerSearchRoutes } from "./search-routes.ts";

const T0 = Date.UTC(2026, 10, 25, 10);
let handle: PostgresHandle;
let store: TestClickHouse;
let app: FastifyInstance;
let keys: Record<"read" | "write" | "other", string>;

beforeAll(async () => {
  handle = await testPostgres();
  store = await testClickHouse();
  const { db } = handle;
  const merchant = (name: string) =>
    createMerchant(db, { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false }, 1);
  const [ours, theirs] = [(await merchant("ours")).id, (await merchant("theirs")).id];
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, Date.now());
    return made.text;
  };
  keys = {
    read: await key(ours, ["events:read"]),
    write: await key(ours, ["events:write"]),
    other: await key(theirs, ["events:read"]),
  };
  const event = (nth: number, over: Partial<Event> = {}): Event => ({
    event_id: `e${nth}`,
    event_type: "payment",
    merchant_id: ours,
    source: "api",
    ts: T0 + nth * 60_000,
    received_ts: T0,
    terminal_id: nth % 2 === 0 ? "t0" : "t1",
    card_token: "c1",
    amount: 100,
    currency: "EUR",
    ...over,
  });
  const events = [
    ...Array.from({ length: 30 }, (_, nth) => event(nth)),
    event(99, { event_id: "foreign", merchant_id: theirs, ts: T0 }),
  ];
  const path = join(store.folder, "events.rows");
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "search-routes-1");
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const secrets = { SESSION_KEY: "k".repeat(43) } as never;
  const authenticator = makeAuthenticator({ db, secrets, now: Date.now });
  const deps = { ch: store.ch, authenticator, now: () => T0 + 3_600_000 };
  registerSearchRoutes(app, deps);
  registerExportRoutes(app, { ...deps, db });
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await store?.close();
  await handle?.close();
});

async function get(url: string, key = keys.read) {
  const headers = { authorization: `Bearer ${key}` };
  const response = await app.inject({ method: "GET", url, headers });
  return { status: response.statusCode, body: response.json() };
}
const ids = (body: { events: { event_id: string }[] }) => body.events.map((one) => one.event_id);

it("pages through what a search finds, newest first", async () => {
  const first = await get("/v1/events?q=terminal_id:t0&limit=10");
  expect(ids(first.body).slice(0, 2)).toEqual(["e28", "e26"]);
  const second = await get(`/v1/events?q=terminal_id:t0&limit=10&cursor=${first.body.next_cursor}`);
  expect(ids(second.body)).toEqual(["e8", "e6", "e4", "e2", "e0"]);
  expect(second.body.next_cursor).toBeNull();
});

it("counts over time", async () => {
  const from = `from=${T0}&to=${T0 + 1_800_000}`;
  const { body } = await get(`/v1/events/histogram?${from}&buckets=3&by=terminal_id`);
  expect(body.total).toBe(30);
  expect(body.buckets.map((one: { count: number }) => one.count)).toEqual([10, 10, 10]);
  expect(body.buckets[0].by).toEqual({ t0: 5, t1: 5 });
});

it("shows what happened at the same till around an event", async () => {
  const { body } = await get("/v1/events/e10/around?minutes=4");
  expect(body.place).toEqual({ field: "terminal_id", value: "t0" });
  expect(ids(body)).toEqual(["e6", "e8", "e10", "e12", "e14"]);
});

it("tells a subject's history and sums it up", async () => {
  const { body } = await get("/v1/subjects/card/c1?limit=2");
  expect(ids(body)).toEqual(["e29", "e28"]);
  expect(body.summary).toMatchObject([{ event_type: "payment", count: 30, amount: 3000 }]);
});

it("exports a span whole, in order, with its count at the end, and says so in the audit log", async () => {
  const headers = { authorization: `Bearer ${keys.read}` };
  const url = `/v1/export/events?from=${T0}&to=${T0 + 600_000}`;
  const answer = await app.inject({ url, headers });
  const lines = answer.body
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toEqual({ exported: 10 });
  expect(lines.slice(0, -1).map(({ event_id }) => event_id)).toEqual(
    Array.from({ length: 10 }, (_, nth) => `e${nth}`),
  );
  const foreign = await app.inject({ url, headers: { authorization: `Bearer ${keys.other}` } });
  expect(foreign.body).toContain('"event_id":"foreign"');
  expect(foreign.body.trimEnd().split("\n")).toHaveLength(2);
  expect((await get("/v1/export/events", keys.write)).status).toBe(403);
  const told = await handle.db.selectFrom("audit_log").select("act").execute();
  expect(told.map(({ act }) => act)).toEqual(["events.export", "events.export"]);
});

it("shows nothing of another merchant, by any way", async () => {
  expect((await get("/v1/events/foreign")).status).toBe(404);
  expect((await get("/v1/events/foreign/around")).status).toBe(404);
  expect((await get("/v1/events/e1", keys.other)).status).toBe(404);
  expect(ids((await get("/v1/events", keys.other)).body)).toEqual(["foreign"]);
  expect((await get("/v1/subjects/card/c1", keys.other)).body.summary).toHaveLength(1);
  expect((await get("/v1/subjects/merchant/mer_x")).status).toBe(404);
  expect((await get("/v1/events?merchant_id=mer_x")).status).toBe(404);
});

it("refuses strangers, missing rights and what is wrong, and says why", async () => {
  expect((await get("/v1/events", "tw_x")).status).toBe(401);
  expect((await get("/v1/events", keys.write)).status).toBe(403);
  for (const [query, words] of [
    ["q=amout:5", 'Did you mean "amount"'],
    ["from=5&to=4", "earlier"],
    ["from=yesterday", "ISO 8601"],
    ["cursor=nonsense", "not one of ours"],
    ["limit=0", "limit"],
    ["nope=1", "nope"],
  ]) {
    const { status, body } = await get(`/v1/events?${query}`);
    expect([status, body.error.message]).toEqual([400, expect.stringContaining(words ?? "")]);
  }
});
