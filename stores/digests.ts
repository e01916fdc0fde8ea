// What a digest is made of, when one was last due, and who wants none.
import { sql } from "kysely";
import { ALERT_STATES, type Alert } from "../core/alert.ts";
import type { Postgres } from "./connect/postgres.ts";

const DAY_MS = 86_400_000;
/** Days before the one told about that make up the usual. */
const USUAL_DAYS = 28;

export type DigestMark = { day: string; sent_at: number };

export async function readDigestMark(
  db: Postgres,
  merchantId: string,
): Promise<DigestMark | undefined> {
  return await db
    .selectFrom("digest")
    .select(["day", "sent_at"])
    .where("merchant_id", "=", merchantId)
    .executeTakeFirst();
}

/** False when somebody else has looked at that day already. */
export async function markDigest(
  trx: Postgres,
  merchantId: string,
  { day, sent_at }: DigestMark,
): Promise<boolean> {
  const marked = await trx
    .insertInto("digest")
    .values({ merchant_id: merchantId, day, sent_at })
    .onConflict((on) =>
      on.column("merchant_id").doUpdateSet({ day, sent_at }).where("digest.day", "<", day),
    )
    .returning("merchant_id")
    .executeTakeFirst();
  return marked !== undefined;
}

export type DigestFacts = {
  /** Not resolved, more than informational. */
  open: number;
  /** The most serious of them, at most five. */
  first: Alert[];
  /** Money that open alerts concern, by currency. */
  atRisk: { currency: string; amount: number }[];
  /** Alerts opened within the last day, or week. */
  opened: number;
  /** As many a day, or week, over the four weeks before; null before there is a week to compare with. */
  usual: number | null;
};

const UNRESOLVED = ALERT_STATES.filter((state) => state !== "resolved");

export async function readDigestFacts(
  db: Postgres,
  merchantId: string,
  { now, days }: { now: number; days: 1 | 7 },
): Promise<DigestFacts> {
  const open = db
    .selectFrom("alert")
    .where("merchant_id", "=", merchantId)
    .where("state", "in", UNRESOLVED)
    .where("level", "<>", "informational");
  const { count } = await open
    .select(sql<number>`count(*)::int`.as("count"))
    .executeTakeFirstOrThrow();
  const first = await open
    .select("body")
    .orderBy(
      sql`array_position(ARRAY['critical', 'high', 'medium', 'low'], level), opened_at DESC, id`,
    )
    .limit(5)
    .execute();
  const atRisk = await open
    .select([
      sql<string>`body->>'currency'`.as("currency"),
      sql<string>`sum((body->>'amount')::bigint)::text`.as("amount"),
    ])
    .where(sql<boolean>`body->>'amount' IS NOT NULL AND body->>'currency' IS NOT NULL`)
    .groupBy(sql`body->>'currency'`)
    .orderBy(sql`1`)
    .execute();
  return {
    open: count,
    first: first.map(({ body }) => body),
    atRisk: atRisk.map(({ currency, amount }) => ({ currency, amount: Number(amount) })),
    ...(await openedAndUsual(db, merchantId, { now, days })),
  };
}

async function openedAndUsual(
  db: Postgres,
  merchantId: string,
  { now, days }: { now: number; days: number },
): Promise<Pick<DigestFacts, "opened" | "usual">> {
  const from = now - days * DAY_MS;
  const since = from - USUAL_DAYS * DAY_MS;
  const row = await db
    .selectFrom("alert")
    .select([
      sql<number>`(count(*) FILTER (WHERE opened_at >= ${from}))::int`.as("opened"),
      sql<number>`(count(*) FILTER (WHERE opened_at < ${from} AND opened_at >= ${since}))::int`.as(
        "before",
      ),
      sql<number | string | null>`min(opened_at)`.as("oldest"),
    ])
    .where("merchant_id", "=", merchantId)
    .where("level", "<>", "informational")
    .executeTakeFirstOrThrow();
  const oldest = row.oldest === null ? from : Number(row.oldest);
  const known = Math.min(USUAL_DAYS, (from - oldest) / DAY_MS);
  return { opened: row.opened, usual: known < 7 ? null : (row.before / known) * days };
}

/** Addresses, in lower case, that want no digest of that merchant. */
export async function listDigestOff(db: Postgres, merchantId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom("digest_off")
    .select("recipient")
    .where("merchant_id", "=", merchantId)
    .execute();
  return new Set(rows.map(({ recipient }) => recipient));
}

export async function turnDigestOff(
  db: Postgres,
  merchantId: string,
  recipient: string,
  now: number,
): Promise<void> {
  await db
    .insertInto("digest_off")
    .values({ merchant_id: merchantId, recipient: recipient.toLowerCase(), at: now })
    .onConflict((on) => on.columns(["merchant_id", "recipient"]).doNothing())
    .execute();
}
