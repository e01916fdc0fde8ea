import { join } from "node:path";
import { gzipSync } from "node:zlib";
import Fastify, { type FastifyInstance } from "fastify";
import { sql } from "kysely";
import { Registry } from "prom-client";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { makeApiKey } from "../accounts/api-key.ts";
import { makeAuthenticator } from "../accounts/authenticate.ts";
import type { Event } from "../core/event.ts";
import { silentLog } from "../core/log.ts";
import {
  type Merchant,
  SOURCE_KINDS,
  type SourceConnection,
  type SourceKind,
} from "../core/merchant.ts";
import type { Secrets } from "../core/settings.ts";
import { localTime } from "../core/time.ts";
import { addApiKey } from "../stores/api-keys.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { listDeliveries } from "../stores/deliveries.ts";
import { findEvent, listEvents } from "../stores/events.ts";
import { createMerchant } from "../stores/merchants.ts";
import { listStores, listTerminals, upsertStaff, upsertStore } from "../stores/places.ts";
import { openSeenEvents, type SeenEvents } from "../stores/seen-events.ts";
import { addSource, confirmAccount, listSources } from "../stores/sources.ts";
import { type Admission, openSpool, type Spool } from "../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { ASK_LIMITS } from "./asking/ask-provider.ts";
import { makeDirectory } from "./directory.ts";
import type { Ingest } from "./routes/doors.ts";
import { registerIngestRoutes } from "./routes.ts";
import {
  fixture,
  signApi,
  signLightspeed,
  signShopify,
  signSquare,
  signStripe,
  signToast,
  signZettle,
  squareFixtures,
  stripeEvent,
} from "./testing.ts";

const secrets = Object.fromEntries(
  [
    "FINGERPRINT_KEY",
    "OPERATOR_KEY",
    "SESSION_KEY",
    "LINK_KEY",
    "SEAL_KEY",
    "AUDIT_KEY",
    "METRICS_TOKEN",
  ].map((n) => [n, n.padEnd(40, "x")]),
) as Secrets;
const SECRET = "a-signature-key";
const API_SECRET = `whsec_${Buffer.from("0123456789abcdef0123456789abcdef").toString("base64")}`;
const PUBLIC = "https://shop.example";

let pg: PostgresHandle;
let clickhouse: TestClickHouse;
let spool: Spool;
let seen: SeenEvents;
let app: FastifyInstance;
let ingest: Ingest;
let merchant: Merchant;
let other: Merchant;
let key: string;
let readKey: string;
let square: SourceConnection;
let stripe: SourceConnection;
let till: SourceConnection;
let admission: Admission = { open: true };
let durable: Event[] = [];
const metrics = new Registry();
const now = () => Date.now();

async function apiKey(merchantId: string, scopes: string[]): Promise<string> {
  const made = makeApiKey(now());
  await addApiKey(
    pg.db,
    merchantId,
    { id: made.keyId, hash: made.hash, scopes, expires_at: null },
    now(),
  );
  return made.text;
}
const source = (kind: SourceKind, secret: string, account: string | null = null) =>
  addSource(
    pg.db,
    {
      merchant_id: merchant.id,
      kind,
      account,
      mode: "any",
      url: `${PUBLIC}/in/${kind}/{id}`,
      secret,
    },
    secrets.SEAL_KEY,
    now(),
  );

beforeAll(async () => {
  pg = await testPostgres();
  clickhouse = await testClickHouse();
  merchant = await createMerchant(
    pg.db,
    { name: "Shop", currency: "EUR", zone: "Europe/Berlin", emails: [], is_demo: false },
    now(),
  );
  other = await createMerchant(
    pg.db,
    { name: "Other", currency: "EUR", zone: "UTC", emails: [], is_demo: false },
    now(),
  );
  key = await apiKey(merchant.id, ["events:write", "events:read"]);
  readKey = await apiKey(merchant.id, ["events:read"]);
  square = await source("square", SECRET);
  stripe = await source("stripe", SECRET);
  till = await source("api", API_SECRET);
  spool = await openSpool({
    dir: join(clickhouse.folder, "spool"),
    ch: clickhouse.ch,
    limits: { maxBytes: 100_000_000, reserveBytes: 0 },
    log: silentLog,
    now,
  });
  seen = await openSeenEvents({ ch: clickhouse.ch });
  app = Fastify();
  ingest = await registerIngestRoutes(app, {
    spool: {
      append: (lines) => spool.append(lines),
      flush: () => spool.flush(),
      admission: () => admission,
    },
    seen,
    ch: clickhouse.ch,
    directory: makeDirectory({ db: pg.db, sealKey: secrets.SEAL_KEY, now, log: silentLog }),
    authenticator: makeAuthenticator({ db: pg.db, secrets, now }),
    secrets,
    now,
    stampFrom: 0,
    log: silentLog,
    metrics,
    want: async () => {},
    connections: {
      ...{ db: pg.db, sealKey: secrets.SEAL_KEY, publicUrl: PUBLIC, base: "http://127.0.0.1:1" },
      limits: ASK_LIMITS,
    },
    onDurable: (_merchantId, events) => durable.push(...events),
  });
  await app.ready();
});
afterAll(async () => {
  await app?.close();
  await ingest?.close();
  await spool?.close();
  seen?.close();
  await clickhouse?.close();
  await pg?.close();
});

