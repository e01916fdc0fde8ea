// Keys of machines, as hashes.
import { AppError } from "../core/errors.ts";
import type { Postgres } from "./connect/postgres.ts";

export type ApiKeyRow = {
  id: string;
  merchant_id: string;
  hash: string;
  scopes: string[];
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
};

/** Stores a new key. Throws NOT_FOUND when the merchant is not there. */
export async function addApiKey(
  db: Postgres,
  merchantId: string,
  key: Pick<ApiKeyRow, "id" | "hash" | "scopes" | "expires_at">,
  nowMs: number,
): Promise<void> {
  const merchant = await db
    .selectFrom("merchant")
    .select("id")
    .where("id", "=", merchantId)
    .executeTakeFirst();
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  await db
    .insertInto("api_key")
    .values({
      ...key,
      scopes: JSON.stringify(key.scopes),
      merchant_id: merchantId,
      created_at: nowMs,
      last_used_at: null,
      revoked_at: null,
    })
    .execute();
}

/** By its public part: this look-up is what finds out the merchant. Revoked and expired keys are given too. */
export async function findApiKey(db: Postgres, keyId: string): Promise<ApiKeyRow | undefined> {
  return db.selectFrom("api_key").selectAll().where("id", "=", keyId).executeTakeFirst();
}

export async function listApiKeys(
  db: Postgres,
  merchantId: string,
): Promise<Omit<ApiKeyRow, "hash">[]> {
  return db
    .selectFrom("api_key")
    .select([
      "id",
      "merchant_id",
      "scopes",
      "created_at",
      "expires_at",
      "last_used_at",
      "revoked_at",
    ])
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
}

/** Ends a key. Ending it again changes nothing. Throws NOT_FOUND. */
export async function revokeApiKey(
  db: Postgres,
  merchantId: string,
  keyId: string,
  nowMs: number,
): Promise<void> {
  const done = await db
    .updateTable("api_key")
    .set((set) => ({ revoked_at: set.fn.coalesce("revoked_at", set.val(nowMs)) }))
    .where("merchant_id", "=", merchantId)
    .where("id", "=", keyId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw new AppError("NOT_FOUND", "This merchant has no such key.");
}

/** Notes that a key was used. Call it at most once a minute per key. */
export async function touchApiKey(
  db: Postgres,
  merchantId: string,
  keyId: string,
  nowMs: number,
): Promise<void> {
  await db
    .updateTable("api_key")
    .set({ last_used_at: nowMs })
    .where("merchant_id", "=", merchantId)
    .where("id", "=", keyId)
    .execute();
}
