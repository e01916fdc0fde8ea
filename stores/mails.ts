// The mail ledger in Postgres: what is due, who is sending it, and what became of it.
import type { Selectable } from "kysely";
import type { MerchantScope } from "./alerts.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { MailState, MailTable } from "./postgres/alert-tables.ts";

export type Mail = Selectable<MailTable>;
export type NewMail = Pick<
  Mail,
  | "merchant_id"
  | "id"
  | "alert_id"
  | "kind"
  | "recipient"
  | "message_id"
  | "in_reply_to"
  | "event_ts"
> &
  Partial<Pick<Mail, "subject" | "html" | "plain">> & {
    /** Held: over the recipient's hour, so another mail tells of it. Default: queued. */
    state?: "queued" | "held";
    response?: string;
  };
export type MailContent = { subject: string; html: string; plain: string };
/** Names one mail within its merchant; what a job carries. */
export type MailKey = { merchant_id: string; id: string };

/** Adds mails. One whose Message-ID is known already is left out. Gives those that were added and are due. */
export async function addMails(
  db: Postgres,
  mails: readonly NewMail[],
  now: number,
): Promise<MailKey[]> {
  if (mails.length === 0) return [];
  const added = await db
    .insertInto("mail")
    .values(
      mails.map((mail) => ({
        state: "queued" as const,
        ...mail,
        created_at: now,
        touched_at: now,
      })),
    )
    .onConflict((conflict) => conflict.column("message_id").doNothing())
    .returning(["merchant_id", "id", "state"])
    .execute();
  return added
    .filter(({ state }) => state === "queued")
    .map(({ merchant_id, id }) => ({ merchant_id, id }));
}

/** Makes the caller, named by `claim`, the only one who may send it. Undefined when it is not due (any more). */
export async function claimMail(
  db: Postgres,
  { merchant_id, id }: MailKey,
  claim: string,
  now: number,
): Promise<Mail | undefined> {
  return await db
    .updateTable("mail")
    .set((set) => ({
      state: "claimed",
      claim,
      touched_at: now,
      attempts: set("attempts", "+", 1),
    }))
    .where("merchant_id", "=", merchant_id)
    .where("id", "=", id)
    .where("state", "in", ["queued", "claimed"])
    .returningAll()
    .executeTakeFirst();
}

/** Keeps what was composed, so that a second try sends the same words. */
export async function keepContent(db: Postgres, key: MailKey, content: MailContent): Promise<void> {
  await db
    .updateTable("mail")
    .set(content)
    .where("merchant_id", "=", key.merchant_id)
    .where("id", "=", key.id)
    .execute();
}

export type Move = {
  from: readonly MailState[];
  to: MailState;
  claim: string | null;
  response?: string | null;
};

/** Moves a mail from one state to another, only if it still is in one of the first under that claim. False: somebody else has it. */
export async function moveMail(
  db: Postgres,
  key: MailKey,
  move: Move,
  now: number,
): Promise<boolean> {
  const settled = ["accepted", "refused", "maybe", "local"].includes(move.to);
  let query = db
    .updateTable("mail")
    .set({
      state: move.to,
      touched_at: now,
      ...(move.response === undefined ? {} : { response: move.response }),
      ...(settled ? { settled_at: now } : {}),
    })
    .where("merchant_id", "=", key.merchant_id)
    .where("id", "=", key.id)
    .where("state", "in", move.from);
  if (move.claim !== null) query = query.where("claim", "=", move.claim);
  const result = await query.executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** Unsettled mails that nobody has touched since `before`: their job may be lost. */
export async function staleMails(db: Postgres, before: number): Promise<MailKey[]> {
  return await db
    .selectFrom("mail")
    .select(["merchant_id", "id"])
    .where("state", "in", ["queued", "claimed", "ending"])
    .where("touched_at", "<=", before)
    .orderBy("touched_at")
    .limit(500)
    .execute();
}

/**
 * Unsettled mails that say they were touched more than `slackMs` after `now`: the clock was ahead and was set back, and
 * their jobs wait for a time that is far off. They count as touched now, so each call gives a mail once.
 */
export async function mailsOfTheFuture(
  db: Postgres,
  now: number,
  slackMs: number,
): Promise<MailKey[]> {
  return await db
    .updateTable("mail")
    .set({ touched_at: now })
    .where("state", "in", ["queued", "claimed", "ending"])
    .where("touched_at", ">", now + slackMs)
    .returning(["merchant_id", "id"])
    .execute();
}

/** How many mails are being sent or have not been tried yet; those that wait for a later try do not count. */
export async function countMoving(db: Postgres): Promise<number> {
  const row = await db
    .selectFrom("mail")
    .select((select) => select.fn.countAll<string | number>().as("count"))
    .where((where) =>
      where.or([
        where("state", "in", ["claimed", "ending"]),
        where.and([where("state", "=", "queued"), where("attempts", "=", 0)]),
      ]),
    )
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

export async function readMail(
  db: Postgres,
  merchantId: MerchantScope,
  id: string,
): Promise<Mail | undefined> {
  return await scoped(db, merchantId).where("id", "=", id).executeTakeFirst();
}

/** Newest first, at most 200; all, or those of one alert. */
export async function listMails(
  db: Postgres,
  merchantId: MerchantScope,
  filter: { alert_id?: string | undefined; limit: number },
): Promise<Mail[]> {
  let query = scoped(db, merchantId);
  if (filter.alert_id !== undefined) query = query.where("alert_id", "=", filter.alert_id);
  return await query
    .orderBy("created_at", "desc")
    .orderBy("id", "desc")
    .limit(Math.min(filter.limit, 200))
    .execute();
}

function scoped(db: Postgres, merchantId: MerchantScope) {
  const all = db.selectFrom("mail").selectAll();
  return merchantId === "*" ? all : all.where("merchant_id", "=", merchantId);
}
