// The service notices by itself when alerts no longer come out, and says so by another way.
import { Registry } from "prom-client";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { silentLog } from "../core/log.ts";
import { CANARY_MERCHANT } from "../core/merchant.ts";
import { listAlerts } from "../stores/alerts.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { listMails } from "../stores/mails.ts";
import { listMerchants } from "../stores/merchants.ts";
import { listMessages } from "../stores/messages.ts";
import { startCanary } from "./canary.ts";
import { startMessages } from "./messages.ts";
import { takeBatch } from "./take-findings.ts";
import { type Receiver, startReceiver } from "./testing/receiver.ts";

const SEAL_KEY = "a-seal-key-for-tests-of-channels-0123456789";
let handle: PostgresHandle;
let receiver: Receiver;
const running: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  handle = await testPostgres();
  receiver = await startReceiver();
});
afterAll(async () => {
  await handle?.close();
  await receiver?.close();
});
afterEach(async () => {
  for (const each of running.splice(0)) await each.close();
});

function start(metrics: Registry, { works }: { works: boolean }) {
  const { db } = handle;
  const shared = { db, sealKey: SEAL_KEY, rules: { loopback: true }, now: Date.now };
  const messages = startMessages({
    ...{ ...shared, log: silentLog, metrics: new Registry(), advise: () => undefined },
    publicUrl: "https://watch.example",
  });
  running.push(messages);
  const take = async () => {
    await takeBatch({ db, advise: () => undefined, mailHost: "a.example", now: Date.now }, 10);
    messages.wake();
  };
  const canary = startCanary({
    ...{ ...shared, log: silentLog, metrics, warnUrl: `${receiver.url}/warn` },
    wake: () => works && void take(),
    timing: { firstMs: 0, everyMs: 600_000, lateMs: works ? 15_000 : 200, lookMs: 20 },
  });
  running.push(canary);
  return { take };
}

const read = async (metrics: Registry, name: string) =>
  Number(new RegExp(`^${name} (.*)$`, "m").exec(await metrics.metrics())?.[1]);

async function until(check: () => Promise<boolean> | boolean): Promise<void> {
  const end = Date.now() + 20_000;
  while (!(await check())) {
    if (Date.now() > end) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it("comes out by the way of all alerts, is measured, and leaves nothing behind", async () => {
  const metrics = new Registry();
  start(metrics, { works: true });
  await until(async () => (await read(metrics, "tillwatch_canary_seconds_count")) === 1);
  await until(async () => (await listMessages(handle.db, CANARY_MERCHANT, 5)).length === 0);
  expect(await listAlerts(handle.db, CANARY_MERCHANT, { limit: 5 })).toEqual([]);
  expect(await listMails(handle.db, CANARY_MERCHANT, { limit: 5 })).toEqual([]);
  expect(receiver.received).toEqual([]);
  expect((await listMerchants(handle.db)).map(({ id }) => id)).not.toContain(CANARY_MERCHANT);
});

it("late: one warning by another channel and a metric, until it comes out after all", async () => {
  const metrics = new Registry();
  receiver.received.length = 0;
  const { take } = start(metrics, { works: false });
  await until(async () => (await read(metrics, "tillwatch_canary_late")) === 1);
  await until(() => receiver.received.length > 0);
  expect(receiver.received).toMatchObject([
    { path: "/warn", body: expect.stringContaining("Alerts may not reach anybody") },
  ]);
  await take();
  await until(async () => (await read(metrics, "tillwatch_canary_late")) === 0);
  expect(receiver.received).toHaveLength(1);
});
