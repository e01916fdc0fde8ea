// Sends one due message by its channel: claim, compose, send, settle. Safe to run again after a crash at any line.
import { randomUUID } from "node:crypto";
import type { Advise } from "../core/advice.ts";
import type { ChannelRow } from "../core/channel.ts";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { OutboundRules } from "../core/outbound.ts";
import { readAlert } from "../stores/alerts.ts";
import { openChannelRow, saveCircuit } from "../stores/channels.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import {
  claimMessage,
  keepNote,
  type Message,
  type MessageKey,
  moveMessage,
  readMessage,
} from "../stores/messages.ts";
import { readNames } from "../stores/names.ts";
import { findChannel } from "./channels/catalogue.ts";
import type { Channel } from "./channels/channel.ts";
import { Note, noteOf } from "./channels/note.ts";
import { type PostResult, post } from "./channels/post.ts";
import { viewOf } from "./mail/alert-mail-view.ts";
import { toldKind } from "./mail/told-kind.ts";
import { circuitAfter, pauseMs } from "./pauses.ts";

export type SendMessageDeps = {
  db: Postgres;
  sealKey: string;
  rules: OutboundRules;
  advise: Advise;
  publicUrl: string;
  now: () => number;
  log: Log;
  /** Of one request. */
  timeoutMs?: number;
};

/** `again`: a later try may help. `none`: there was nothing to do, another worker has it or had it. */
export type SentMessage = {
  state: "accepted" | "refused" | "maybe" | "local" | "again" | "none";
  message?: Message;
};

const MAX_ATTEMPTS = 12;
/** A sender that has not moved a message for so long has died: one request takes 10 s at most. */
export const HELD_MS = 60_000;

export async function sendMessage(deps: SendMessageDeps, key: MessageKey): Promise<SentMessage> {
  const claim = randomUUID();
  const at = { now: deps.now(), heldBefore: deps.now() - HELD_MS };
  const message = await claimMessage(deps.db, key, claim, at);
  if (message === undefined) return await nobodyKnows(deps, key);
  const held: Held = { message, claim };
  try {
    return await deliver(deps, held);
  } catch (cause) {
    // A fault of ours, such as a store that went away: it may be mended, and must not hold the message for ever.
    await tryLater(deps, held, { response: "A fault of ours; the log has it.", to: "refused" });
    throw cause;
  }
}

async function deliver(deps: SendMessageDeps, held: Held): Promise<SentMessage> {
  const { message, claim } = held;
  const opened = await openChannelRow(
    deps.db,
    message.merchant_id,
    message.channel_id,
    deps.sealKey,
  );
  if (opened === undefined || !opened.row.is_on) {
    return await settle(deps, held, "refused", "The channel is off or was removed.");
  }
  const { merchant, names } = await readNames(deps.db, message.merchant_id);
  if (merchant.is_demo) return await settle(deps, held, "local", "Nothing of the demo is sent.");
  const channel = findChannel(opened.row.kind);
  if (channel === undefined) return await settle(deps, held, "accepted", "Taken by the sink.");
  const note = await compose(deps, message, { names, isDemo: merchant.is_demo });
  const result = await post(
    channel.open(opened.settings).request(note, { id: message.id, at: new Date(deps.now()) }),
    {
      rules: deps.rules,
      now: deps.now,
      ...(deps.timeoutMs === undefined ? {} : { timeoutMs: deps.timeoutMs }),
      beforeEnd: () =>
        moveMessage(deps.db, message, { from: ["claimed"], to: "ending", claim }, deps.now()),
    },
  );
  return await judge(deps, held, { channel, row: opened.row, result });
}

type Held = { message: Message; claim: string };

