// Backtests through the API on real stores: asked, watched, read, ended; nobody reaches another merchant's.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import type { Alert } from "../../core/alert.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import { addAlertLabel } from "../../stores/alert-labels.ts";
import { saveAlert } from "../../stores/alerts.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import { addBacktest, readBacktest } from "../../stores/backtests.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { rulesInForce } from "../../stores/rule-settings.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { type Backtests, makeBacktests } from "./jobs.ts";
import { registerBacktestRoutes } from "./routes.ts";

const T0 = Date.UTC(2026, 10, 25, 10);
let handle: PostgresHandle;
let store: TestClickHouse;
let app: FastifyInstance;
let backtests: Backtests;
let ours: string;
let keys: Record<"full" | "read" | "other", string>;

beforeAll(async () => {
  handle = await testPostgres();
  store = await testClickHouse();
  const { db } = handle;
  const merchant = (name: string) =>
    createMerchant(db, { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false }, 1);
  ours = (await merchant("ours")).id;
  const theirs = (await merchant("theirs")).id;
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(Date.now());
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, Date.now());
    return made.text;
  };
  keys = {
    full: await key(ours, ["alerts:read", "alerts:write"]),
    read: await key(ours, ["alerts:read"]),
    other: await key(theirs, ["alerts:read", "alerts:write"]),
  };
  await addBacktest(db, {
    merchant_id: ours,
    id: "bt_left",
    asked_by: "x",
    request: {},
    created_at: 1,
  });
  const declines = [0, 1, 2, 3, 4, 5].map(
    (nth): Event => ({
      event_id: `e${nth}`,
      event_type: "payment",
      merchant_id: ours,
      source: "api",
      ts: T0 + nth * 1000,
      received_ts: T0 + nth * 1000,
      outcome: "declined",
      ip: "203.0.113.9",
      amount: 100,
      currency: "EUR",
    }),
  );
  const path = join(store.folder, "events.rows");
  writeFileSync(path, declines.map((one) => `${encodeEvent(one)}\n`).join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "backtest-1");
  backtests = await makeBacktests({ db, ch: store.ch, now: Date.now, log: silentLog });
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const secrets = { SESSION_KEY: "k".repeat(43) };
  const authenticator = makeAuthenticator({ db, secrets: secrets as never, now: Date.now });
  registerBacktestRoutes(app, { db, secrets, authenticator, backtests, now: Date.now });
  await app.ready();
});
afterAll(async () => {
  await backtests?.close();
  await app?.close();
  await store?.close();
  await handle?.close();
});

async function call(method: "GET" | "POST", url: string, key: string, payload?: object) {
  const headers = { authorization: `Bearer ${key}` };
  const response = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return { status: response.statusCode, body: response.json() };
}

