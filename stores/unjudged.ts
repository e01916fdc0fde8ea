// What is in ClickHouse and not judged yet, and who is judging it: the work list of detection as ticks.
import { sql } from "kysely";
import type { Postgres } from "./connect/postgres.ts";

/** Event times, UTC ms, both ends included. */
export type Stretch = { merchant_id: string; from_ts: number; to_ts: number };
export type StretchRow = Stretch & { seq: number };

const ROWS_PER_INSERT = 500;
const MOST_ROWS = 5_000;

export async function addUnjudged(db: Postgres, stretches: readonly Stretch[]): Promise<void> {
  for (let i = 0; i < stretches.length; i += ROWS_PER_INSERT) {
    const part = stretches.slice(i, i + ROWS_PER_INSERT);
    await db.insertInto("unjudged").values(part).execute();
  }
}

/** Merchants of a shard with a stretch that begins by now. `shard` from 0 to `shards` - 1. */
export async function merchantsUnjudged(
  db: Postgres,
  { shard, shards }: { shard: number; shards: number },
  nowMs: number,
): Promise<string[]> {
  const { rows } = await sql<{ merchant_id: string }>`
    SELECT merchant_id FROM tillwatch.unjudged
    WHERE from_ts <= ${nowMs} AND (hashtext(merchant_id) & 2147483647) % ${shards} = ${shard}
    GROUP BY merchant_id ORDER BY min(seq)`.execute(db);
  return rows.map(({ merchant_id }) => merchant_id);
}

/** The merchant's stretches, those that came first in front; at most 5,000. */
export async function readUnjudged(db: Postgres, merchantId: string): Promise<StretchRow[]> {
  const rows = await db
    .selectFrom("unjudged")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("seq")
    .limit(MOST_ROWS)
    .execute();
  return rows.map((row) => ({
    merchant_id: row.merchant_id,
    seq: Number(row.seq),
    from_ts: Number(row.from_ts),
    to_ts: Number(row.to_ts),
  }));
}

/** Takes away what was judged. In the caller's transaction. */
export async function dropUnjudged(
  trx: Postgres,
  merchantId: string,
  seqs: readonly number[],
): Promise<void> {
  if (seqs.length === 0) return;
  await trx
    .deleteFrom("unjudged")
    .where("merchant_id", "=", merchantId)
    .where("seq", "in", seqs)
    .execute();
}

export async function countUnjudged(db: Postgres): Promise<number> {
  const row = await db
    .selectFrom("unjudged")
    .select((select) => select.fn.countAll<string | number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

/** Makes `holder` the only one who may judge this merchant, for so long. False: another one is at it. */
export async function takeLease(
  db: Postgres,
  { merchantId, holder, ms }: { merchantId: string; holder: string; ms: number },
): Promise<boolean> {
  const { rows } = await sql`
    INSERT INTO tillwatch.tick_lease AS l (merchant_id, holder, until)
    VALUES (${merchantId}, ${holder}, now() + ${`${ms} milliseconds`}::interval)
    ON CONFLICT (merchant_id) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE l.until < now() OR l.holder = excluded.holder
    RETURNING holder`.execute(db);
  return rows.length > 0;
}

/** Whether the lease still is the holder's; nobody else takes it before the caller's transaction has ended. */
export async function holdsLease(
  trx: Postgres,
  { merchantId, holder }: { merchantId: string; holder: string },
): Promise<boolean> {
  const { rows } = await sql`
    SELECT 1 FROM tillwatch.tick_lease
    WHERE merchant_id = ${merchantId} AND holder = ${holder} AND until >= now() FOR UPDATE`.execute(
    trx,
  );
  return rows.length > 0;
}

/** Gives it back; one that is somebody else's by now stays. */
export async function dropLease(
  db: Postgres,
  { merchantId, holder }: { merchantId: string; holder: string },
): Promise<void> {
  await db
    .deleteFrom("tick_lease")
    .where("merchant_id", "=", merchantId)
    .where("holder", "=", holder)
    .execute();
}
