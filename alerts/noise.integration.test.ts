// The noise budget through the whole service: what must not wait does not, what waits is seen, nobody is flooded.
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Level } from "../core/level.ts";
import { HOUR_MS, WEEK_MS } from "../core/noise.ts";
import { listAlerts } from "../stores/alerts.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { listMails } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { setNoise } from "../stores/noise.ts";
import { upsertStore } from "../stores/places.ts";
import { readBudget } from "./budget.ts";
import { type AlertsGround, openAlertsGround } from "./testing/ground.ts";
import { aFinding, insertFindings } from "./testing.ts";
import type { Alerts } from "./worker.ts";

let ground: AlertsGround;
let handle: PostgresHandle;
let server: AlertsGround["server"];
let alerts: Alerts;
let now = Date.now();
let serial = 0;
let merchant = "";

beforeAll(async () => {
  ground = await openAlertsGround();
  ({ handle, server } = ground);
  alerts = await ground.start({ now: () => now });
});
afterAll(async () => {
  await ground?.close();
});
beforeEach(async () => {
  server.messages.length = 0;
  const shop = { name: "Corner", currency: "EUR", zone: "UTC", emails: ["o@c.example"] };
  merchant = (await createMerchant(handle.db, { ...shop, is_demo: false }, now)).id;
  await upsertStore(handle.db, merchant, { id: "soho", name: "Soho" });
});

async function find(level: Level, count: number, store = "soho"): Promise<void> {
  const findings = Array.from({ length: count }, () => {
    serial += 1;
    const about = { subject: `card:n${serial}`, store_id: store } as const;
    return aFinding({ id: `n${serial}`, merchant_id: merchant, level, ...about });
  });
  await insertFindings(handle, findings);
  await alerts.idle();
}
const subjects = async () =>
  (await Promise.all(server.messages.map((text) => simpleParser(text)))).map(
    (m) => m.subject ?? "",
  );
const budget = () => readBudget(handle.db, merchant, now);

it("three mediums of a store are told, the fourth waits and says why; another store has its own three", async () => {
  await find("medium", 4);
  expect(server.messages).toHaveLength(3);
  expect(await budget()).toMatchObject({
    alerts_a_week: 3,
    stores: [{ store_id: "soho", used: 3, left: 0 }],
    held_alerts: [{ level: "medium", store_id: "soho", why: expect.stringContaining("3 of 3") }],
  });
  const held = (await listAlerts(handle.db, merchant, { limit: 9 })).filter(
    (a) => a.told_at === null,
  );
  expect(held).toMatchObject([{ held_at: now, held_why: expect.stringContaining("digest") }]);
  await find("medium", 1, "camden");
  expect(server.messages).toHaveLength(4);
});

it("critical and high never wait for a digest, whatever is used", async () => {
  await find("medium", 4);
  await find("high", 1);
  await find("critical", 1);
  expect((await subjects()).map((text) => text.split("]")[0])).toEqual([
    ...["[Medium", "[Medium", "[Medium"],
    ...["[High", "[Critical"],
  ]);
  expect((await budget()).stores).toEqual([{ store_id: "soho", used: 5, left: 0 }]);
});

it("what waited is told at once when it rises to high, and waits no more", async () => {
  await find("medium", 3);
  await find("medium", 1);
  const [held] = (await budget()).held_alerts;
  const subject = `card:n${serial}` as const;
  const over = { id: `rise${serial}`, merchant_id: merchant, level: "high", subject } as const;
  await insertFindings(handle, [aFinding(over)]);
  await alerts.idle();
  expect(server.messages).toHaveLength(4);
  expect((await budget()).held_alerts).toEqual([]);
  const mails = await listMails(handle.db, merchant, { alert_id: held?.alert_id, limit: 9 });
  expect(mails).toMatchObject([{ kind: "escalated_high", state: "accepted" }]);
});

it("places come back after a week, and the setting holds per merchant", async () => {
  await setNoise(handle.db, merchant, { alerts_a_week: 1, mails_an_hour: 6 }, now);
  await find("medium", 2);
  expect(server.messages).toHaveLength(1);
  now += WEEK_MS;
  await find("medium", 2);
  // Digests of all that waited may come with it.
  const told = (await subjects()).filter((subject) => subject.startsWith("[Medium]"));
  expect(told).toHaveLength(2);
});

it("a flood: six mails an hour, then one that tells of all the others; criticals come through", async () => {
  await find("high", 40);
  expect(server.messages).toHaveLength(6);
  await find("critical", 3);
  expect(server.messages).toHaveLength(9);
  expect((await budget()).held_mails).toHaveLength(34);
  now += 59_999;
  await alerts.idle();
  expect(server.messages).toHaveLength(9);
  now += 1;
  await alerts.idle();
  await find("high", 5);
  expect(server.messages).toHaveLength(10);
  const letter = await simpleParser(server.messages[9] ?? "");
  expect(letter.subject).toBe("[34 more] Alerts held back at Corner");
  expect(letter.text).toContain("… and 24 more in Tillwatch.");
  expect(String(letter.html).match(/\/alerts\/alt_/g)).toHaveLength(10);
  expect((await budget()).held_mails).toHaveLength(5);
  now += HOUR_MS;
  await alerts.idle();
  expect((await subjects()).at(-1)).toBe("[5 more] Alerts held back at Corner");
  expect(server.messages).toHaveLength(11);
  expect((await budget()).held_mails).toEqual([]);
  // Nothing is lost: every alert has a mail that was taken or that the letters told of.
  const states = Map.groupBy(await listMails(handle.db, merchant, { limit: 200 }), (m) => m.state);
  expect([states.get("accepted")?.length, states.get("held")?.length]).toEqual([11, 39]);
});
