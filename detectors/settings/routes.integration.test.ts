// The doors to rules' settings on real stores: who may, what is refused, what is written down.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeApiKey, type Scope } from "../../accounts/api-key.ts";
import { makeAuthenticator } from "../../accounts/authenticate.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import { addApiKey } from "../../stores/api-keys.ts";
import { listAudit } from "../../stores/audit-log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { loadCatalogue, readRuleFiles } from "../catalogue.ts";
import { createTuner } from "../engine/tune/tuned.ts";
import { registerSettingsRoutes } from "./routes.ts";

const NOW = Date.UTC(2026, 10, 25, 12);
const DAY_MS = 86_400_000;
const RULE = "card_testing_by_ip";
let handle: PostgresHandle;
let store: TestClickHouse;
let app: FastifyInstance;
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
    full: await key(ours, ["alerts:read", "rules:write"]),
    read: await key(ours, ["alerts:read", "alerts:write"]),
    other: await key(theirs, ["alerts:read", "rules:write"]),
  };
  const event = { event_type: "payment", merchant_id: ours, source: "api", outcome: "declined" };
  const path = join(store.folder, "events.ndjson");
  const row = encodeEvent({ ...event, event_id: "e1", ts: NOW - 1000, received_ts: NOW } as never);
  writeFileSync(path, `${row}\n`);
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "settings-1");
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  const authenticator = makeAuthenticator({
    db,
    secrets: { SESSION_KEY: "k".repeat(32) } as never,
    now: Date.now,
  });
  registerSettingsRoutes(app, {
    ...{ db, ch: store.ch, authenticator, now: () => NOW },
    secrets: { SESSION_KEY: "k".repeat(32) },
    tuner: createTuner(loadCatalogue(), readRuleFiles),
  });
  await app.ready();
});

afterAll(async () => {
  await app.close();
  await store.close();
  await handle.close();
});

async function ask(method: "GET" | "POST" | "PATCH", url: string, body?: unknown, key = keys.full) {
  const response = await app.inject({
    ...{ method, url },
    headers: { authorization: `Bearer ${key}` },
    ...(body === undefined ? {} : { payload: body as object }),
  });
  return { status: response.statusCode, body: response.json() };
}

const reason = "tried in the shop";
const POSTS: readonly ["POST" | "PATCH", string, object][] = [
  ["PATCH", `/v1/rules/${RULE}`, { mode: "shadow", reason }],
  ["POST", "/v1/snoozes", { subject: "cashier:k7", until: NOW + DAY_MS, reason }],
  ["POST", "/v1/snoozes/1/end", { reason }],
  ["POST", "/v1/lists/block", { values: ["203.0.113.9"], reason }],
  ["POST", "/v1/lists/block/remove", { values: ["203.0.113.9"], reason }],
  ["POST", "/v1/exclusions", { text: "name: a\nfilter: {}", reason }],
  ["POST", "/v1/exclusions/a/remove", { reason }],
];

describe("who may", () => {
  it.each(POSTS)("%s %s needs rules:write, and a key", async (method, url, body) => {
    expect(await ask(method, url, body, keys.read)).toMatchObject({
      status: 403,
      body: { error: { code: "FORBIDDEN" } },
    });
    expect((await ask(method, url, body, "tw_none")).status).toBe(401);
  });

  it.each(["/v1/rules", "/v1/snoozes", "/v1/lists", "/v1/exclusions", `/v1/rules/${RULE}/history`])(
    "%s: another merchant is not there",
    async (url) => {
      const foreign = await ask("GET", `${url}?merchant_id=${ours}`, undefined, keys.other);
      expect(foreign.status).toBe(404);
    },
  );
});

