// Links in mails: whatever scanners, strangers and two hands at once do, an alert changes only by one press of one button.
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Alert } from "../../core/alert.ts";
import { errorAnswer } from "../../core/error-answer.ts";
import type { MailAct } from "../../core/mail-link.ts";
import { listAlertChanges } from "../../stores/alert-changes.ts";
import { listAlerts, readAlert } from "../../stores/alerts.ts";
import { listAudit } from "../../stores/audit-log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { findMailLink } from "../../stores/mail-links.ts";
import { listMails } from "../../stores/mails.ts";
import { createMerchant, setMerchantEmails } from "../../stores/merchants.ts";
import { makeActOnAlert } from "../act.ts";
import { type AlertsGround, LINK_KEY, openAlertsGround, PUBLIC_URL } from "../testing/ground.ts";
import { aFinding, insertFindings } from "../testing.ts";
import type { Alerts } from "../worker.ts";
import { linkIdOf, linkToken } from "./link-token.ts";
import { registerLinkRoutes } from "./routes.ts";

const HOUR = 3_600_000;
let ground: AlertsGround;
let handle: PostgresHandle;
let server: AlertsGround["server"];
let alerts: Alerts;
let app: FastifyInstance;
let now = Date.now();
let serial = 0;

beforeAll(async () => {
  ground = await openAlertsGround();
  ({ handle, server } = ground);
  alerts = await ground.start({ now: () => now });
});
afterAll(async () => {
  await app?.close();
  await ground?.close();
});
/** Each test comes from addresses that have not failed yet. */
beforeEach(async () => {
  await app?.close();
  app = Fastify();
  await app.register(formbody);
  app.setErrorHandler((error, _request, reply) => {
    const answer = errorAnswer(error);
    return reply.code(answer.status).send(answer.body);
  });
  registerLinkRoutes(app, {
    db: handle.db,
    secrets: { LINK_KEY },
    publicUrl: PUBLIC_URL,
    now: () => now,
  });
});

type Told = { merchant: string; alert: Alert; tokens: Record<MailAct, string>; source: string };

/** A merchant with one alert whose mail has come in. */
async function told(level: Alert["level"] = "high"): Promise<Told> {
  serial += 1;
  const to = `owner-${serial}@corner.example`;
  const shop = {
    name: "Corner Coffee",
    currency: "EUR",
    zone: "UTC",
    emails: [to],
    is_demo: false,
  };
  const merchant = (await createMerchant(handle.db, shop, now)).id;
  await insertFindings(handle, [aFinding({ id: `l${serial}`, merchant_id: merchant, level })]);
  await alerts.idle();
  const [alert] = await listAlerts(handle.db, merchant, { limit: 1 });
  const source = server.messages.find((text) => text.includes(`To: ${to}`));
  if (alert === undefined || source === undefined) throw new Error("an alert was told");
  const { html, text } = await simpleParser(source);
  const tokens: string[] = [];
  for (const part of [String(html), text ?? ""]) {
    const found = [...part.matchAll(/https:\/\/watch\.example\/m\/(ml_[\w-]+)/g)].map(([, t]) => t);
    expect(found).toHaveLength(4);
    tokens.push(...found.flatMap((token) => token ?? []));
  }
  expect(tokens.slice(0, 4)).toEqual(tokens.slice(4));
  expect(new Set(tokens).size).toBe(4);
  const [acknowledge = "", fraud = "", not_fraud = "", snooze = ""] = tokens;
  return { merchant, alert, tokens: { acknowledge, fraud, not_fraud, snooze }, source };
}

const from = (address = "198.51.100.1") => ({ remoteAddress: address });
const get = (token: string, address?: string, method: "GET" | "HEAD" = "GET") =>
  app.inject({ method, url: `/m/${token}`, ...from(address) });
const post = (token: string, form: Record<string, string> = {}, address?: string) =>
  app.inject({
    method: "POST",
    url: `/m/${token}`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    payload: new URLSearchParams(form).toString(),
    ...from(address),
  });
