// The businesses that Tillwatch watches.
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { CANARY_MERCHANT, type Merchant } from "../core/merchant.ts";
import type { Postgres } from "./connect/postgres.ts";

export type NewMerchant = Omit<Merchant, "id" | "created_at" | "language"> & {
  language?: string;
  /** Only for merchants with a fixed name, such as the demo's. */
  id?: string;
};

const COLUMNS = [
  "id",
  "name",
  "zone",
  "currency",
  "language",
  "emails",
  "is_demo",
  "created_at",
] as const;

/** Makes a merchant. Currency and zone must have been checked. Throws CONFLICT when a given id is taken. */
export async function createMerchant(
  db: Postgres,
  merchant: NewMerchant,
  nowMs: number,
): Promise<Merchant> {
  const row: Merchant = {
    language: "en",
    ...merchant,
    id: merchant.id ?? newId("mer", nowMs),
    created_at: nowMs,
  };
  const made = await db
    .insertInto("merchant")
    .values({ ...row, emails: JSON.stringify(row.emails) })
    .onConflict((on) => on.column("id").doNothing())
    .returning("id")
    .executeTakeFirst();
  if (made === undefined) throw new AppError("CONFLICT", `There is already a merchant ${row.id}.`);
  return row;
}

export async function findMerchant(db: Postgres, id: string): Promise<Merchant | undefined> {
  return db.selectFrom("merchant").select(COLUMNS).where("id", "=", id).executeTakeFirst();
}

/** All merchants, oldest first. For the operator only: no key of a merchant may reach this. */
export async function listMerchants(db: Postgres): Promise<Merchant[]> {
  return db
    .selectFrom("merchant")
    .select(COLUMNS)
    .where("id", "<>", CANARY_MERCHANT)
    .orderBy("created_at")
    .orderBy("id")
    .execute();
}

/** In which language mails are written from now on. Throws NOT_FOUND. */
export async function setMerchantLanguage(
  db: Postgres,
  merchantId: string,
  language: string,
): Promise<void> {
  const done = await db
    .updateTable("merchant")
    .set({ language })
    .where("id", "=", merchantId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
}

/** Replaces the addresses for alert mail. Throws NOT_FOUND. */
export async function setMerchantEmails(
  db: Postgres,
  merchantId: string,
  emails: readonly string[],
): Promise<void> {
  const done = await db
    .updateTable("merchant")
    .set({ emails: JSON.stringify(emails) })
    .where("id", "=", merchantId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
}