const post = (
  payload: string | Buffer | object,
  headers: Record<string, string> = {},
  url = "/v1/events",
) =>
  app.inject({
    method: "POST",
    url,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    payload:
      typeof payload === "object" && !Buffer.isBuffer(payload) ? JSON.stringify(payload) : payload,
  });
const deliver = (connection: SourceConnection, body: Buffer, headers: Record<string, string>) =>
  app.inject({
    method: "POST",
    url: `/in/${connection.kind}/${connection.id}`,
    headers: { "content-type": "application/json", ...headers },
    payload: body,
  });
let counter = 0;
const nextId = () => {
  counter += 1;
  return `e${counter}`;
};
const sale = (over: object = {}) => ({
  event_type: "sale",
  event_id: nextId(),
  ts: now(),
  amount: 1250,
  currency: "EUR",
  store_id: "s1",
  ...over,
});
const stored = async (eventId: string) => {
  await spool.flush();
  return findEvent(clickhouse.ch, merchant.id, eventId);
};
const code = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;

describe("POST /v1/events", () => {
  it("takes one event, durable before it is acknowledged, and stores it enriched", async () => {
    durable = [];
    const ts = now() - 100 * 86_400_000;
    const event = sale({ ts });
    const local = localTime(ts, "Europe/Berlin");
    const answer = await post(event);
    expect(answer.json()).toEqual({
      accepted: 1,
      duplicate: 0,
      quarantined: 0,
      rejected: 0,
      outcomes: [{ outcome: "accepted", event_id: event.event_id, durability: "spooled" }],
    });
    expect(durable.map((e) => e.event_id)).toEqual([event.event_id]);
    expect(await stored(event.event_id)).toMatchObject({
      merchant_id: merchant.id,
      source: "api",
      amount: 1250,
      ts_local: local,
      local_hour: Number(local.slice(11, 13)),
      business_day: local.slice(0, 10),
      business_month: local.slice(0, 7),
    });
  });
  it("takes an array, NDJSON by type and by look, gzip", async () => {
    const two = () => [sale(), sale()];
    const lines = () =>
      two()
        .map((e) => JSON.stringify(e))
        .join("\n");
    expect((await post(two())).json().accepted).toBe(2);
    expect((await post(lines(), { "content-type": "application/x-ndjson" })).json().accepted).toBe(
      2,
    );
    expect((await post(lines())).json().accepted).toBe(2);
    expect(
      (await post(gzipSync(JSON.stringify(two())), { "content-encoding": "gzip" })).json().accepted,
    ).toBe(2);
  });
  it("counts a re-sent event once, also within a body and at the same time", async () => {
    const event = sale();
    const answers = await Promise.all([post([event, event]), post(event), post([sale(), event])]);
    const outcomes = answers
      .flatMap((a) => a.json().outcomes)
      .filter((o) => o.event_id === event.event_id);
    expect(outcomes.map((o) => o.outcome).sort()).toEqual([
      "accepted",
      "duplicate",
      "duplicate",
      "duplicate",
    ]);
    await spool.flush();
    const all = await listEvents(clickhouse.ch, merchant.id, {
      from: 0,
      to: now() + 1000,
      limit: 1000,
    });
    expect(all.filter((e) => e.event_id === event.event_id)).toHaveLength(1);
  });
  it("one merchant's id does not swallow another's", async () => {
    const event = sale();
    await post(event);
    const otherKey = await apiKey(other.id, ["events:write"]);
    expect((await post(event, { authorization: `Bearer ${otherKey}` })).json().accepted).toBe(1);
    expect((await post(sale({ merchant_id: other.id }))).json().outcomes[0]).toMatchObject({
      outcome: "quarantined",
      reason: "wrong_merchant",
    });
  });
  it("?wait=stored answers when the event store has it", async () => {
    const event = sale();
    const answer = await post(event, {}, "/v1/events?wait=stored");
    expect(answer.json().outcomes[0].durability).toBe("stored");
    expect(await findEvent(clickhouse.ch, merchant.id, event.event_id)).toMatchObject({
      event_id: event.event_id,
    });
  });
  it("names an event without id by webhook-id, else rejects it", async () => {
    const { event_id: _no, ...nameless } = sale();
    expect((await post(nameless)).json().outcomes[0]).toMatchObject({
      outcome: "rejected",
      reason: "event_id_missing",
    });
    expect(
      (await post([nameless, nameless], { "webhook-id": "msg_1" }))
        .json()
        .outcomes.map((o: { event_id: string }) => o.event_id),
    ).toEqual(["msg_1.0", "msg_1.1"]);
  });
  it("keeps the good of a mixed body and says why the rest is set aside", async () => {
    const answer = await post(
      `${JSON.stringify(sale())}\nnonsense\n${JSON.stringify(sale({ amount: 1.5 }))}`,
    );
    expect(answer.json()).toMatchObject({ accepted: 1, quarantined: 2 });
    expect(answer.json().outcomes.map((o: { reason?: string }) => o.reason)).toEqual([
      undefined,
      "not_an_object",
      "amount_not_integer",
    ]);
  });
  it("masks a card number, reports it, and stores it nowhere", async () => {
    const event = sale({
      reason: "card 4111 1111 1111 1111",
      note: "5555555555554444",
      cvv: "123",
    });
    const answer = await post(event);
    expect(answer.json().outcomes[0].masked).toEqual(["reason", "note", "cvv"]);
    const kept = await stored(event.event_id);
    expect(kept).toMatchObject({
      reason: "card 411111******1111",
      attributes: { note: "555555******4444", cvv: "***" },
    });
    const found = await listEvents(clickhouse.ch, merchant.id, {
      from: now() - 60_000,
      to: now() + 1000,
      limit: 1000,
      eventTypes: ["card_data_found"],
    });
    expect(
      found
        .filter((e) => e.in_event_type === "sale")
        .map((e) => [e.found_kind, e.in_field])
        .sort(),
    ).toEqual([
      ["cvv", "cvv"],
      ["pan", "note"],
      ["pan", "reason"],
    ]);
    await post(event);
    expect(JSON.stringify(await clickhouse.ch.query("*", "SELECT * FROM events"))).not.toMatch(
      /4111 ?1111 ?1111|5555555555554444/,
    );
  });
  it("masks a card number in what is set aside too", async () => {
    await post(sale({ amount: -1, reason: "4111111111111111" }));
    await spool.flush();
    expect(
      JSON.stringify(await clickhouse.ch.query("*", "SELECT * FROM quarantine")),
    ).not.toContain("4111111111111111");
  });
  it("keys card tokens per merchant", async () => {
    const pay = { event_type: "payment", card_token: "fp_1", outcome: "approved" };
    const [a, b] = [sale(pay), sale(pay)];
    await post([a, b]);
    const first = await stored(a.event_id);
    expect(first?.card_token).toMatch(/^[0-9a-f]{32}$/);
    expect(first?.card_xhash).toMatch(/^[0-9a-f]{32}$/);
    expect((await stored(b.event_id))?.card_token).toBe(first?.card_token);
  });
  it("a refund finds its sale, a void its tender, by what passed before", async () => {
    const ts = now() - 600_000;
    const refund = sale({ event_type: "refund", sale_id: "S1", ts: ts + 60_000, cashier_id: "c2" });
    const voided = sale({ event_type: "void", sale_id: "S1", ts: ts + 90_000, cashier_id: "c2" });
    const lost = sale({ event_type: "refund", sale_id: "S404" });
    await post([
      sale({ event_type: "tender", ticket_id: "T1", ts, tender_type: "card", card_token: "fp_9" }),
      sale({
        sale_id: "S1",
        ticket_id: "T1",
        ts,
        cashier_id: "c1",
        tender_type: "card",
        discount_bp: 500,
      }),
      refund,
      voided,
      lost,
    ]);
    const found = await stored(refund.event_id);
    expect(found).toMatchObject({
      sale_found: true,
      sale_cashier_id: "c1",
      sale_tender_type: "card",
      sale_age_ms: 60_000,
      sale_discount_bp: 500,
    });
    expect(found?.sale_card_token).toMatch(/^[0-9a-f]{32}$/);
    expect(await stored(voided.event_id)).toMatchObject({
      since_tender_ms: 90_000,
      sale_cashier_id: "c1",
    });
    expect(await stored(lost.event_id)).not.toHaveProperty("sale_found");
  });
  it("notes shops and tills that an event names first, unconfirmed", async () => {
    await post(sale({ store_id: "new-shop", terminal_id: "new-till", cashier_id: "new-cashier" }));
    await ingest.close();
    expect((await listStores(pg.db, merchant.id)).find((s) => s.id === "new-shop")).toMatchObject({
      confirmed: false,
      zone: "Europe/Berlin",
    });
    expect((await listTerminals(pg.db, merchant.id)).map((t) => t.id)).toContain("new-till");
  });
  it("knows opening hours and staff once the owner has said", async () => {
    const all = Array.from({ length: 7 }, () => ({ from: 480, to: 1080 }));
    await upsertStore(pg.db, merchant.id, {
      id: "s9",
      zone: "America/New_York",
      opening_hours: all,
      lat: 40.7,
      lon: -74,
    });
    await upsertStaff(pg.db, merchant.id, { cashier_id: "c9", role: "manager", active: false });
    await post(sale({ store_id: "fresh", cashier_id: "fresh" }));
    await ingest.close();
    const event = sale({ store_id: "s9", cashier_id: "c9", ts: Date.UTC(2026, 0, 5, 13, 30) });
    await post(event);
    expect(await stored(event.event_id)).toMatchObject({
      ts_local: "2026-01-05T08:30:00.000",
      in_opening_hours: true,
      opening_phase: "first_hour",
      store_lat: 40.7,
      staff_role: "manager",
      cashier_active: false,
    });
  });
});

