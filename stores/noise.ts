// The noise budget in Postgres: settings, what was told, and what was held back and why.
import { sql } from "kysely";
import type { Alert } from "../core/alert.ts";
import { HOUR_MS, type NoiseSetting, USUAL_NOISE, WEEK_MS } from "../core/noise.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { Mail } from "./mails.ts";

export async function readNoiseSetting(db: Postgres, merchantId: string): Promise<NoiseSetting> {
  const row = await db
    .selectFrom("noise_setting")
    .select(["alerts_a_week", "mails_an_hour"])
    .where("merchant_id", "=", merchantId)
    .executeTakeFirst();
  return row ?? USUAL_NOISE;
}

export async function setNoise(
  db: Postgres,
  merchantId: string,
  setting: NoiseSetting,
  now: number,
): Promise<void> {
  await db
    .insertInto("noise_setting")
    .values({ merchant_id: merchantId, ...setting, set_at: now })
    .onConflict((on) => on.column("merchant_id").doUpdateSet({ ...setting, set_at: now }))
    .execute();
}

/** Alerts told within the last seven days, by store; the empty name stands for none. */
export async function countTold(
  db: Postgres,
  merchantId: string,
  now: number,
): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom("alert")
    .select([
      sql<string>`coalesce(store_id, '')`.as("store"),
      sql<number>`count(*)::int`.as("count"),
    ])
    .where("merchant_id", "=", merchantId)
    .where("told_at", ">", now - WEEK_MS)
    .groupBy(sql`coalesce(store_id, '')`)
    .execute();
  return new Map(rows.map(({ store, count }) => [store, count]));
}

/** Alerts that wait for a digest, held back from an instant on and before another; newest first, at most 200. */
export async function listHeldAlerts(
  db: Postgres,
  merchantId: string,
  { from, before }: { from: number; before: number },
): Promise<Alert[]> {
  const rows = await db
    .selectFrom("alert")
    .select("body")
    .where("merchant_id", "=", merchantId)
    .where("held_at", ">=", from)
    .where("held_at", "<", before)
    .orderBy("held_at", "desc")
    .orderBy("id")
    .limit(200)
    .execute();
  return rows.map(({ body }) => body);
}

/** Mails to that person within the last hour, without those that were held back. */
export async function countMailsOfHour(
  db: Postgres,
  merchantId: string,
  recipient: string,
  now: number,
): Promise<number> {
  const row = await db
    .selectFrom("mail")
    .select(sql<number>`count(*)::int`.as("count"))
    .where("merchant_id", "=", merchantId)
    .where("recipient", "=", recipient)
    .where("created_at", ">", now - HOUR_MS)
    .where("state", "<>", "held")
    .where("alert_id", "is not", null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Mails over somebody's hour, of which no mail has told yet. Newest first, at most 200. */
export async function listHeldMails(db: Postgres, merchantId: string): Promise<Mail[]> {
  return await heldMails(db)
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("created_at", "desc")
    .orderBy("id")
    .limit(200)
    .execute();
}

/** People of whom mails are held since before `before`, and who got no mail of kind `held_…` since `after`. All merchants. */
export async function findHeldPeople(
  db: Postgres,
  { before, after }: { before: number; after: number },
): Promise<{ merchant_id: string; recipient: string }[]> {
  return await heldMails(db)
    .select(["merchant_id", "recipient"])
    .where("created_at", "<=", before)
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom("mail as told")
            .select("told.id")
            .whereRef("told.merchant_id", "=", "mail.merchant_id")
            .whereRef("told.recipient", "=", "mail.recipient")
            .where("told.kind", "like", "held\\_%")
            .where("told.created_at", ">", after),
        ),
      ),
    )
    .groupBy(["merchant_id", "recipient"])
    .limit(100)
    .execute();
}

/** Settles all that is held for one person, and gives it, newest first. */
export async function takeHeldMails(
  trx: Postgres,
  merchantId: string,
  recipient: string,
  by: { response: string; at: number },
): Promise<Mail[]> {
  const rows = await trx
    .updateTable("mail")
    .set({ settled_at: by.at, touched_at: by.at, response: by.response })
    .where("merchant_id", "=", merchantId)
    .where("recipient", "=", recipient)
    .where("state", "=", "held")
    .where("settled_at", "is", null)
    .returningAll()
    .execute();
  return rows.sort((a, b) => b.created_at - a.created_at || (a.id < b.id ? -1 : 1));
}

function heldMails(db: Postgres) {
  return db.selectFrom("mail").where("state", "=", "held").where("settled_at", "is", null);
}
