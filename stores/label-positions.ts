// Up to where each merchant's disputes were turned into labels, so that a restart goes on there.
import { sql } from "kysely";
import type { Postgres } from "./connect/postgres.ts";

/** UTC ms of receipt; undefined: none was looked at. */
export async function readLabelPosition(
  db: Postgres,
  merchantId: string,
): Promise<number | undefined> {
  const row = await db
    .selectFrom("label_position")
    .select("received_ts")
    .where("merchant_id", "=", merchantId)
    .executeTakeFirst();
  return row?.received_ts;
}

/** Only ever forward. */
export async function moveLabelPosition(
  db: Postgres,
  merchantId: string,
  receivedTs: number,
): Promise<void> {
  await db
    .insertInto("label_position")
    .values({ merchant_id: merchantId, received_ts: receivedTs })
    .onConflict((conflict) =>
      conflict.column("merchant_id").doUpdateSet({
        received_ts: sql`greatest(label_position.received_ts, ${receivedTs})`,
      }),
    )
    .execute();
}