const stateOf = async ({ merchant, alert }: Told) =>
  (await readAlert(handle.db, merchant, alert.id))?.state;

it("a scanner that opens every link ten times changes nothing, and the links still work", async () => {
  const one = await told();
  for (let n = 0; n < 10; n += 1) {
    for (const token of Object.values(one.tokens)) {
      expect((await get(token)).statusCode).toBe(200);
      expect((await get(token, undefined, "HEAD")).statusCode).toBe(200);
    }
  }
  expect(await readAlert(handle.db, one.merchant, one.alert.id)).toEqual(one.alert);
  expect(await listAlertChanges(handle.db, one.merchant, one.alert.id)).toHaveLength(1);
  expect((await post(one.tokens.acknowledge)).statusCode).toBe(200);
  expect(await stateOf(one)).toBe("acknowledged");
});

it.each([
  { act: "acknowledge", state: "acknowledged", hours: "", expected: {} },
  { act: "fraud", state: "resolved", hours: "", expected: { label: "fraud" } },
  { act: "not_fraud", state: "resolved", hours: "", expected: { label: "not_fraud" } },
  { act: "snooze", state: "snoozed", hours: "168", expected: {} },
] as const)(
  "$act: asks, then acts, by a link sent to that person",
  async ({ act, state, hours, expected }) => {
    const one = await told();
    const page = await get(one.tokens[act]);
    expect(page.headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(page.body).toContain("5 refunds in 8 min");
    expect(page.body.match(/<button/g)).toHaveLength(1);
    expect(page.body).not.toMatch(/<script|https?:\/\/(?!watch\.example)/);
    const done = await post(one.tokens[act], { hours });
    expect(done.statusCode).toBe(200);
    expect(done.headers).toMatchObject({
      "cache-control": "no-store",
      "referrer-policy": "no-referrer",
    });
    expect(await readAlert(handle.db, one.merchant, one.alert.id)).toMatchObject({
      state,
      ...expected,
    });
    const actor = `link:owner-${serial}@corner.example`;
    const changes = await listAlertChanges(handle.db, one.merchant, one.alert.id);
    expect(changes.at(-1)).toMatchObject({ actor, address: "198.51.100.1", to_state: state });
    expect(await listAudit(handle.db, one.merchant, { limit: 1 })).toMatchObject([{ actor }]);
  },
);

it("two presses at once: one wins, the other finds a dead link", async () => {
  const one = await told();
  const answers = await Promise.all([1, 2, 3, 4].map(() => post(one.tokens.acknowledge)));
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 403, 403, 403]);
  expect(await listAlertChanges(handle.db, one.merchant, one.alert.id)).toHaveLength(2);
});

it("two opposite verdicts at once: one wins", async () => {
  const one = await told();
  const answers = await Promise.all([post(one.tokens.fraud), post(one.tokens.not_fraud)]);
  expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 403]);
});