describe("what is refused as a whole", () => {
  it.each([
    ["no key", () => post(sale(), { authorization: "" }), 401, "UNAUTHENTICATED"],
    ["a wrong key", () => post(sale(), { authorization: "Bearer tw_x_y" }), 401, "UNAUTHENTICATED"],
    [
      "a key without the scope",
      () => post(sale(), { authorization: `Bearer ${readKey}` }),
      403,
      "FORBIDDEN",
    ],
    ["an empty body", () => post(""), 400, "BODY_EMPTY"],
    ["an empty array", () => post("[]"), 400, "BODY_EMPTY"],
    ["no JSON", () => post("hello"), 400, "BODY_NOT_JSON"],
    ["10,001 events", () => post(`[${"1,".repeat(10_000)}1]`), 413, "TOO_MANY_EVENTS"],
    ["a body over 8 MiB", () => post("x".repeat(8 * 1_048_576 + 1)), 413, "BODY_TOO_LARGE"],
    [
      "a gzip bomb",
      () => post(gzipSync(Buffer.alloc(64 * 1_048_576, " ")), { "content-encoding": "gzip" }),
      413,
      "BODY_TOO_LARGE",
    ],
    [
      "a broken gzip",
      () => post("not gzip", { "content-encoding": "gzip" }),
      400,
      "REQUEST_INVALID",
    ],
    [
      "another encoding",
      () => post(sale(), { "content-encoding": "br" }),
      415,
      "MEDIA_TYPE_UNSUPPORTED",
    ],
  ])("%s", async (_name, send, ...rest) => {
    const answer = await send();
    expect([answer.statusCode, code(answer)]).toEqual(rest);
  });
  it("a full spool answers before the body is read, with when to come back", async () => {
    admission = { open: false, code: "BACKPRESSURE", retryAfterS: 3 };
    const answer = await post("not even JSON", { authorization: "" });
    admission = { open: false, code: "SPOOL_UNAVAILABLE", retryAfterS: 9 };
    const failed = await deliver(square, Buffer.from("{}"), {});
    admission = { open: true };
    expect([answer.statusCode, code(answer), answer.headers["retry-after"]]).toEqual([
      429,
      "BACKPRESSURE",
      "3",
    ]);
    expect([failed.statusCode, code(failed), failed.headers["retry-after"]]).toEqual([
      503,
      "SPOOL_UNAVAILABLE",
      "9",
    ]);
  });
  it("10,000 events of junk are each set aside", async () => {
    const answer = await post(`[${"1,".repeat(9_999)}1]`);
    expect(answer.json().quarantined).toBe(10_000);
  });
});

