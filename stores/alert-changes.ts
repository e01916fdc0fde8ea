// The history of alerts: one row a change, in the transaction of the change.
import { sql } from "kysely";
import type { AlertChange } from "../core/alert.ts";
import type { Postgres } from "./connect/postgres.ts";

export type NewAlertChange = Omit<AlertChange, "seq">;

/** The caller holds the alert's row or the lock of all alerts, so that numbers go up without gaps. */
export async function addAlertChange(trx: Postgres, change: NewAlertChange): Promise<void> {
  const { merchant_id, alert_id } = change;
  const last = sql<number>`(SELECT coalesce(max(seq), 0) FROM tillwatch.alert_change
    WHERE merchant_id = ${merchant_id} AND alert_id = ${alert_id}) + 1`;
  await trx
    .insertInto("alert_change")
    .values({ ...change, seq: last, details: JSON.stringify(change.details) })
    .execute();
}

/** Oldest first, at most 500. */
export async function listAlertChanges(
  db: Postgres,
  merchantId: string,
  alertId: string,
): Promise<AlertChange[]> {
  return await db
    .selectFrom("alert_change")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .where("alert_id", "=", alertId)
    .orderBy("seq")
    .limit(500)
    .execute();
}
