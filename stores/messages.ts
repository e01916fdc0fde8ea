// The ledger of messages by channels: what is due, who is sending it, and what became of it. Built as the mails' one is.
import { type Selectable, sql } from "kysely";
import type { ChannelKind } from "../core/channel.ts";
import { contentId } from "../core/ids.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { MailState } from "./postgres/alert-tables.ts";
import type { MessageTable } from "./postgres/channel-tables.ts";

export type Message = Selectable<MessageTable>;
export type NewMessage = Pick<
  Message,
  "merchant_id" | "channel_id" | "channel_kind" | "alert_id" | "kind" | "event_ts"
> & {
  id: string;
  /** Not sent before; UTC ms. */
  due_at: number;
  note?: unknown;
};
/** Names one message within its merchant. */
export type MessageKey = { merchant_id: string; id: string };

/** The same for the same alert, channel and kind, so that none can be due twice. */
export function messageId(of: { alert_id: string; channel_id: string; kind: string }): string {
  return `msg_${contentId("message", of.alert_id, of.channel_id, of.kind)}`;
}

/** Adds messages that are due; those that are there already are left out. */
export async function addMessages(
  db: Postgres,
  messages: readonly NewMessage[],
  now: number,
): Promise<MessageKey[]> {
  if (messages.length === 0) return [];
  return await db
    .insertInto("message")
    .values(
      messages.map(({ note, ...message }) => ({
        ...message,
        note: note === undefined ? null : JSON.stringify(note),
        state: "queued" as const,
        created_at: now,
        touched_at: now,
        first_due_at: message.due_at,
      })),
    )
    .onConflict((conflict) => conflict.columns(["merchant_id", "id"]).doNothing())
    .returning(["merchant_id", "id"])
    .execute();
}

export type DueMessage = MessageKey & { channel_id: string; host: string };

/**
 * For each channel that is not paused, its message that is due longest; and what a sender has held since before
 * `heldBefore`: it died. Also a message whose channel is gone: whoever claims it says so.
 */
export async function dueMessages(
  db: Postgres,
  now: number,
  heldBefore: number,
): Promise<DueMessage[]> {
  const { rows } = await sql<DueMessage>`
    SELECT DISTINCT ON (m.merchant_id, m.channel_id)
      m.merchant_id, m.id, m.channel_id, coalesce(c.host, '') AS host
    FROM tillwatch.message m
    LEFT JOIN tillwatch.channel c ON c.merchant_id = m.merchant_id AND c.id = m.channel_id
    WHERE (m.state = 'queued' AND m.due_at <= ${now} AND coalesce(c.paused_until, 0) <= ${now})
       OR (m.state IN ('claimed', 'ending') AND m.touched_at <= ${heldBefore})
    ORDER BY m.merchant_id, m.channel_id, m.due_at, m.created_at, m.id
    LIMIT 200`.execute(db);
  return rows;
}

/** Makes the caller, named by `claim`, the only one who may send it. Undefined when it is not due (any more). */
export async function claimMessage(
  db: Postgres,
  { merchant_id, id }: MessageKey,
  claim: string,
  at: { now: number; heldBefore: number },
): Promise<Message | undefined> {
  return await db
    .updateTable("message")
    .set((set) => ({
      state: "claimed",
      claim,
      touched_at: at.now,
      attempts: set("attempts", "+", 1),
    }))
    .where("merchant_id", "=", merchant_id)
    .where("id", "=", id)
    .where((where) =>
      where.or([
        where.and([where("state", "=", "queued"), where("due_at", "<=", at.now)]),
        where.and([where("state", "=", "claimed"), where("touched_at", "<=", at.heldBefore)]),
      ]),
    )
    .returningAll()
    .executeTakeFirst();
}

/** Keeps what it says, so that a second try says the same. */
export async function keepNote(db: Postgres, key: MessageKey, note: unknown): Promise<void> {
  await db
    .updateTable("message")
    .set({ note: JSON.stringify(note) })
    .where("merchant_id", "=", key.merchant_id)
    .where("id", "=", key.id)
    .execute();
}

export type MessageMove = {
  from: readonly MailState[];
  to: MailState;
  /** Null: whoever holds it. */
  claim: string | null;
  response?: string;
  /** For a later try. */
  dueAt?: number;
  /** Only what nobody has touched since. */
  heldBefore?: number;
};

/** Moves a message, only if it still is in one of the first states under that claim. False: somebody else has it. */
export async function moveMessage(
  db: Postgres,
  key: MessageKey,
  move: MessageMove,
  now: number,
): Promise<boolean> {
  const settled = ["accepted", "refused", "maybe", "local"].includes(move.to);
  let query = db
    .updateTable("message")
    .set({
      state: move.to,
      touched_at: now,
      ...(move.response === undefined ? {} : { response: move.response }),
      ...(move.dueAt === undefined ? {} : { due_at: move.dueAt }),
      ...(settled ? { settled_at: now } : {}),
    })
    .where("merchant_id", "=", key.merchant_id)
    .where("id", "=", key.id)
    .where("state", "in", move.from);
  if (move.claim !== null) query = query.where("claim", "=", move.claim);
  if (move.heldBefore !== undefined) query = query.where("touched_at", "<=", move.heldBefore);
  const result = await query.executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Gives up, in one go, what has been due since before `before`: news of days ago wakes nobody. */
export async function giveUpOld(db: Postgres, before: number, now: number): Promise<number> {
  const result = await db
    .updateTable("message")
    .set({
      state: "refused",
      touched_at: now,
      settled_at: now,
      response: sql<string>`concat('Gave up after a day. Last answer: ', coalesce(response, 'none'))`,
    })
    .where("state", "=", "queued")
    .where("first_due_at", "<=", before)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Settles what waits for a channel that is no longer to be used. */
export async function dropMessages(
  db: Postgres,
  merchantId: string,
  channelId: string,
  { why, now }: { why: string; now: number },
): Promise<void> {
  await db
    .updateTable("message")
    .set({ state: "refused", response: why, touched_at: now, settled_at: now })
    .where("merchant_id", "=", merchantId)
    .where("channel_id", "=", channelId)
    .where("state", "=", "queued")
    .execute();
}

export type MessageCount = { channel_kind: ChannelKind; count: number };

/** How many messages are due or on their way, by kind of channel. */
export async function countWaiting(db: Postgres): Promise<MessageCount[]> {
  return await db
    .selectFrom("message")
    .select(["channel_kind", sql<number>`count(*)::int`.as("count")])
    .where("state", "in", ["queued", "claimed", "ending"])
    .groupBy("channel_kind")
    .execute();
}

export async function readMessage(
  db: Postgres,
  merchantId: string,
  id: string,
): Promise<Message | undefined> {
  return await db
    .selectFrom("message")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .executeTakeFirst();
}

/** Newest first, at most 200. */
export async function listMessages(
  db: Postgres,
  merchantId: string,
  limit: number,
): Promise<Message[]> {
  return await db
    .selectFrom("message")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(Math.min(limit, 200))
    .execute();
}
