// The pages as a browser gets them: who may, what is escaped, what a form needs, what one merchant sees.
import cookie from "@fastify/cookie";
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { serializerCompiler, validatorCompiler } from "fastify-type-provider-zod";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeAuthenticator } from "../accounts/authenticate.ts";
import { csrfToken } from "../accounts/csrf.ts";
import { cookieName, startSession } from "../accounts/session.ts";
import type { Alert } from "../core/alert.ts";
import { errorAnswer } from "../core/error-answer.ts";
import { AppError } from "../core/errors.ts";
import { silentLog } from "../core/log.ts";
import { subject } from "../core/subject.ts";
import { addAlertLabel } from "../stores/alert-labels.ts";
import { saveAlert } from "../stores/alerts.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { addMails, keepContent } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { registerPageRoutes } from "./routes.ts";

const SESSION_KEY = "k".repeat(43);
const HOSTILE = `<script>alert(1)</script>"><img src=x onerror=alert(2)>`;
let handle: PostgresHandle;
let app: FastifyInstance;
let jar: string;
let token: string;
let acts: unknown[];
let eventsAnswer: () => Promise<unknown[]>;

const alert: Alert = {
  id: "alt_1",
  merchant_id: "",
  detection: "refund-same-card",
  rule: "r",
  rule_version: 1,
  title: HOSTILE,
  level: "high",
  subject: subject("account", HOSTILE),
  state: "open",
  label: null,
  reason: null,
  first_ts: 1_764_000_000_000,
  last_ts: 1_764_000_000_000,
  opened_at: 1_764_000_001_000,
  acknowledged_at: null,
  acknowledged_by: null,
  started_at: null,
  started_by: null,
  resolved_at: null,
  resolved_by: null,
  reopened_at: null,
  reopened_by: null,
  snoozed_until: null,
  snoozed_by: null,
  snooze_reason: null,
  hidden_count: 0,
  told_at: null,
  held_at: null,
  held_why: null,
  finding_count: 1,
  event_count: 1,
  amount: 8240,
  currency: "EUR",
  value: 5,
  threshold: 3,
  explanation: HOSTILE,
  counterfactual: HOSTILE,
  store_id: HOSTILE,
  terminal_id: HOSTILE,
  cashier_id: HOSTILE,
  evidence: [
    {
      event_id: "e1",
      event_type: "refund",
      ts: 1_764_000_000_000,
      amount: 8240,
      currency: "EUR",
      cashier_id: HOSTILE,
      terminal_id: HOSTILE,
      fields: { last4: "4242", path: HOSTILE },
    },
  ],
};

