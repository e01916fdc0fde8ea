// Precision through the API on a real Postgres: only labels count, and nobody reads another merchant's.
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import type { Alert } from "../../core/alert.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import { addAlertLabel } from "../../stores/alert-labels.ts";
import { saveAlert } from "../../stores/alerts.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { registerPrecisionRoutes } from "./routes.ts";

const NOW = Date.UTC(2026, 10, 25, 10);
const DAY_MS = 86_400_000;
let handle: PostgresHandle;
let app: FastifyInstance;
let ours: string;
let keys: Record<"read" | "events" | "other", string>;

beforeAll(async () => {
  handle = await testPostgres();
  const { db } = handle;
  const merchant = (name: string) =>
    createMerchant(db, { name, currency: "EUR", zone: "UTC", emails: [], is_demo: false }, 1);
  ours = (await merchant("ours")).id;
  const theirs = (await merchant("theirs")).id;
  const key = async (merchantId: string, scopes: Scope[]) => {
    const made = makeApiKey(NOW);
    const row = { id: made.keyId, hash: made.hash, scopes, expires_at: null };
    await addApiKey(db, merchantId, row, NOW);
    return made.text;
  };
  keys = {
    read: await key(ours, ["alerts:read"]),
    events: await key(ours, ["events:write"]),
    other: await key(theirs, ["alerts:read"]),
  };
  const verdicts = ["fraud", "fraud", "not_fraud", "unsure", null] as const;
  for (const [nth, label] of verdicts.entries()) {
    await raised(`alt_${nth}`, NOW - nth * DAY_MS);
    if (label === null) continue;
    const on = { merchantId: ours, alertId: `alt_${nth}` };
    const verdict = { kind: "verdict", actor: "account:owner", label, known_at: NOW } as const;
    const nobodyElse = { event_id: null, about: null, reason_code: null };
    await addAlertLabel(db, on, { ...verdict, ...nobodyElse });
  }
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const secrets = { SESSION_KEY: "k".repeat(43) };
  const authenticator = makeAuthenticator({ db, secrets: secrets as never, now: () => NOW });
  registerPrecisionRoutes(app, { db, authenticator, now: () => NOW });
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await handle?.close();
});

async function raised(id: string, ts: number): Promise<void> {
  const alert = {
    ...{ merchant_id: ours, id, detection: "void-streak", rule: "void_streak", rule_version: 100 },
    ...{ subject: "cashier:k7", level: "high", state: "open", label: null, snoozed_until: null },
    ...{ first_ts: ts, last_ts: ts, opened_at: ts, store_id: null, told_at: null, held_at: null },
  } as unknown as Alert;
  await saveAlert(handle.db, alert);
}

async function ask(key: string, query = "") {
  const headers = { authorization: `Bearer ${key}` };
  const response = await app.inject({ url: `/v1/rules/precision${query}`, headers });
  return { status: response.statusCode, body: response.json() };
}

it("counts the merchant's own labels, with the interval", async () => {
  const { status, body } = await ask(keys.read);
  expect(status).toBe(200);
  expect(body.rules).toMatchObject([
    { rule: "void_streak", told: 5, labelled: 4, fraud: 2, not_fraud: 1, unsure: 1 },
  ]);
  const { value, low, high } = body.rules[0].precision;
  expect([value, low, high].map((one) => one.toFixed(2))).toEqual(["0.67", "0.21", "0.94"]);
});

it("leaves out what lies outside the span", async () => {
  const from = new Date(NOW - 1.5 * DAY_MS).toISOString();
  const { body } = await ask(keys.read, `?from=${from}`);
  expect(body.rules).toMatchObject([{ told: 2, fraud: 2, not_fraud: 0 }]);
});

it("shows another merchant nothing of ours", async () => {
  expect((await ask(keys.other)).body.rules).toEqual([]);
  expect((await ask(keys.other, `?merchant_id=${ours}`)).body.rules ?? []).toEqual([]);
});

it.each([
  { name: "a key without alerts:read", key: "events", query: "", status: 403 },
  { name: "an empty span", key: "read", query: "?from=2&to=1", status: 400 },
  { name: "over 400 days", key: "read", query: "?from=1&to=40000000000", status: 400 },
  { name: "a time that is none", key: "read", query: "?from=yesterday", status: 400 },
] as const)("$name -> $status", async ({ key, query, status }) => {
  expect((await ask(keys[key], query)).status).toBe(status);
});