describe("signed per Standard Webhooks", () => {
  const body = () => Buffer.from(JSON.stringify([sale()]));
  it("at /v1/events by header or query, and at /in/api", async () => {
    for (const [url, extra] of [
      [`/v1/events?source=${till.id}`, {}],
      ["/v1/events", { "x-tillwatch-source": till.id }],
      [`/in/api/${till.id}`, {}],
    ] as const) {
      const bytes = body();
      const headers = {
        ...signApi(bytes, API_SECRET, { id: `m${url}`, nowMs: now() }),
        ...extra,
        "content-type": "application/json",
      };
      const answer = await app.inject({ method: "POST", url, headers, payload: bytes });
      expect([url, answer.json().accepted]).toEqual([url, 1]);
    }
  });
  it.each([
    [
      "stale",
      (bytes: Buffer) => signApi(bytes, API_SECRET, { id: "m", nowMs: now() - 301_000 }),
      "SIGNATURE_STALE",
    ],
    [
      "future",
      (bytes: Buffer) => signApi(bytes, API_SECRET, { id: "m", nowMs: now() + 120_000 }),
      "SIGNATURE_STALE",
    ],
    [
      "changed",
      () => signApi(Buffer.from("x"), API_SECRET, { id: "m", nowMs: now() }),
      "SIGNATURE_INVALID",
    ],
    [
      "another id",
      (bytes: Buffer) => ({
        ...signApi(bytes, API_SECRET, { id: "m", nowMs: now() }),
        "webhook-id": "n",
      }),
      "SIGNATURE_INVALID",
    ],
  ])("%s is refused", async (_name, sign, expected) => {
    const bytes = body();
    const answer = await app.inject({
      method: "POST",
      url: `/in/api/${till.id}`,
      headers: sign(bytes),
      payload: bytes,
    });
    expect([answer.statusCode, code(answer)]).toEqual([401, expected]);
  });
});