beforeAll(async () => {
  handle = await testPostgres();
  const merchant = await createMerchant(
    handle.db,
    { name: HOSTILE, currency: "EUR", zone: "Europe/London", emails: [HOSTILE], is_demo: false },
    1,
  );
  alert.merchant_id = merchant.id;
  await saveAlert(handle.db, alert);
  for (let n = 0; n < 25; n += 1) {
    await saveAlert(handle.db, {
      ...alert,
      id: `alt_low_${n}`,
      level: "low",
      title: `quiet ${n}`,
      opened_at: alert.opened_at - 1000 - n,
    });
  }
  await addAlertLabel(
    handle.db,
    { merchantId: merchant.id, alertId: alert.id },
    {
      ...{ kind: "chargeback", actor: "provider:stripe", label: "fraud", event_id: "d1" },
      ...{ about: "pay_1", reason_code: HOSTILE, known_at: 1_764_000_003_000 },
    },
  );
  await addMails(
    handle.db,
    [
      {
        merchant_id: merchant.id,
        id: "mail_1",
        alert_id: alert.id,
        kind: "opened",
        recipient: HOSTILE,
        message_id: "m1@x",
        in_reply_to: null,
        event_ts: 1,
      },
    ],
    1_764_000_002_000,
  );
  await keepContent(
    handle.db,
    { merchant_id: merchant.id, id: "mail_1" },
    { subject: HOSTILE, html: `<html><head></head><body>${HOSTILE}</body></html>`, plain: HOSTILE },
  );
  const secrets = { SESSION_KEY } as never;
  const authenticator = makeAuthenticator({ db: handle.db, secrets, now: Date.now });
  app = Fastify();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  await app.register(cookie);
  await app.register(formbody);
  registerPageRoutes(app, {
    db: handle.db,
    // The event store's answer alone is made up: the counting itself is tested beside its SQL.
    ch: { query: async <T>() => (await eventsAnswer()) as T[] },
    secrets,
    authenticator,
    act: async (on, act) => {
      acts.push({ ...on, ...act });
      if (on.alertId === "alt_low_1") throw new AppError("CONFLICT", "too late");
      return alert;
    },
    advise: () => undefined,
    explain: async () => ({
      ...{ finding_id: "f1", rule: "r", version: 1, current_version: 1, value: 5, threshold: 5 },
      events: [{ event_id: HOSTILE, event_type: "payment", ts: 1_764_000_000_000 }],
      ...{ event_count: 1, changes: ["Silent without the oldest event."], note: null },
      leaves: [{ depth: 1, holds: true, text: HOSTILE }],
    }),
    publicUrl: "http://localhost:8080",
    now: () => 1_764_000_060_000,
    log: silentLog,
  });
  acts = [];
  eventsAnswer = async () => [{ hour: "3", day: "77", last: "1764000000000" }];
  const session = await startSession(handle.db, { accountId: "owner", address: null }, Date.now());
  jar = `${cookieName("http://localhost")}=${session.token}`;
  token = csrfToken(session, SESSION_KEY);
});
afterAll(async () => {
  await app?.close();
  await handle?.close();
});

