// Promise 1 for channels: each message arrives once, whatever the receiver does and whenever the sender dies.
import { Registry } from "prom-client";
import { Webhook } from "standardwebhooks";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { ChannelKind } from "../core/channel.ts";
import { silentLog } from "../core/log.ts";
import type { RoutingRule } from "../core/routing.ts";
import { addChannel, listChannels, switchChannel } from "../stores/channels.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { listMails } from "../stores/mails.ts";
import { createMerchant } from "../stores/merchants.ts";
import { claimMessage, listMessages, moveMessage } from "../stores/messages.ts";
import { addRoutingRule } from "../stores/routing.ts";
import { findChannel } from "./channels/catalogue.ts";
import { type Messages, startMessages } from "./messages.ts";
import { HELD_MS } from "./send-message.ts";
import { takeBatch } from "./take-findings.ts";
import { type Receiver, startReceiver } from "./testing/receiver.ts";
import { aFinding, insertFindings } from "./testing.ts";

const SEAL_KEY = "a-seal-key-for-tests-of-channels-0123456789";
const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;

let handle: PostgresHandle;
let receiver: Receiver;
const running: Messages[] = [];
let serial = 0;
/** Moved by hand: pauses and rests last minutes. */
let aheadMs = 0;
const now = () => Date.now() + aheadMs;

beforeAll(async () => {
  handle = await testPostgres();
  receiver = await startReceiver();
});
afterAll(async () => {
  await handle?.close();
  await receiver?.close();
});
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = () => ({ status: 200 });
  aheadMs = 0;
});
afterEach(async () => {
  for (const messages of running.splice(0)) await messages.close();
});

const RULE: RoutingRule = {
  stores: null,
  at_least: "low",
  hours: null,
  critical_any_hour: true,
  owners: false,
  emails: [],
  channels: [],
};

async function aMerchant(is_demo = false): Promise<string> {
  const merchant = { name: "Corner Coffee", currency: "EUR", zone: "Europe/London", is_demo };
  const made = await createMerchant(handle.db, { ...merchant, emails: ["o@c.example"] }, now());
  return made.id;
}

async function aChannel(
  merchant_id: string,
  { kind = "webhook", path = "/hook" }: { kind?: ChannelKind; path?: string } = {},
): Promise<string> {
  const settings = { url: receiver.url + path, secret: SECRET };
  const shown = { address: "x", host: `${serial}.example`, name: "x" };
  const row = { merchant_id, kind, ...shown, settings };
  return (await addChannel(handle.db, row, SEAL_KEY, now())).id;
}

async function told(merchant: string, channels: string[]): Promise<void> {
  await addRoutingRule(handle.db, merchant, { ...RULE, channels }, now());
}

async function findings(merchant_id: string, count = 1): Promise<void> {
  for (let n = 0; n < count; n += 1) {
    serial += 1;
    const subject = `card:tok-${serial}` as const;
    await insertFindings(handle, [
      aFinding({ merchant_id, id: `m-${serial}`, subject, ts: now() }),
    ]);
  }
  await takeBatch({ db: handle.db, advise: () => undefined, mailHost: "a.example", now }, 1000);
}

function start({ metrics = new Registry(), timeoutMs = 10_000 } = {}): Messages {
  const messages = startMessages({
    ...{ db: handle.db, sealKey: SEAL_KEY, rules: { loopback: true }, advise: () => undefined },
    ...{ publicUrl: "https://watch.example", now, log: silentLog, metrics, timeoutMs },
  });
  running.push(messages);
  return messages;
}

const messagesOf = (merchant: string) => listMessages(handle.db, merchant, 200);

