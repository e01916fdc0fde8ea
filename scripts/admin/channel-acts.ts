// Acts on channels: add, list, switch, remove, and a test message that goes the real way.
import { randomBytes } from "node:crypto";
import { z } from "zod";
import { ADDED_KINDS, findChannel } from "../../alerts/channels/catalogue.ts";
import { testNote } from "../../alerts/channels/note.ts";
import { sendMessage } from "../../alerts/send-message.ts";
import type { ChannelRow } from "../../core/channel.ts";
import { AppError } from "../../core/errors.ts";
import { newId } from "../../core/ids.ts";
import { silentLog } from "../../core/log.ts";
import { judgeUrl } from "../../core/outbound.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import {
  addChannel,
  listChannels,
  noChannel,
  removeChannel,
  switchChannel,
} from "../../stores/channels.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { addMessages, dropMessages, listMessages, readMessage } from "../../stores/messages.ts";
import { listRoutingRules, readOnCall } from "../../stores/routing.ts";
import { type ActDeps, cliEntry, defineAct, Id, typedText } from "./act.ts";

const MERCHANT = { value: "ID", about: "the merchant" };
const CHANNEL = { value: "ID", about: "the channel: chn_…" };
const MOST_CHANNELS = 50;

const Secret = z
  .string()
  .trim()
  .max(500, "at most 500 characters")
  .regex(/^[\x21-\x7e]+$/, "must be printable, without spaces");

function shown({ id, address, is_on, created_at, paused_until, ...rest }: ChannelRow, now: number) {
  return {
    channel_id: id,
    ...rest,
    address,
    state: is_on ? (paused_until > now ? "resting after failures" : "on") : "off",
    created_at: new Date(created_at).toISOString(),
  };
}

export const channelAdd = defineAct({
  name: "channel add",
  about:
    "Adds a way to be told besides mail. Its address and secret are sealed and not shown again.",
  options: {
    merchant: MERCHANT,
    kind: { value: "KIND", about: `one of ${ADDED_KINDS.join(", ")}` },
    name: { value: "NAME", about: "what you call it" },
    url: { value: "URL", about: "where it posts to, - reads standard input", secret: true },
    secret: {
      value: "SECRET",
      about: "webhook: signing key, left out one is made; ntfy, sms: token or user:password",
      secret: true,
    },
    to: { value: "NUMBER", about: "sms: the phone, such as +447700900123" },
    method: { value: "METHOD", about: "sms: POST (default), PUT or GET" },
    header: { value: "'NAME: VALUE'", about: "sms: may be repeated", many: true },
    body: {
      value: "TEMPLATE",
      about:
        "sms: may hold {{to}} {{text}} {{link}} {{secret}} {{secret_base64}}, as URL and headers",
    },
  },
  input: z.strictObject({
    merchant: Id,
    kind: z.enum(ADDED_KINDS, `must be one of ${ADDED_KINDS.join(", ")}`),
    name: typedText(100),
    url: z.string().trim().max(2000),
    secret: Secret.optional(),
    to: z.string().max(20).optional(),
    method: z.string().max(10).optional(),
    header: z.array(z.string().max(1100)).optional(),
    body: z.string().max(4000).optional(),
  }),
  async run(deps, { merchant, kind, name, header, ...given }) {
    const { db, now } = deps;
    const at = now();
    const made = kind === "webhook" && given.secret === undefined ? madeSecret() : undefined;
    const settings = {
      ...given,
      ...(made === undefined ? {} : { secret: made }),
      ...(header === undefined ? {} : { headers: header }),
    };
    const verdict = judgeUrl(given.url, deps.outbound);
    if (!verdict.ok) throw wrong("url", verdict.why);
    const opened = findChannel(kind)?.open(settings);
    if (opened === undefined) throw new AppError("NOT_FOUND", "There is no such kind.");
    const row = await db.transaction().execute(async (trx) => {
      await refuseDemoAndFlood(trx, merchant);
      const address = opened.shown;
      const { host } = verdict.url;
      const channel = { merchant_id: merchant, kind, name, address, host, settings };
      const added = await addChannel(trx, channel, deps.secrets.SEAL_KEY, at);
      await appendAudit(trx, {
        ...cliEntry("channel.add", `channel:${added.id}`, at),
        merchant_id: merchant,
        details: { kind, name, address },
      });
      return added;
    });
    return { ...shown(row, at), ...(made === undefined ? {} : { secret: made }) };
  },
});

/** Standard Webhooks: `whsec_` and base64. */
function madeSecret(): string {
  return `whsec_${randomBytes(32).toString("base64")}`;
}

function wrong(option: string, message: string): z.ZodError {
  return new z.ZodError([{ code: "custom", path: [option], message, input: undefined }]);
}

async function refuseDemoAndFlood(trx: Postgres, merchantId: string): Promise<void> {
  if ((await findMerchant(trx, merchantId))?.is_demo) {
    throw new AppError("CONFLICT", "Nothing of the demo is sent anywhere: it needs no channel.");
  }
  if ((await listChannels(trx, merchantId)).length >= MOST_CHANNELS) {
    throw new AppError("CONFLICT", `A merchant has at most ${MOST_CHANNELS} channels.`);
  }
}