describe("POST /in/square, every sample", () => {
  const expected = JSON.parse(fixture("expected/square.json").toString()) as Record<
    string,
    unknown
  >;
  it.each(squareFixtures())(
    "%s: accepted, then known; one byte changed: 401 and nothing stored",
    async (name) => {
      const body = fixture(`square/${name}.json`);
      const headers = signSquare(square.url, body, SECRET);
      const first = await deliver(square, body, headers);
      expect(first.statusCode).toBe(200);
      const facts = expected[name];
      if (Array.isArray(facts)) {
        expect(first.json().outcome).toBe("events");
        expect(first.json().outcomes.map((o: { outcome: string }) => o.outcome)).toEqual(
          facts.map(() => (name === "labor.timecard.updated" ? "duplicate" : "accepted")),
        );
        expect((await deliver(square, body, headers)).json()).toMatchObject({
          accepted: 0,
          duplicate: facts.length,
        });
      } else expect(first.json()).toMatchObject({ outcome: "ignored", type: name, accepted: 0 });
      const changed = Buffer.from(body);
      changed[changed.length - 3] = (changed[changed.length - 3] ?? 0) ^ 1;
      const refused = await deliver(square, changed, headers);
      expect([refused.statusCode, code(refused)]).toEqual([401, "SIGNATURE_INVALID"]);
    },
  );
  it("keeps the raw deliveries, scrubbed, and proposes the account", async () => {
    await spool.flush();
    const kept = await listDeliveries(clickhouse.ch, merchant.id, { limit: 1000 });
    expect(kept.length).toBeGreaterThanOrEqual(78);
    expect(JSON.stringify(kept)).not.toMatch(/Earhart|@example|7783320007480908|hmacsha256/);
    expect(
      (await listSources(pg.db, merchant.id)).find((s) => s.id === square.id)?.account,
    ).toBeTruthy();
  });
  it("a burst of bad signatures is an event", async () => {
    await spool.flush();
    const events = await listEvents(clickhouse.ch, merchant.id, {
      from: now() - 600_000,
      to: now() + 1000,
      limit: 1000,
      eventTypes: ["control_failed"],
    });
    expect(
      events.some((e) => e.control === "source" && e.attributes?.cause === "many bad signatures"),
    ).toBe(true);
  });
});

describe("POST /in/shopify", () => {
  const { transaction } = JSON.parse(fixture("shopify/transaction.json").toString());
  const body = (change: object = {}) =>
    Buffer.from(
      JSON.stringify({
        ...transaction,
        currency: "EUR",
        created_at: new Date(now() - 60_000).toISOString(),
        ...change,
      }),
    );
  const TOPIC = "order_transactions/create";
  it("stores a payment once, however often and under whatever topic it comes", async () => {
    const shop = await source("shopify", SECRET);
    const paid = body({ id: 77_001 });
    const first = await deliver(shop, paid, signShopify(paid, SECRET, TOPIC));
    expect(first.json()).toMatchObject({ outcome: "events", outcomes: [{ outcome: "accepted" }] });
    const again = await deliver(shop, paid, signShopify(paid, SECRET, TOPIC));
    expect(again.json().outcomes).toMatchObject([{ outcome: "duplicate" }]);
    const elsewhere = await deliver(shop, paid, signShopify(paid, SECRET, "orders/create"));
    expect(elsewhere.json()).toMatchObject({ outcome: "quarantined" });
    const event = await stored(first.json().outcomes[0].event_id);
    expect(event).toMatchObject({
      event_type: "payment",
      source: "shopify",
      amount: 40_994,
      last4: "4242",
    });
  });
  it("one byte changed, or another secret: 401, nothing stored", async () => {
    const shop = await source("shopify", SECRET);
    const paid = body({ id: 77_002 });
    const changed = Buffer.from(paid.toString().replace("409.94", "409.95"));
    const bad = await deliver(shop, changed, signShopify(paid, SECRET, TOPIC));
    expect(bad.statusCode).toBe(401);
    const other = await deliver(shop, paid, signShopify(paid, "another secret", TOPIC));
    expect(other.json().error.code).toBe("SIGNATURE_INVALID");
  });
});