describe("rules", () => {
  it("lists each with its mode, knobs and why it may be silent", async () => {
    const { body } = await ask("GET", "/v1/rules");
    const one = (name: string) => body.rules.find(({ rule }: { rule: string }) => rule === name);
    expect(one(RULE)).toMatchObject({
      ...{ detection: "card-testing-source", mode: "alert", version: 1, tuned: false },
      ...{ found: { told: 0, shadow: 0, hidden: 0 }, last_finding_ts: null },
      silent: "No event that it reads has ip.",
    });
    expect(one("sign_in_brute_force_by_account")?.silent ?? one("password_spray")?.silent).toMatch(
      /No event of type sign_in came in 35 days/,
    );
    expect(body.rules).toHaveLength(loadCatalogue().rules.length);
  });

  it("keeps who changed what and why, in the history and in the audit log", async () => {
    const set = await ask("PATCH", `/v1/rules/${RULE}`, { knobs: { declines: 8 }, reason });
    expect(set.body.changes).toMatchObject([{ kind: "settings", key: RULE }]);
    const back = await ask("PATCH", `/v1/rules/${RULE}`, { knobs: { declines: null }, reason });
    expect(back.status).toBe(200);
    const { body } = await ask("GET", `/v1/rules/${RULE}/history`);
    expect(body.changes).toMatchObject([
      { value: { knobs: {} }, reason, actor: expect.stringMatching(/^api_key:/) },
      { value: { knobs: { declines: 8 } }, reason },
    ]);
    const audit = await listAudit(handle.db, ours, { limit: 10 });
    expect(audit.map(({ act }) => act)).toContain("rules.settings");
  });

  it.each([
    ["PATCH", "/v1/rules/nothing", { mode: "off", reason }, 'RULE_INVALID no rule "nothing"'],
    ["PATCH", `/v1/rules/${RULE}`, { mode: "loud", reason }, "REQUEST_INVALID "],
    ["PATCH", `/v1/rules/${RULE}`, { mode: "off" }, "REQUEST_INVALID "],
    ["POST", "/v1/snoozes/999/end", { reason }, "NOT_FOUND No such snooze"],
    [
      "POST",
      "/v1/lists/block",
      { values: ["4111111111111111"], reason },
      "REQUEST_INVALID card number",
    ],
    ["POST", "/v1/lists/block/remove", { values: ["x"], reason }, "NOT_FOUND not on the list"],
    ["POST", "/v1/exclusions", { text: "name: a\nfilter: {}", reason }, "RULE_INVALID a.yml"],
  ] as const)("%s %s %j is refused", async (method, url, body, says) => {
    const answer = await ask(method, url, body);
    const { code, message } = answer.body.error;
    const [wanted = "", ...words] = says.split(" ");
    expect(code).toBe(wanted);
    expect(message).toContain(words.join(" "));
  });
});

it("snoozes and lists: set, seen, ended", async () => {
  const made = await ask("POST", "/v1/snoozes", {
    ...{ subject: "cashier:k7", until: NOW + DAY_MS, reason },
  });
  const [{ id }] = made.body.changes;
  expect((await ask("GET", "/v1/snoozes")).body.snoozes).toMatchObject([
    { id, rule: "*", subject: "cashier:k7", reason, hid: 0 },
  ]);
  expect((await ask("POST", `/v1/snoozes/${id}/end`, { reason })).status).toBe(200);
  expect((await ask("GET", "/v1/snoozes")).body.snoozes).toEqual([]);
  const values = ["203.0.113.9", "tok_1"];
  await ask("POST", "/v1/lists/block", { values, owner: "Ann", reason });
  await ask("POST", "/v1/lists/block/remove", { values: ["tok_1"], reason });
  expect((await ask("GET", "/v1/lists")).body.entries).toMatchObject([
    { list: "block", value: "203.0.113.9", owner: "Ann", reason, until: null },
  ]);
  const others = await ask("GET", "/v1/lists", undefined, keys.other);
  expect(others.body.entries).toEqual([]);
});

it("twenty writers at once: every change has its own number, none is lost", async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, nth) =>
      ask("POST", "/v1/lists/watch", { values: [`sku${nth}`], reason }),
    ),
  );
  const ids = answers.flatMap(({ body }) => body.changes.map((one: { id: number }) => one.id));
  expect(new Set(ids).size).toBe(20);
  const { body } = await ask("GET", "/v1/lists");
  const watched = body.entries.filter(({ list }: { list: string }) => list === "watch");
  expect(watched).toHaveLength(20);
});
