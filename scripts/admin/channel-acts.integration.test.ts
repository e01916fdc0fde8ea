// The command line's acts on channels and routes: what they take, what they never show again, and what they refuse.
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Receiver, startReceiver } from "../../alerts/testing/receiver.ts";
import type { Secrets } from "../../core/settings.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { testPostgres } from "../../stores/connect/testing.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { findAct } from "./acts.ts";
import { type ActAnswer, runAct } from "./run-act.ts";

let handle: PostgresHandle;
let receiver: Receiver;
let merchant: string;

beforeAll(async () => {
  handle = await testPostgres();
  receiver = await startReceiver();
});
afterAll(async () => {
  await handle?.close();
  await receiver?.close();
});
beforeEach(async () => {
  receiver.received.length = 0;
  receiver.answer = () => ({ status: 204 });
  merchant = await aMerchant();
});

async function aMerchant(is_demo = false): Promise<string> {
  const shop = { name: "Corner", zone: "UTC", currency: "EUR", emails: [], is_demo };
  return (await createMerchant(handle.db, shop, Date.now())).id;
}

const key = "k".repeat(40);
const secrets: Secrets = {
  ...{ FINGERPRINT_KEY: key, OPERATOR_KEY: key, SESSION_KEY: key },
  ...{ LINK_KEY: key, SEAL_KEY: key, AUDIT_KEY: key, METRICS_TOKEN: key },
};

async function act(name: string, input: object, loopback = false): Promise<ActAnswer> {
  const found = findAct(name);
  if (found === undefined) throw new Error(`there is no act ${name}`);
  const deps = {
    ...{ db: handle.db, secrets, publicUrl: "https://watch.example", now: Date.now },
    ...{
      defaults: { currency: "EUR", zone: "UTC" },
      outbound: { loopback },
      dataDir: "/nowhere",
      onChanged() {},
    },
  };
  return await runAct(found, deps, { merchant, ...input });
}

async function done(name: string, input: object = {}, loopback = false) {
  const answer = await act(name, input, loopback);
  if (!answer.ok) throw new Error(answer.message);
  return answer.result;
}

const HOOK = { kind: "webhook", name: "Ops", url: "https://hooks.example/a?key=very-secret" };

it("a channel's address and secret are shown once or never, in no list and no audit entry", async () => {
  const added = await done("channel add", HOOK);
  expect(added).toMatchObject({ address: "https://hooks.example/a", state: "on" });
  expect(added.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  const text = JSON.stringify([
    await done("channel list"),
    await handle.pool.query("SELECT * FROM tillwatch.audit_log"),
    await handle.pool.query("SELECT * FROM tillwatch.channel"),
  ]);
  expect(text).toContain("https://hooks.example/a");
  expect(text).not.toMatch(/very-secret|whsec_/);
});

it("a test message goes the real way, and the answer says what the receiver said", async () => {
  const added = await done("channel add", { ...HOOK, url: `${receiver.url}/hook` }, true);
  const channel = added.channel_id;
  expect(await done("channel test", { channel }, true)).toMatchObject({
    ok: true,
    state: "accepted",
    response: "HTTP 204",
  });
  const [got] = receiver.received;
  const headers = got?.headers as Record<string, string>;
  const body = new Webhook(String(added.secret)).verify(got?.body ?? "", headers);
  expect(body).toMatchObject({ type: "test", data: { alert: null } });
  receiver.answer = () => ({ status: 404, body: "gone" });
  expect(await done("channel test", { channel }, true)).toMatchObject({
    ok: false,
    state: "refused",
    response: "HTTP 404 gone",
  });
  expect(await done("channel test", { channel })).toMatchObject({
    ok: false,
    response: expect.stringContaining("https"),
  });
  await done("channel switch", { channel, to: "off" });
  expect(await done("channel test", { channel }, true)).toMatchObject({ ok: false });
  expect(receiver.received).toHaveLength(2);
});

it("a channel that a route or the on-call list names is not removed", async () => {
  const { channel_id: channel } = await done("channel add", HOOK);
  const route = await done("route add", { channel: [channel], hours: "22:00-06:00" });
  expect(route).toMatchObject({ hours: { from: 1320, to: 360, outside: "hold" } });
  await done("oncall set", { step: [channel, "ann@c.example"], "at-least": "high" });
  expect(await done("oncall show")).toEqual({
    on_call: {
      at_least: "high",
      minutes: 15,
      steps: [{ channel }, { email: "ann@c.example" }],
    },
  });
  expect(await act("channel remove", { channel })).toMatchObject({
    code: "CONFLICT",
    message: `Still named by ${route.route_id}, the on-call list.`,
  });
  await done("oncall set");
  await done("route remove", { route: route.route_id });
  await done("channel remove", { channel });
  expect(await done("channel list")).toEqual({ channels: [], messages: [] });
});

it("another merchant's channel can be neither used, tested, switched nor removed", async () => {
  const { channel_id: channel } = await done("channel add", HOOK);
  merchant = await aMerchant();
  for (const [name, input] of [
    ["channel test", { channel }],
    ["channel switch", { channel, to: "off" }],
    ["channel remove", { channel }],
    ["route add", { channel: [channel] }],
    ["oncall set", { step: [channel] }],
  ] as const) {
    expect(await act(name, input), name).toMatchObject({ code: "NOT_FOUND" });
  }
});

it("the demo gets no channel", async () => {
  merchant = await aMerchant(true);
  expect(await act("channel add", HOOK)).toMatchObject({ code: "CONFLICT" });
});

it.each([
  ["channel add", { ...HOOK, url: "https://169.254.169.254/" }, /--url leads into a private/],
  ["channel add", { ...HOOK, url: "http://hooks.example/" }, /--url must begin with https/],
  ["channel add", { ...HOOK, url: "hooks" }, /--url is not a full address/],
  ["channel add", { ...HOOK, secret: "short" }, /--secret must be whsec_/],
  ["channel add", { ...HOOK, kind: "slack", secret: "not-taken" }, /no --secret here/],
  ["channel add", { ...HOOK, kind: "sink" }, /--kind must be one of/],
  [
    "channel add",
    { ...HOOK, kind: "ntfy", url: "https://ntfy.sh/" },
    /--url must end in the topic/,
  ],
  ["channel add", { ...HOOK, kind: "sms" }, /--to is needed/],
  ["route add", {}, /--channel or --email or --owners yes is needed/],
  ["route add", { owners: "yes", hours: "8-20" }, /--hours must be like/],
  ["oncall set", { step: ["ann at example"] }, /--step must be a channel's id or an address/],
])("%s %o is wrong use", async (name, input, says) => {
  expect(await act(name, input)).toMatchObject({
    ok: false,
    why: "wrong use",
    message: expect.stringMatching(says),
  });
});