it("an alert arrives at a webhook once, signed, as documented", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant);
  const metrics = new Registry();
  await start({ metrics }).idle();
  await start().idle();
  expect(receiver.received).toHaveLength(1);
  const [got] = receiver.received;
  const headers = got?.headers as Record<string, string>;
  expect(new Webhook(SECRET).verify(got?.body ?? "", headers)).toMatchObject({
    type: "alert.opened",
    data: {
      level: "high",
      subject: "[High] 5 refunds in 8 min, Till 2 (€412)",
      link: expect.stringMatching(/^https:\/\/watch\.example\/alerts\/alt_/),
      alert: { merchant_id: merchant, amount: 41_210, currency: "EUR", store_id: "soho" },
    },
  });
  const [row] = await messagesOf(merchant);
  expect(row).toMatchObject({ state: "accepted", attempts: 1, id: headers["webhook-id"] });
  expect(await listMails(handle.db, merchant, { limit: 5 })).toEqual([]);
  expect(await metrics.metrics()).toMatch(
    /tillwatch_event_to_message_accepted_seconds_count\{channel="webhook"\} 1/,
  );
});

it("500, then 429 with a time to come back, then 200: one message, the same id and body, not too early", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant);
  const messages = start();
  receiver.answer = () => ({ status: 500 });
  await messages.idle();
  await messages.idle();
  expect(receiver.received).toHaveLength(1);
  aheadMs += 11_000;
  receiver.answer = () => ({ status: 429, headers: { "retry-after": "600" } });
  await messages.idle();
  aheadMs += 590_000;
  await messages.idle();
  expect(receiver.received).toHaveLength(2);
  expect(await messagesOf(merchant)).toMatchObject([{ state: "queued", response: "HTTP 429" }]);
  aheadMs += 11_000;
  receiver.answer = () => ({ status: 200 });
  await messages.idle();
  expect(await messagesOf(merchant)).toMatchObject([{ state: "accepted", attempts: 3 }]);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(1);
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1);
});

it("refused with 4xx is not tried again", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant);
  receiver.answer = () => ({ status: 404, body: "no_service" });
  const messages = start();
  await messages.idle();
  aheadMs += 3_600_000;
  await messages.idle();
  expect(receiver.received).toHaveLength(1);
  expect(await messagesOf(merchant)).toMatchObject([
    { state: "refused", response: "HTTP 404 no_service" },
  ]);
});

it("a webhook without an answer is tried again under the same id, since its receiver knows a repeat", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant);
  receiver.answer = () => "drop";
  const messages = start();
  await messages.idle();
  expect(await messagesOf(merchant)).toMatchObject([{ state: "queued" }]);
  receiver.answer = () => ({ status: 200 });
  aheadMs += 11_000;
  await messages.idle();
  expect(await messagesOf(merchant)).toMatchObject([{ state: "accepted" }]);
  expect(receiver.received[0]?.headers["webhook-id"]).toBe(
    receiver.received[1]?.headers["webhook-id"],
  );
});

it("a chat without an answer is a maybe, and is not told twice", async () => {
  const merchant = await aMerchant();
  const url = `${receiver.url}/chat`;
  const chat = { kind: "slack", address: "x", host: "chat.example", name: "x" } as const;
  const row = { merchant_id: merchant, ...chat, settings: { url } };
  await told(merchant, [(await addChannel(handle.db, row, SEAL_KEY, now())).id]);
  await findings(merchant);
  receiver.answer = () => "drop";
  const messages = start();
  await messages.idle();
  receiver.answer = () => ({ status: 200 });
  aheadMs += 3_600_000;
  await messages.idle();
  expect(receiver.received).toHaveLength(1);
  expect(await messagesOf(merchant)).toMatchObject([{ state: "maybe", attempts: 1 }]);
});

it("a dead receiver rests after three failures and holds up nobody else", async () => {
  const [slow, quick] = [await aMerchant(), await aMerchant()];
  const dead = await aChannel(slow, { path: "/dead" });
  await told(slow, [dead]);
  await told(quick, [await aChannel(quick, { path: "/quick" })]);
  await findings(slow, 8);
  await findings(quick, 8);
  receiver.answer = ({ path }) => (path === "/dead" ? "silence" : { status: 200 });
  const messages = start({ timeoutMs: 500 });
  const from = performance.now();
  messages.wake();
  while (receiver.received.filter(({ path }) => path === "/quick").length < 8) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(performance.now() - from).toBeLessThan(15_000);
  }
  await messages.idle();
  expect(receiver.received.filter(({ path }) => path === "/dead")).toHaveLength(3);
  expect((await listChannels(handle.db, slow))[0]).toMatchObject({ failures: 3 });
  expect(new Set((await messagesOf(quick)).map(({ state }) => state))).toEqual(
    new Set(["accepted"]),
  );
  receiver.answer = () => ({ status: 200 });
  aheadMs += 60_000;
  await messages.idle();
  expect(new Set((await messagesOf(slow)).map(({ state }) => state))).toEqual(
    new Set(["accepted"]),
  );
});