describe("POST /in/toast, /in/zettle and /in/lightspeed", () => {
  const fresh = (path: string, change: (text: string) => string) =>
    Buffer.from(change(fixture(path).toString()));
  const recent = (text: string) =>
    text.replace(/("timestamp": ")[^"]+/, `$1${new Date(now()).toISOString()}`);

  it("Toast: an order's facts once, its money in the shop's own currency", async () => {
    const shop = await source("toast", SECRET);
    const body = fresh("toast/order-paid.json", recent);
    const first = await deliver(shop, body, signToast(body, SECRET));
    expect(first.json()).toMatchObject({ outcome: "events" });
    const { outcomes } = first.json() as { outcomes: { outcome: string; event_id: string }[] };
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(["accepted"]));
    const event = await stored(outcomes[0]?.event_id as string);
    expect(event).toMatchObject({ event_type: "sale", amount: 2576, currency: "EUR" });
    const again = await deliver(shop, body, signToast(body, SECRET));
    expect(again.json().outcomes[0]).toMatchObject({ outcome: "duplicate" });
    const changed = Buffer.from(body.toString().replace("25.76", "25.77"));
    expect((await deliver(shop, changed, signToast(body, SECRET))).statusCode).toBe(401);
  });

  it("Zettle: a purchase; its test message before there is a key", async () => {
    const shop = await source("zettle", SECRET);
    const message = JSON.parse(fixture("zettle/purchase-cash.json").toString());
    message.timestamp = new Date(now()).toISOString();
    const { body, headers } = signZettle(message, SECRET);
    const answer = await deliver(shop, body, headers);
    expect(answer.json()).toMatchObject({ outcome: "events" });
    expect(await stored(answer.json().outcomes[0].event_id)).toMatchObject({
      ...{ event_type: "sale", source: "zettle", amount: 35_300, currency: "GBP" },
    });
    const test = Buffer.from(JSON.stringify({ eventName: "TestMessage", payload: {} }));
    const hello = await deliver(shop, test, {});
    expect([hello.statusCode, hello.json().outcome]).toEqual([200, "ignored"]);
    expect((await deliver(shop, body, {})).statusCode).toBe(401);
  });

  it("Lightspeed: a sale out of a form", async () => {
    const shop = await source("lightspeed", SECRET);
    const payload = fixture("lightspeed/sale-closed.json").toString();
    const body = Buffer.from(new URLSearchParams({ payload }).toString());
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await deliver(shop, body, { ...form, ...signLightspeed(body, SECRET) });
    expect(answer.json()).toMatchObject({ outcome: "events" });
    expect(await stored(answer.json().outcomes[0].event_id)).toMatchObject({
      ...{ event_type: "sale", source: "lightspeed", amount: 1795, currency: "EUR" },
    });
  });
});