/** Not due: settled, in another worker's hands, or left `ending` by one that died. Only the last needs a word. */
async function nobodyKnows(deps: SendMessageDeps, key: MessageKey): Promise<SentMessage> {
  const message = await readMessage(deps.db, key.merchant_id, key.id);
  if (message?.state !== "ending") return { state: "none" };
  const repeat = findChannel(message.channel_kind)?.knowsRepeats === true;
  const now = deps.now();
  const moved = await moveMessage(
    deps.db,
    key,
    {
      from: ["ending"],
      to: repeat ? "queued" : "maybe",
      claim: message.claim,
      heldBefore: now - HELD_MS,
      response: "The sender stopped while the last bytes were on their way.",
      ...(repeat ? { dueAt: now } : {}),
    },
    now,
  );
  if (!moved) return { state: "none" };
  return { state: repeat ? "again" : "maybe", message };
}

/** What it says, kept from an earlier try where there was one. */
async function compose(
  deps: SendMessageDeps,
  message: Message,
  of: Pick<Parameters<typeof viewOf>[0], "names" | "isDemo">,
): Promise<Note> {
  if (message.note !== null) return Note.parse(message.note);
  const alert = await readAlert(deps.db, message.merchant_id, message.alert_id ?? "");
  if (alert === undefined)
    throw new AppError("INTERNAL", "A message is due for an alert that is not there.");
  const kind = toldKind(message.kind);
  const view = viewOf({
    ...of,
    alert,
    kind,
    advice: deps.advise(alert.rule),
    recipient: "",
    publicUrl: deps.publicUrl,
  });
  // Parsed now as it will be when it is read back: the order of fields is the schema's, so that each try signs one body.
  const note = Note.parse(noteOf(view, alert, { kind, at: message.created_at }));
  await keepNote(deps.db, message, note);
  return note;
}

async function judge(
  deps: SendMessageDeps,
  held: Held,
  { channel, row, result }: { channel: Channel; row: ChannelRow; result: PostResult },
): Promise<SentMessage> {
  if (result.outcome === "lost") return { state: "none" };
  const { outcome, response } = result;
  const answered = outcome === "accepted" || outcome === "refused";
  const circuit = circuitAfter(row, { answered, retryAfterMs: result.retryAfterMs }, deps.now());
  if (circuit.failures !== row.failures || circuit.paused_until !== row.paused_until) {
    await saveCircuit(deps.db, row.merchant_id, row.id, circuit);
  }
  const repeat = outcome === "again" || (outcome === "maybe" && channel.knowsRepeats);
  if (!repeat) return await settle(deps, held, outcome, response);
  return await tryLater(deps, held, {
    ...result,
    to: outcome === "maybe" ? "maybe" : "refused",
  });
}

/** Queued again after a pause; settled as `to` when it was tried often enough. */
async function tryLater(
  deps: SendMessageDeps,
  held: Held,
  {
    response,
    retryAfterMs,
    to,
  }: { response: string; retryAfterMs?: number; to: "refused" | "maybe" },
): Promise<SentMessage> {
  const { message, claim } = held;
  const { id: messageId, attempts } = message;
  if (attempts >= MAX_ATTEMPTS) {
    deps.log.error({ messageId, attempts, response }, "gave up on a message");
    const gaveUp = `Gave up after ${attempts} tries. Last answer: ${response}`;
    return await settle(deps, held, to, gaveUp);
  }
  const now = deps.now();
  const dueAt = now + pauseMs(attempts, retryAfterMs);
  const move = { from: ["ending", "claimed"], to: "queued", response, dueAt, claim } as const;
  await moveMessage(deps.db, message, move, now);
  deps.log.warn({ messageId, attempts, response }, "a message was not taken, will try again");
  return { state: "again", message };
}

async function settle(
  deps: SendMessageDeps,
  { message, claim }: Held,
  to: "accepted" | "refused" | "maybe" | "local",
  response: string,
): Promise<SentMessage> {
  // The receiver's word also settles what another worker took for unknown in the meantime.
  const move = { from: ["ending", "maybe", "claimed"], to, claim, response } as const;
  await moveMessage(deps.db, message, move, deps.now());
  return { state: to, message };
}