export const channelList = defineAct({
  name: "channel list",
  about: "Lists a merchant's channels, without their secrets, and the newest messages.",
  options: {
    merchant: MERCHANT,
    messages: { value: "N", about: "how many messages to show; default 10" },
  },
  input: z.strictObject({
    merchant: Id,
    messages: z.coerce.number().int().min(0).max(200).default(10),
  }),
  async run({ db, now }, { merchant, messages }) {
    const channels = await listChannels(db, merchant);
    const newest = messages === 0 ? [] : await listMessages(db, merchant, messages);
    return {
      channels: channels.map((channel) => shown(channel, now())),
      messages: newest.map(({ id, channel_id, alert_id, kind, state, attempts, response }) => ({
        ...{ message_id: id, channel_id, alert_id, kind, state, attempts, response },
      })),
    };
  },
});

export const channelSwitch = defineAct({
  name: "channel switch",
  about: "Turns a channel on or off; off, what waits for it is given up.",
  options: { merchant: MERCHANT, channel: CHANNEL, to: { value: "STATE", about: "on or off" } },
  input: z.strictObject({
    merchant: Id,
    channel: Id,
    to: z.enum(["on", "off"], "must be on or off"),
  }),
  async run({ db, now }, { merchant, channel, to }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      await switchChannel(trx, merchant, channel, to === "on");
      if (to === "off") await drop(trx, { merchant, channel }, at);
      await appendAudit(trx, {
        ...cliEntry(`channel.${to}`, `channel:${channel}`, at),
        merchant_id: merchant,
        details: {},
      });
    });
    return { channel_id: channel, state: to };
  },
});

async function drop(trx: Postgres, of: { merchant: string; channel: string }, now: number) {
  const why = "The channel is off or was removed.";
  await dropMessages(trx, of.merchant, of.channel, { why, now });
}

export const channelRemove = defineAct({
  name: "channel remove",
  about: "Removes a channel with its secrets. Refused while a route or the on-call list names it.",
  options: { merchant: MERCHANT, channel: CHANNEL },
  input: z.strictObject({ merchant: Id, channel: Id }),
  async run({ db, now }, { merchant, channel }) {
    const at = now();
    await db.transaction().execute(async (trx) => {
      const rules = await listRoutingRules(trx, merchant);
      const named = rules.filter(({ rule }) => rule.channels.includes(channel));
      const steps = (await readOnCall(trx, merchant))?.steps ?? [];
      const onCall = steps.some((step) => "channel" in step && step.channel === channel);
      if (named.length > 0 || onCall) {
        const by = [...named.map(({ id }) => id), ...(onCall ? ["the on-call list"] : [])];
        throw new AppError("CONFLICT", `Still named by ${by.join(", ")}.`);
      }
      await removeChannel(trx, merchant, channel);
      await drop(trx, { merchant, channel }, at);
      await appendAudit(trx, {
        ...cliEntry("channel.remove", `channel:${channel}`, at),
        merchant_id: merchant,
        details: {},
      });
    });
    return { channel_id: channel, removed: true };
  },
});

export const channelTest = defineAct({
  name: "channel test",
  about: "Sends a test message the real way and says what the receiver answered.",
  options: { merchant: MERCHANT, channel: CHANNEL },
  input: z.strictObject({ merchant: Id, channel: Id }),
  async run(deps, { merchant, channel }) {
    const id = await queueTest(deps, merchant, channel);
    const { db, publicUrl, now, outbound: rules } = deps;
    const sealKey = deps.secrets.SEAL_KEY;
    const send = { db, sealKey, rules, publicUrl, now, log: silentLog, advise: () => undefined };
    // A running service may take it first; either way the row says what became of it.
    await sendMessage(send, { merchant_id: merchant, id });
    const { state, response } = (await readMessage(db, merchant, id)) ?? {};
    const ok = state === "accepted" || state === "claimed" || state === "ending";
    return { ok, message_id: id, state, response };
  },
});

async function queueTest(deps: ActDeps, merchant: string, channel: string): Promise<string> {
  const { db, now, publicUrl } = deps;
  const at = now();
  const id = newId("msg", at);
  await db.transaction().execute(async (trx) => {
    const row = (await listChannels(trx, merchant)).find((each) => each.id === channel);
    if (row === undefined) throw noChannel();
    const note = testNote((await findMerchant(trx, merchant))?.name ?? merchant, publicUrl, at);
    const about = { merchant_id: merchant, channel_id: channel, channel_kind: row.kind };
    const message = { ...about, id, alert_id: null, kind: "test", event_ts: at, due_at: at, note };
    await addMessages(trx, [message], at);
    await appendAudit(trx, {
      ...cliEntry("channel.test", `channel:${channel}`, at),
      merchant_id: merchant,
      details: { message: id },
    });
  });
  return id;
}