describe("POST /in/stripe and the rest of a provider's door", () => {
  const charge = JSON.parse(fixture("stripe/charge.json").toString());
  it("stores a charge with its fields, notes test mode, keys the card", async () => {
    const recent = { ...charge, created: Math.floor(now() / 1000) - 60 };
    const body = stripeEvent("charge.succeeded", recent);
    const answer = await deliver(stripe, body, signStripe(body, SECRET, now()));
    const event = await stored(answer.json().outcomes[0].event_id);
    expect(event).toMatchObject({
      event_type: "payment",
      source: "stripe",
      amount: 100,
      currency: "USD",
      last4: "4242",
      attributes: { test_mode: "true", card_brand: "visa" },
    });
    expect(event?.card_token).not.toBe("AOB934RVNwzk6xtn");
  });
  it("a wrong account is set aside once the account is confirmed, and can be replayed after a fix", async () => {
    const strict = await source("stripe", SECRET, "acct_mine");
    const body = stripeEvent(
      "payout.paid",
      { id: "po_1", object: "payout", amount: 100, currency: "eur", created: 1_700_000_000 },
      { account: "acct_theirs" },
    );
    const answer = await deliver(strict, body, signStripe(body, SECRET, now()));
    expect(answer.json()).toMatchObject({
      outcome: "quarantined",
      quarantined: 1,
      outcomes: [{ reason: "wrong_account" }],
    });
    await spool.flush();
    const listed = await app.inject({
      url: "/v1/quarantine?reason=wrong_account",
      headers: { authorization: `Bearer ${key}` },
    });
    expect(listed.json().quarantined).toHaveLength(1);
    await confirmAccount(pg.db, merchant.id, strict.id, "acct_theirs");
    const { quarantine_id: id } = listed.json().quarantined[0];
    const replay = () =>
      app.inject({
        method: "POST",
        url: "/v1/quarantine/replay",
        headers: { authorization: `Bearer ${key}` },
        payload: { ids: [id] },
      });
    await new Promise((resolve) => setTimeout(resolve, 5100)); // the directory remembers a connection for 5 s
    expect((await replay()).json()).toMatchObject({ accepted: 1 });
    expect((await replay()).json()).toMatchObject({ accepted: 0, outcomes: [] });
  }, 30_000);
  it.each([
    [
      "an unknown connection",
      () => app.inject({ method: "POST", url: "/in/square/src_0", payload: "{}" }),
      404,
      "NOT_FOUND",
    ],
    [
      "another kind's address",
      () => app.inject({ method: "POST", url: `/in/stripe/${square.id}`, payload: "{}" }),
      404,
      "NOT_FOUND",
    ],
    [
      "an unknown kind",
      () => app.inject({ method: "POST", url: `/in/toast/${square.id}`, payload: "{}" }),
      404,
      "NOT_FOUND",
    ],
    ["2 MiB", () => deliver(square, Buffer.alloc(2 * 1_048_576), {}), 413, "BODY_TOO_LARGE"],
    ["no signature", () => deliver(square, Buffer.from("{}"), {}), 401, "SIGNATURE_MISSING"],
  ])("%s is refused", async (_name, send, ...rest) => {
    const answer = await send();
    expect([answer.statusCode, code(answer)]).toEqual(rest);
  });
  it("signed nonsense is set aside with 2xx, not lost", async () => {
    const body = Buffer.from('{"type":"payment.created","data":{}}');
    const answer = await deliver(square, body, signSquare(square.url, body, SECRET));
    expect([answer.statusCode, answer.json().outcomes[0].reason]).toEqual([
      200,
      "translation_failed",
    ]);
  });
  it("a test delivery at a live connection is rejected", async () => {
    const live = await addSource(
      pg.db,
      {
        merchant_id: merchant.id,
        kind: "stripe",
        account: null,
        mode: "live",
        url: "x",
        secret: SECRET,
      },
      secrets.SEAL_KEY,
      now(),
    );
    const body = stripeEvent("charge.succeeded", charge);
    expect((await deliver(live, body, signStripe(body, SECRET, now()))).json()).toMatchObject({
      outcome: "rejected",
      rejected: 1,
      outcomes: [{ reason: "test_mode" }],
    });
  });
});

it("a bad event is listed, fixed by nothing, and set aside again under a new id; another merchant sees none of it", async () => {
  const aside = (await post(sale({ currency: "XQQ" }))).json().outcomes[0];
  await spool.flush();
  const otherKey = await apiKey(other.id, ["events:write", "events:read"]);
  const list = async (as: string) =>
    (
      await app.inject({
        url: "/v1/quarantine?limit=1000&reason=currency_unknown",
        headers: { authorization: `Bearer ${as}` },
      })
    ).json().quarantined;
  expect((await list(key)).map((r: { quarantine_id: string }) => r.quarantine_id)).toContain(
    aside.quarantine_id,
  );
  expect(await list(otherKey)).toEqual([]);
  const replay = await app.inject({
    method: "POST",
    url: "/v1/quarantine/replay",
    headers: { authorization: `Bearer ${otherKey}` },
    payload: { ids: [aside.quarantine_id] },
  });
  expect(replay.json().outcomes).toEqual([]);
  const own = await app.inject({
    method: "POST",
    url: "/v1/quarantine/replay",
    headers: { authorization: `Bearer ${key}` },
    payload: { ids: [aside.quarantine_id] },
  });
  expect(own.json()).toMatchObject({ quarantined: 1 });
  expect((await list(key)).map((r: { quarantine_id: string }) => r.quarantine_id)).not.toContain(
    aside.quarantine_id,
  );
});

