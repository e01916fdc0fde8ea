// Links in mails: made with their mail, spent once.
import type { MailLink } from "../core/mail-link.ts";
import type { Postgres } from "./connect/postgres.ts";

export type NewMailLink = Omit<MailLink, "spent_at" | "spent_address">;

/** Makes what is missing, and gives the links of that mail: a second try to send finds those of the first. */
export async function keepMailLinks(
  db: Postgres,
  { merchant_id, id }: { merchant_id: string; id: string },
  links: readonly NewMailLink[],
): Promise<MailLink[]> {
  if (links.length > 0) {
    await db
      .insertInto("mail_link")
      .values([...links])
      .onConflict((on) => on.columns(["merchant_id", "mail_id", "act"]).doNothing())
      .execute();
  }
  return await db
    .selectFrom("mail_link")
    .selectAll()
    .where("merchant_id", "=", merchant_id)
    .where("mail_id", "=", id)
    .execute();
}

/** By its random name alone: whoever holds the token names no merchant, and the token's signature covers the whole row. */
export async function findMailLink(db: Postgres, id: string): Promise<MailLink | undefined> {
  return await db.selectFrom("mail_link").selectAll().where("id", "=", id).executeTakeFirst();
}

/** One statement, so that of two at once one wins. False: it was spent already, or is too old. */
export async function spendMailLink(
  db: Postgres,
  { merchant_id, id }: MailLink,
  by: { address: string | null; at: number },
): Promise<boolean> {
  const spent = await db
    .updateTable("mail_link")
    .set({ spent_at: by.at, spent_address: by.address })
    .where("merchant_id", "=", merchant_id)
    .where("id", "=", id)
    .where("spent_at", "is", null)
    .where("expires_at", ">", by.at)
    .executeTakeFirst();
  return spent.numUpdatedRows > 0n;
}