async function ended(id: string) {
  for (let tries = 0; tries < 4000; tries += 1) {
    const { body } = await call("GET", `/v1/backtests/${id}`, keys.read);
    if (!["queued", "running"].includes(body.state)) return body;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the backtest did not end");
}

const SPAN = { from: "2026-11-25T00:00:00Z", to: "2026-11-26T00:00:00Z" };

it("answers with the same alert that a hand would count, and the difference of a knob", async () => {
  const knobs = { card_testing_by_ip: { declines: 50 } };
  const asked = await call("POST", "/v1/backtests", keys.full, { ...SPAN, knobs });
  expect(asked.status).toBe(202);
  const { state, report } = await ended(asked.body.id);
  expect(state).toBe("done");
  expect(report.before[0]).toMatchObject({
    detection: "card-testing-source",
    findings: 2,
    alerts: 1,
  });
  expect(report.after[0]).toMatchObject({ findings: 0, alerts: 0 });
  expect(report.difference.sentence).toBe("Adds 0, drops 1.");
}, 60_000);

it("runs the whole catalogue", async () => {
  const asked = await call("POST", "/v1/backtests", keys.full, SPAN);
  const { state, report, progress } = await ended(asked.body.id);
  expect([state, progress]).toEqual(["done", 1]);
  expect(report.before).toBeNull();
  expect(
    report.after.find((row: { detection: string }) => row.detection === "card-testing-source")
      .alerts,
  ).toBe(1);
}, 60_000);

/** Twelve honest addresses with six declines each, ten of thieves with twelve, each labelled. */
async function labelledHistory(): Promise<void> {
  const lines: string[] = [];
  for (let nth = 0; nth < 22; nth += 1) {
    const ip = `198.51.100.${nth}`;
    const honest = nth < 12;
    const ts = T0 - (nth + 1) * 3_600_000;
    for (let n = 0; n < (honest ? 6 : 12); n += 1) {
      const at = { ts: ts + n * 1000, received_ts: ts + n * 1000 };
      const of = { merchant_id: ours, source: "api", outcome: "declined" };
      const money = { amount: 100, currency: "EUR" };
      lines.push(
        `${encodeEvent({ event_id: `h${nth}-${n}`, event_type: "payment", ...of, ...at, ip, ...money })}\n`,
      );
    }
    const alert = {
      ...{ merchant_id: ours, id: `alt_${nth}`, detection: "card-testing-source", level: "medium" },
      ...{ rule: "card_testing_by_ip", rule_version: 100, subject: `device:${ip}`, state: "open" },
      ...{ label: null, snoozed_until: null, store_id: null, told_at: null, held_at: null },
      ...{ first_ts: ts + 4000, last_ts: ts + (honest ? 5000 : 11_000), opened_at: ts },
    } as unknown as Alert;
    await saveAlert(handle.db, alert);
    const label = honest ? ("not_fraud" as const) : ("fraud" as const);
    const verdict = { kind: "verdict", actor: "account:owner", label, known_at: ts } as const;
    const nobodyElse = { event_id: null, about: null, reason_code: null };
    const on = { merchantId: ours, alertId: alert.id };
    await addAlertLabel(handle.db, on, { ...verdict, ...nobodyElse });
  }
  const path = join(store.folder, "labelled.rows");
  writeFileSync(path, lines.join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "backtest-labelled");
}

it("suggests the knob that wakes people less often and misses no known fraud; sets nothing", async () => {
  const url = "/v1/rules/card_testing_by_ip/suggest";
  const span = { from: "2026-11-23T00:00:00Z", to: "2026-11-25T10:00:00Z" };
  expect((await call("POST", url, keys.full, span)).body.error.message).toContain("at least 20");
  await labelledHistory();
  const asked = await call("POST", url, keys.full, span);
  expect(asked.status).toBe(202);
  const { state, report } = await ended(asked.body.id);
  expect(state).toBe("done");
  expect(report).toMatchObject({ rule: "card_testing_by_ip", labels: 22 });
  expect(report.before).toMatchObject({ alerts: 22, caught: 10, missed: 0, needless: 12 });
  expect(report.suggested).toMatchObject({ knob: "declines", present: 5 });
  expect(report.suggested.outcome).toMatchObject({ alerts: 10, caught: 10, needless: 0 });
  expect(report.sentence).toContain("0 needless alerts instead of 12");
  expect(await rulesInForce(handle.db, ours)).toEqual([]);
}, 240_000);

it.each([
  { name: "a reader", key: "read", rule: "card_testing_by_ip", status: 403 },
  {
    name: "another merchant, who has no labels",
    key: "other",
    rule: "card_testing_by_ip",
    status: 400,
  },
  { name: "a rule that does not exist", key: "full", rule: "nope", status: 400 },
] as const)("a suggestion is refused to $name", async ({ key, rule, status }) => {
  expect((await call("POST", `/v1/rules/${rule}/suggest`, keys[key], {})).status).toBe(status);
});

it("ends one on request, and tells what a stopped service left", async () => {
  const asked = await call("POST", "/v1/backtests", keys.full, SPAN);
  const cancelled = await call("POST", `/v1/backtests/${asked.body.id}/cancel`, keys.full);
  expect(cancelled.body.state).toBe("cancelled");
  expect((await ended(asked.body.id)).state).toBe("cancelled");
  expect((await call("POST", `/v1/backtests/${asked.body.id}/cancel`, keys.full)).status).toBe(409);
  expect(await readBacktest(handle.db, ours, "bt_left")).toMatchObject({ state: "failed" });
}, 60_000);

it("refuses what is wrong, and strangers", async () => {
  const ask = (body: object, key = keys.full) =>
    call("POST", "/v1/backtests", key, { ...SPAN, ...body });
  expect((await ask({ from: SPAN.to, to: SPAN.from })).body.error.message).toContain("earlier");
  expect((await ask({ from: "2001-01-01T00:00:00Z" })).body.error.message).toContain("five years");
  expect((await ask({ rules: ["nope"] })).status).toBe(400);
  expect((await ask({ text: "title: x" })).body.error.code).toBe("RULE_INVALID");
  expect((await ask({}, keys.read)).status).toBe(403);
  const { body } = await ask({ rules: ["dispute-arrived"] });
  await ended(body.id);
  expect((await call("GET", `/v1/backtests/${body.id}`, keys.other)).status).toBe(404);
  expect((await call("POST", `/v1/backtests/${body.id}/cancel`, keys.other)).status).toBe(404);
  expect((await call("GET", "/v1/backtests", keys.other)).body.backtests).toEqual([]);
  expect((await call("GET", "/v1/backtests", "tw_x")).status).toBe(401);
}, 60_000);