it("forged, spent, expired, closed, of a person who was removed: the same answer, byte by byte", async () => {
  const spent = await told();
  await post(spent.tokens.acknowledge);
  const closed = await told();
  const act = makeActOnAlert({ db: handle.db, now: () => now });
  const on = { merchantId: closed.merchant, alertId: closed.alert.id };
  const by = { actor: "account:owner", address: null };
  await act(on, { act: "resolve", label: "fraud", reason: null }, by);
  const removed = await told();
  await setMerchantEmails(handle.db, removed.merchant, ["new@corner.example"]);
  const expired = await told();
  const mixed = await told();
  const other = await told();
  const row = await findMailLink(handle.db, linkIdOf(mixed.tokens.fraud) ?? "");
  if (row === undefined) throw new Error("the link is kept");
  const forged = { ...row, id: "0".repeat(32) };
  const before = now;
  const dead: [string, string][] = [
    ["nonsense", "ml_x"],
    ["a made-up link with the right key", linkToken(LINK_KEY, forged)],
    ["another key", linkToken("m".repeat(43), row)],
    // The name of one alert's link with the signature of another's, and of another merchant's.
    ["foreign", mixed.tokens.fraud.slice(0, 43) + other.tokens.fraud.slice(43)],
    ["another act", mixed.tokens.acknowledge.slice(0, 43) + mixed.tokens.fraud.slice(43)],
    ["spent", spent.tokens.acknowledge],
    ["closed", closed.tokens.not_fraud],
    ["removed", removed.tokens.fraud],
  ];
  const answers: [string, Awaited<ReturnType<typeof get>>][] = [];
  for (const [name, token] of dead) {
    answers.push([name, await get(token)], [name, await post(token, { hours: "1" })]);
  }
  now += 72 * HOUR;
  for (const method of [get, post]) answers.push(["expired", await method(expired.tokens.fraud)]);
  now = before;
  const [, first] = answers[0] ?? [];
  for (const [name, answer] of answers) {
    expect([name, answer.statusCode, answer.body]).toEqual([name, 403, first?.body]);
    const { date, ...headers } = answer.headers;
    expect(headers).toEqual({ ...first?.headers, date: undefined });
  }
  for (const one of [expired, mixed, other, removed]) expect(await stateOf(one)).toBe("open");
  expect(await readAlert(handle.db, closed.merchant, closed.alert.id)).toMatchObject({
    label: "fraud",
  });
});

it("a link changes its own alert and no other, of its own merchant and no other", async () => {
  const [mine, theirs] = [await told(), await told()];
  await post(mine.tokens.fraud);
  expect(await stateOf(mine)).toBe("resolved");
  expect(await readAlert(handle.db, theirs.merchant, theirs.alert.id)).toEqual(theirs.alert);
});

it("an act that no longer fits says how it stands, and leaves the link", async () => {
  const one = await told();
  const act = makeActOnAlert({ db: handle.db, now: () => now });
  const on = { merchantId: one.merchant, alertId: one.alert.id };
  await act(on, { act: "start" }, { actor: "account:owner", address: null });
  const late = await post(one.tokens.acknowledge);
  expect(late.statusCode).toBe(409);
  expect(late.body).toContain("Somebody works on it.");
  expect((await get(one.tokens.acknowledge)).statusCode).toBe(200);
});

it.each(["", "0", "169", "8760", "x", "1.5"])(
  "a snooze of %j hours by link is refused",
  async (hours) => {
    const one = await told();
    expect((await post(one.tokens.snooze, { hours })).statusCode).toBe(400);
    expect(await stateOf(one)).toBe("open");
    expect((await get(one.tokens.snooze)).statusCode).toBe(200);
  },
);

it("after twenty dead links an address waits, also with a good one; others do not", async () => {
  const one = await told();
  for (let n = 0; n < 20; n += 1) await post(`ml_${n}`, {}, "203.0.113.7");
  const answer = await get(one.tokens.fraud, "203.0.113.7");
  expect(answer.statusCode).toBe(429);
  expect(Number(answer.headers["retry-after"])).toBeGreaterThan(3_000);
  expect((await post(one.tokens.fraud, {}, "203.0.113.7")).statusCode).toBe(429);
  expect(await stateOf(one)).toBe("open");
  expect((await get(one.tokens.fraud, "203.0.113.8")).statusCode).toBe(200);
});

it("no token is kept: neither with the mail, nor with the link, nor in the audit log", async () => {
  const one = await told();
  await post(one.tokens.acknowledge);
  await post(one.tokens.acknowledge);
  const mails = await listMails(handle.db, one.merchant, { limit: 10 });
  const rows = [
    ...mails,
    ...(await handle.db.selectFrom("mail_link").selectAll().execute()),
    ...(await listAudit(handle.db, one.merchant)),
    ...(await listAudit(handle.db, "service")),
  ];
  const kept = JSON.stringify(rows);
  expect(kept).not.toContain("ml_");
  for (const token of Object.values(one.tokens)) expect(kept).not.toContain(token.slice(43));
  expect(mails[0]?.html).toContain(`/alerts/${one.alert.id}?do=acknowledge`);
});