const get = (url: string) => app.inject({ url, headers: { cookie: jar } });
const post = (url: string, form: Record<string, string>) =>
  app.inject({
    method: "POST",
    url,
    headers: { cookie: jar, "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams(form).toString(),
  });

const PAGES = ["/", "/alerts", "/alerts/alt_1", "/alerts/alt_1/why", "/outbox", "/outbox/mail_1"];

it.each(PAGES)("%s: nothing without a session, a page with one", async (url) => {
  const stranger = await app.inject({ url });
  expect(stranger.statusCode).toBe(303);
  expect(stranger.headers.location).toBe(`/sign-in?next=${encodeURIComponent(url)}`);
  const page = await get(url);
  expect(page.statusCode).toBe(200);
  expect(page.headers["cache-control"]).toBe("no-store");
  expect(page.body.match(/<h1[ >]/g)).toHaveLength(1);
});

it.each(PAGES)(
  "%s: names are text, never markup; no script, no inline style, nothing remote",
  async (url) => {
    const { body } = await get(url);
    expect(body).toContain("&lt;script&gt;");
    expect(body).not.toMatch(/<script|<img|\son\w+="|\sstyle="|<style/i);
    for (const [, address] of body.matchAll(/(?:src|href|action)="([^"]*)"/g))
      expect(address).toMatch(/^[/#]/);
  },
);

it("a provider's word stands in the alert's timeline, beside what people decided", async () => {
  const { body } = await get(`/alerts/${alert.id}`);
  expect(body).toContain("The card holder took back a payment of this alert, as fraud");
  expect(body).toContain("told by stripe");
});

it("the mail's own HTML can do nothing", async () => {
  const mail = await get("/outbox/mail_1/html");
  expect(mail.headers["content-security-policy"]).toMatch(/default-src 'none'.*sandbox/);
  expect(mail.headers["content-security-policy"]).not.toMatch(/allow-scripts|allow-same-origin/);
  expect((await get("/outbox/mail_1")).body).toMatch(
    /<iframe sandbox="allow-popups allow-popups-to-escape-sandbox"/,
  );
  expect((await app.inject({ url: "/outbox/mail_1/html" })).statusCode).toBe(303);
});

it.each([
  "/alerts/alt_none",
  "/alerts/alt_none/why",
  "/outbox/mail_none",
  "/outbox/mail_none/html",
  `/alerts/${encodeURIComponent(HOSTILE).slice(0, 60)}`,
])("%s is not there, in words", async (url) => {
  const page = await get(url);
  expect(page.statusCode).toBe(404);
  expect(page.body).toContain("There is nothing here");
});

it.each([
  { name: "without a token", form: {}, status: 403 },
  { name: "with another session's token", form: { csrf: "x".repeat(43) }, status: 403 },
  { name: "with its token, without a label", form: { csrf: "ours" }, status: 400 },
  {
    name: "with its token and an unknown label",
    form: { csrf: "ours", label: "guilty" },
    status: 400,
  },
])("a form $name changes nothing -> $status", async ({ form, status }) => {
  const before = acts.length;
  const sent = "csrf" in form && form.csrf === "ours" ? { ...form, csrf: token } : form;
  const answer = await post("/alerts/alt_1/resolve", sent as Record<string, string>);
  expect(answer.statusCode).toBe(status);
  expect(acts).toHaveLength(before);
});

it("a form with its token acts, and leads back to the alert", async () => {
  const answer = await post("/alerts/alt_1/resolve", {
    csrf: token,
    label: "not_fraud",
    reason: "till test",
  });
  expect(answer.statusCode).toBe(303);
  expect(answer.headers.location).toBe("/alerts/alt_1?said=resolve");
  expect(acts.at(-1)).toEqual({
    merchantId: alert.merchant_id,
    alertId: "alt_1",
    act: "resolve",
    label: "not_fraud",
    reason: "till test",
  });
  expect((await get("/alerts/alt_1?said=resolve")).body).toContain("Resolved. Thank you");
  expect((await get("/alerts/alt_1?said=toString")).body).not.toContain("native code");
});

it("who comes too late is told how it stands", async () => {
  const answer = await post("/alerts/alt_low_1/acknowledge", { csrf: token });
  expect(answer.headers.location).toBe("/alerts/alt_low_1?said=conflict");
});

it("a form without a session is refused", async () => {
  const answer = await app.inject({
    method: "POST",
    url: "/alerts/alt_1/acknowledge",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: `csrf=${token}`,
  });
  expect(answer.statusCode).toBe(401);
});

it("filters narrow, pages go on, and nothing is shown twice", async () => {
  const ids = (body: string) =>
    [...body.matchAll(/<h2><a href="\/alerts\/(alt_[^"]+)"/g)].map(([, id]) => id);
  const first = await get("/alerts?level=low");
  const older = /href="(\/alerts\?[^"]*before=[^"]*)"/
    .exec(first.body)?.[1]
    ?.replaceAll("&amp;", "&");
  const second = await get(older ?? "/missing");
  const all = [...ids(first.body), ...ids(second.body)];
  expect(ids(first.body)).toHaveLength(20);
  expect(new Set(all).size).toBe(25);
  expect(all).toHaveLength(25);
  expect(ids((await get("/alerts?level=high")).body)).toEqual(["alt_1"]);
  expect(ids((await get("/alerts?level=nonsense&state='%20OR%201=1")).body).length).toBeGreaterThan(
    0,
  );
  expect((await get("/alerts?merchant=mer_other")).body).toContain("No such alerts");
});

it.each([
  {
    name: "counts events",
    answer: async () => [{ hour: "3", day: "77", last: "1764000000000" }],
    shows: /<b>77<\/b>events in 24 hours/,
  },
  {
    name: "says when the event store is away",
    answer: async () => Promise.reject(new AppError("STORE_UNAVAILABLE", "away")),
    shows: /<b>–<\/b>events in 24 hours/,
  },
])("the overview $name", async ({ answer, shows }) => {
  eventsAnswer = answer;
  expect((await get("/")).body).toMatch(shows);
});

it("the stylesheet is ours and may be kept for ever under its hash", async () => {
  const link = /href="(\/assets\/tillwatch\.css\?v=[0-9a-f]{12})"/.exec((await get("/")).body)?.[1];
  const css = await app.inject({ url: link ?? "/missing" });
  expect(css.headers["content-type"]).toContain("text/css");
  expect(css.headers["cache-control"]).toContain("immutable");
  expect(css.body).not.toMatch(/url\(|@import/);
});
