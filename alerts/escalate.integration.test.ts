// An alert that nobody acknowledges goes on, person by person, through restarts, and stops when somebody does.

import { simpleParser } from "mailparser";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { silentLog } from "../core/log.ts";
import { listAlerts } from "../stores/alerts.ts";
import { listAudit } from "../stores/audit-log.ts";
import { addChannel } from "../stores/channels.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { listMails } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { listMessages } from "../stores/messages.ts";
import { setOnCall } from "../stores/routing.ts";
import { makeActOnAlert } from "./act.ts";
import { escalateDue } from "./escalate.ts";
import { type AlertsGround, openAlertsGround } from "./testing/ground.ts";
import { aFinding, insertFindings } from "./testing.ts";
import type { Alerts } from "./worker.ts";

let ground: AlertsGround;
let handle: PostgresHandle;
let server: AlertsGround["server"];
let running: Alerts | undefined;
let serial = 0;
let aheadMs = 0;
const now = () => Date.now() + aheadMs;
const MINUTE = 60_000;

beforeAll(async () => {
  ground = await openAlertsGround();
  ({ handle, server } = ground);
});
afterAll(async () => {
  await ground?.close();
});
beforeEach(() => {
  aheadMs = 0;
  server.messages.length = 0;
});
afterEach(async () => {
  await running?.close();
});

/** As after a start of the service: nothing is remembered but rows. */
async function restart(): Promise<void> {
  await running?.close();
  running = await ground.start({ now });
  await running.idle();
}

async function aShop(): Promise<{ merchant: string; push: string }> {
  const shop = { name: "C", currency: "EUR", zone: "UTC", emails: ["o@c.example"], is_demo: false };
  const { id } = await createMerchant(handle.db, shop, now());
  const shown = { address: "x", host: "x.example", name: "x", settings: {} };
  const channel = { merchant_id: id, kind: "ntfy", ...shown } as const;
  const push = await addChannel(handle.db, channel, "k".repeat(40), now());
  const steps = [{ email: "ann@c.example" }, { channel: push.id }, { email: "bob@c.example" }];
  await setOnCall(handle.db, id, { at_least: "critical", minutes: 15, steps }, now());
  return { merchant: id, push: push.id };
}

async function alertOf(merchant_id: string, level: "critical" | "high" = "critical") {
  serial += 1;
  const subject = `card:tok-${serial}` as const;
  await insertFindings(handle, [
    aFinding({ merchant_id, id: `e-${serial}`, subject, level, ts: now() }),
  ]);
}

async function told(merchant: string): Promise<string[]> {
  const mails = await listMails(handle.db, merchant, { limit: 50 });
  const messages = await listMessages(handle.db, merchant, 50);
  return [
    ...mails.map(({ recipient, kind }) => `${recipient} ${kind}`),
    ...messages.map(({ channel_id, kind }) => `${channel_id} ${kind}`),
  ].sort();
}

it("goes to the next every 15 minutes, each once, over restarts, with an audit entry", async () => {
  const { merchant, push } = await aShop();
  await alertOf(merchant);
  await restart();
  const first = ["ann@c.example opened", "o@c.example opened"];
  expect(await told(merchant)).toEqual(first);
  aheadMs += 14 * MINUTE;
  await restart();
  expect(await told(merchant)).toEqual(first);
  aheadMs += 1.5 * MINUTE;
  await restart();
  await restart();
  const second = [...first, `${push} unanswered_1`].sort();
  expect(await told(merchant)).toEqual(second);
  aheadMs += 15.5 * MINUTE;
  await restart();
  aheadMs += 60 * MINUTE;
  await restart();
  expect(await told(merchant)).toEqual([...second, "bob@c.example unanswered_2"].sort());
  const passed = (await listAudit(handle.db, merchant)).filter(
    ({ act }) => act === "alert.pass_on",
  );
  expect(passed.map(({ details }) => details)).toEqual([
    { step: 3, email: "bob@c.example" },
    { step: 2, channel: push },
  ]);
  const mail = await simpleParser(server.messages.at(-1) ?? "");
  expect(mail.text).toContain("Nobody has acknowledged this yet");
});

it("stops when somebody acknowledges", async () => {
  const { merchant } = await aShop();
  await alertOf(merchant);
  await restart();
  const [alert] = await listAlerts(handle.db, merchant, { limit: 1 });
  const act = makeActOnAlert({ db: handle.db, now });
  const by = { actor: "account:owner", address: null };
  await act({ merchantId: merchant, alertId: alert?.id ?? "" }, { act: "acknowledge" }, by);
  aheadMs += 40 * MINUTE;
  await restart();
  expect(await told(merchant)).toEqual(["ann@c.example opened", "o@c.example opened"]);
});

it("an alert below the list's level goes to the owners and no further", async () => {
  const { merchant } = await aShop();
  await alertOf(merchant, "high");
  await restart();
  aheadMs += 40 * MINUTE;
  await restart();
  expect(await told(merchant)).toEqual(["o@c.example opened"]);
});

it("two workers at the deadline tell the next once", async () => {
  const { merchant, push } = await aShop();
  await alertOf(merchant);
  await restart();
  await running?.close();
  aheadMs += 16 * MINUTE;
  const deps = { db: handle.db, mailHost: "a.example", now, log: silentLog };
  await Promise.all([escalateDue(deps), escalateDue(deps), escalateDue(deps)]);
  expect((await told(merchant)).filter((line) => line.includes("unanswered"))).toEqual([
    `${push} unanswered_1`,
  ]);
});