it("every outcome is counted", async () => {
  const text = await metrics.metrics();
  for (const line of [
    /events_total\{source="api",outcome="accepted",reason=""\}/,
    /reason="amount_not_integer"/,
    /deliveries_total\{source="square",outcome="ignored"\}/,
    /masked_total\{kind="pan"\}/,
    /durable_seconds_count/,
    /refused_total\{door="events",code="BODY_EMPTY"\}/,
  ])
    expect(text).toMatch(line);
});

describe("connections", () => {
  const ask = (url: string, apiKey = key) =>
    app.inject({ url, headers: { authorization: `Bearer ${apiKey}` } });
  const test = (id: string, apiKey = key) =>
    app.inject({
      ...{ method: "POST", url: `/v1/sources/${id}/test` },
      headers: { authorization: `Bearer ${apiKey}` },
    });
  const health = async (id: string) => {
    await spool.flush();
    const { sources } = (await ask("/v1/sources")).json();
    return sources.find((one: { source_id: string }) => one.source_id === id);
  };

  it.each(SOURCE_KINDS.filter((kind) => kind !== "sumup"))(
    "a test of %s goes through its own signature and account to the disk, and is no event",
    async (kind) => {
      const secretOf: Partial<Record<SourceKind, string>> = {
        adyen: "ab".repeat(32),
        api: API_SECRET,
      };
      const made = await source(kind, secretOf[kind] ?? SECRET, kind === "shopify" ? null : "ACC1");
      await sql`UPDATE tillwatch.source SET mode = 'live' WHERE id = ${made.id}`.execute(pg.db);
      const before = durable.length;
      const answer = await ingest.testSource({
        ...{ merchantId: merchant.id, sourceId: made.id, actor: "test", address: null },
      });
      expect(answer).toMatchObject({ ok: true, steps: [{ step: "delivery", ok: true }] });
      expect(durable.length).toBe(before);
      const kept = await listDeliveries(clickhouse.ch, merchant.id, { limit: 1000 });
      expect(kept.filter((one) => one.connection_id === made.id)).toMatchObject([
        { delivery_key: "tillwatch.test" },
      ]);
      if (kind !== "api")
        expect(await health(made.id)).toMatchObject({ deliveries_24h: 0, state: "new" });
    },
  );

  it("a test says so when the secret does not fit what is signed", async () => {
    const made = await source("adyen", "not-hexadecimal");
    const answer = await test(made.id);
    expect(answer.json()).toMatchObject({
      ok: false,
      steps: [{ words: expect.stringContaining("SIGNATURE_INVALID") }],
    });
  });

  it("health counts what came, and says why the last was refused", async () => {
    const made = await source("square", SECRET, "6SSW7HV8K2ST5");
    const body = fixture("square/payment.created.json");
    const send = (headers: Record<string, string>) =>
      app.inject({ method: "POST", url: `/in/square/${made.id}`, headers, payload: body });
    expect((await send(signSquare(made.url, body, SECRET))).statusCode).toBe(200);
    expect((await send(signSquare(made.url, body, "another"))).statusCode).toBe(401);
    expect(await health(made.id)).toMatchObject({
      ...{ deliveries_24h: 1, state: "trouble", path: `/in/square/${made.id}` },
      last_error: { words: expect.stringContaining("signature does not fit") },
    });
    expect((await ask("/v1/sources")).body).not.toContain(SECRET);
  });

  it("another merchant's key sees none of them and tests none, and nobody without a key", async () => {
    const strange = await apiKey(other.id, ["events:read", "events:write"]);
    expect((await ask("/v1/sources", strange)).json()).toEqual({ sources: [] });
    expect((await ask(`/v1/sources?merchant_id=${merchant.id}`, strange)).statusCode).toBe(404);
    expect((await test(square.id, strange)).statusCode).toBe(404);
    expect((await test(square.id, readKey)).statusCode).toBe(403);
    expect((await app.inject("/v1/sources")).statusCode).toBe(401);
    expect((await app.inject("/v1/sources/kinds/square")).statusCode).toBe(401);
  });

  it("tests are limited, since each may ask the provider", async () => {
    const many = await apiKey(other.id, ["events:write"]);
    const codes: number[] = [];
    for (let nth = 0; nth < 8; nth += 1) codes.push((await test("src_x", many)).statusCode);
    expect(codes.at(-1)).toBe(429);
  });

  it.each(SOURCE_KINDS)("the guide for %s names its address", async (kind) => {
    const guide = (await ask(`/v1/sources/kinds/${kind}`)).json();
    expect(JSON.stringify(guide)).toContain(`${PUBLIC}/in/${kind}/`);
    expect((await ask("/v1/sources/kinds/paytill")).statusCode).toBe(404);
  });
});