it("a sender that died: claimed is sent, ending is sent again to a webhook under its id", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant, 2);
  const [one, two] = await messagesOf(merchant);
  if (!one || !two) throw new Error("two messages are due");
  const at = { now: now(), heldBefore: 0 };
  await claimMessage(handle.db, one, "dead-1", at);
  await claimMessage(handle.db, two, "dead-2", at);
  await moveMessage(handle.db, two, { from: ["claimed"], to: "ending", claim: "dead-2" }, now());
  const messages = start();
  await messages.idle();
  expect(receiver.received).toHaveLength(0);
  aheadMs += HELD_MS + 1000;
  await messages.idle();
  expect(await messagesOf(merchant)).toMatchObject([{ state: "accepted" }, { state: "accepted" }]);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(2);
});

it("two workers at once send each message once", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant, 12);
  const [one, two] = [start(), start()];
  await Promise.all([one.idle(), two.idle()]);
  await Promise.all([one.idle(), two.idle()]);
  expect(receiver.received).toHaveLength(12);
  expect(new Set(receiver.received.map(({ headers }) => headers["webhook-id"])).size).toBe(12);
});

it("what could not be sent for a day is given up, not told days late", async () => {
  const merchant = await aMerchant();
  await told(merchant, [await aChannel(merchant)]);
  await findings(merchant);
  const { giveUpOld } = await import("../stores/messages.ts");
  expect(await giveUpOld(handle.db, now() - 86_400_000, now())).toBe(0);
  aheadMs += 86_400_000 + 1000;
  expect(await giveUpOld(handle.db, now() - 86_400_000, now())).toBe(1);
  await start().idle();
  expect(receiver.received).toHaveLength(0);
});

it("a channel that is off is not told, and a critical alert goes to the owners instead", async () => {
  const merchant = await aMerchant();
  const channel = await aChannel(merchant);
  await told(merchant, [channel]);
  await switchChannel(handle.db, merchant, channel, false);
  await findings(merchant);
  expect(await messagesOf(merchant)).toEqual([]);
  serial += 1;
  const critical = { merchant_id: merchant, id: `m-${serial}`, level: "critical" } as const;
  await insertFindings(handle, [aFinding({ ...critical, subject: `card:tok-${serial}` })]);
  await takeBatch({ db: handle.db, advise: () => undefined, mailHost: "a.example", now }, 10);
  expect(await listMails(handle.db, merchant, { limit: 5 })).toMatchObject([
    { recipient: "o@c.example" },
  ]);
});

it("nothing of the demo is sent, and one merchant's channel is never told of another's alerts", async () => {
  const [demo, other] = [await aMerchant(true), await aMerchant()];
  await told(demo, [await aChannel(demo)]);
  const foreign = await aChannel(demo, { path: "/foreign" });
  await told(other, [foreign]);
  await findings(demo);
  await findings(other);
  await start().idle();
  expect(receiver.received).toEqual([]);
  expect(await messagesOf(demo)).toMatchObject([{ state: "local" }]);
  expect(await messagesOf(other)).toEqual([]);
});

it("no row holds an address or a secret in clear", async () => {
  const merchant = await aMerchant();
  await aChannel(merchant, { path: "/very-secret-path" });
  const { rows } = await handle.pool.query("SELECT * FROM tillwatch.channel");
  const text = JSON.stringify(rows);
  expect(rows.length).toBeGreaterThan(0);
  expect(text).not.toContain("very-secret-path");
  expect(text).not.toContain(SECRET);
  expect(findChannel("webhook")?.knowsRepeats).toBe(true);
});
