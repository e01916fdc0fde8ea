// Digests through the whole service: at the merchant's hour, once, with what was held back, and one click ends them.
import formbody from "@fastify/formbody";
import Fastify, { type FastifyInstance } from "fastify";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Level } from "../../core/level.ts";
import { listAlerts } from "../../stores/alerts.ts";
import { listAudit } from "../../stores/audit-log.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { makeActOnAlert } from "../act.ts";
import { registerLinkRoutes } from "../links/routes.ts";
import { type AlertsGround, LINK_KEY, openAlertsGround, PUBLIC_URL } from "../testing/ground.ts";
import { aFinding, insertFindings } from "../testing.ts";
import type { Alerts } from "../worker.ts";
import { makeDigests } from "./send-digests.ts";

const DAY = 86_400_000;
let ground: AlertsGround;
let handle: PostgresHandle;
let server: AlertsGround["server"];
let alerts: Alerts;
let app: FastifyInstance;
let now = 0;
let serial = 0;
let merchant = "";

beforeAll(async () => {
  ground = await openAlertsGround();
  ({ handle, server } = ground);
  now = Date.parse("2026-11-24T09:00:00Z");
  alerts = await ground.start({ now: () => now });
  app = Fastify();
  await app.register(formbody);
  const deps = { db: handle.db, secrets: { LINK_KEY }, publicUrl: PUBLIC_URL, now: () => now };
  registerLinkRoutes(app, deps);
});
afterAll(async () => {
  await app?.close();
  await ground?.close();
});
beforeEach(async () => {
  // Tuesday, 09:00 in London; the day's digest is over.
  now = Date.parse("2026-11-24T09:00:00Z");
  server.messages.length = 0;
  serial += 1;
  const shop = { name: "Corner", currency: "EUR", zone: "Europe/London", is_demo: false };
  const emails = [`o${serial}@c.example`];
  merchant = (await createMerchant(handle.db, { ...shop, emails }, now)).id;
  await alerts.idle();
});

async function find(level: Level, count: number): Promise<void> {
  const findings = Array.from({ length: count }, () => {
    serial += 1;
    return aFinding({ id: `d${serial}`, merchant_id: merchant, level, subject: `card:d${serial}` });
  });
  await insertFindings(handle, findings);
  await alerts.idle();
}
/** Mails of this test's merchant alone: others have digests at the same hour. */
async function digests() {
  const { emails } = await handle.db
    .selectFrom("merchant")
    .select("emails")
    .where("id", "=", merchant)
    .executeTakeFirstOrThrow();
  const mails = await Promise.all(server.messages.map((text) => simpleParser(text)));
  const mine = mails.filter(({ to }) => JSON.stringify(to).includes(emails[0] ?? "-"));
  return mine.filter(({ subject }) => /^\[(Digest|Weekly)\]/.test(subject ?? ""));
}
async function at(instant: string): Promise<void> {
  now = Date.parse(instant);
  await alerts.idle();
}

it("what was held back comes at half past seven of the next day, once, with money and the usual", async () => {
  await find("medium", 5);
  await at("2026-11-25T07:29:59Z");
  expect(await digests()).toHaveLength(0);
  await at("2026-11-25T07:30:00Z");
  await at("2026-11-25T08:30:00Z");
  const [digest, ...more] = await digests();
  expect(more).toEqual([]);
  expect(digest?.subject).toBe("[Digest] 5 open, 2 held back at Corner");
  for (const part of [digest?.text ?? "", String(digest?.html)]) {
    expect(part).toContain("€2,060.50");
    expect(part).toContain("5 alerts in the last day; there is no usual yet.");
    // Two held back, and five open ones.
    expect(part.match(/watch\.example\/alerts\/alt_/g)).toHaveLength(7);
    expect(part).not.toMatch(/<script|Carter/);
  }
  expect(digest?.headers.get("auto-submitted")).toBe("auto-generated");
  // The next day tells of what is new; nothing was held back since.
  await at("2026-11-26T07:30:00Z");
  expect((await digests()).at(-1)?.subject).toBe("[Digest] 5 open, 0 held back at Corner");
});

it("nothing to say: no mail, until Monday's", async () => {
  await at("2026-11-25T07:30:00Z");
  await at("2026-11-29T07:30:00Z");
  expect(await digests()).toHaveLength(0);
  await at("2026-11-30T07:30:00Z");
  expect((await digests()).map(({ subject }) => subject)).toEqual([
    "[Weekly] A quiet week at Corner",
  ]);
});

it("what was resolved before the digest is in none", async () => {
  await find("medium", 4);
  const act = makeActOnAlert({ db: handle.db, now: () => now });
  for (const { id } of await listAlerts(handle.db, merchant, { limit: 9 })) {
    const by = { actor: "account:owner", address: null };
    await act(
      { merchantId: merchant, alertId: id },
      { act: "resolve", label: "fraud", reason: null },
      by,
    );
  }
  now += DAY;
  await at("2026-11-26T07:30:00Z");
  expect(await digests()).toHaveLength(0);
});

it.each([
  ["a form", "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"],
  [
    "multipart",
    "multipart/form-data; boundary=x",
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n',
  ],
])(
  "one click as %s ends digests, opening the link does not, alerts go on and have no such header",
  async (_, type, payload) => {
    await find("medium", 4);
    const alertMail = await simpleParser(server.messages.at(-1) ?? "");
    expect(alertMail.headers.has("list")).toBe(false);
    await at("2026-11-25T07:30:00Z");
    const [digest] = await digests();
    const list = digest?.headers.get("list") as unknown as Record<string, Record<string, string>>;
    expect(list["unsubscribe-post"]).toMatchObject({ name: "List-Unsubscribe=One-Click" });
    const url = list.unsubscribe?.url ?? "";
    expect(url).toMatch(/^https:\/\/watch\.example\/m\/ml_[\w-]{83}$/);
    for (const part of [digest?.text ?? "", String(digest?.html)]) expect(part).toContain(url);
    const path = new URL(url).pathname;
    for (let n = 0; n < 10; n += 1) expect((await app.inject({ url: path })).statusCode).toBe(200);
    await at("2026-11-26T07:30:00Z");
    expect(await digests()).toHaveLength(2);
    const click = {
      method: "POST",
      url: path,
      payload,
      headers: { "content-type": type },
    } as const;
    for (let n = 0; n < 2; n += 1) expect((await app.inject(click)).statusCode).toBe(200);
    expect(await listAudit(handle.db, merchant, { limit: 1 })).toMatchObject([
      { act: "digest.off" },
    ]);
    await at("2026-11-27T07:30:00Z");
    expect(await digests()).toHaveLength(2);
    const before = server.messages.length;
    await find("high", 1);
    expect(server.messages).toHaveLength(before + 1);
  },
);

// The last one: nobody sends what it makes.
it("two workers at once make each digest once", async () => {
  await find("medium", 4);
  now = Date.parse("2026-11-25T07:30:00Z");
  const deps = { db: handle.db, publicUrl: PUBLIC_URL, mailHost: "a.example", now: () => now };
  await Promise.all([makeDigests(deps), makeDigests(deps), makeDigests(deps)]);
  const kinds = await handle.db
    .selectFrom("mail")
    .select("kind")
    .where("merchant_id", "=", merchant)
    .where("kind", "like", "digest%")
    .execute();
  expect(kinds).toEqual([{ kind: "digest_2026-11-25" }]);
});
