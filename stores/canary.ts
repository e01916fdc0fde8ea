// The service's own test alert: a finding that goes the way of all findings, to a sink, and is cleared away once it arrived.
import { sql } from "kysely";
import type { Finding } from "../core/finding.ts";
import { CANARY_MERCHANT } from "../core/merchant.ts";
import type { RoutingRule } from "../core/routing.ts";
import { addChannel, listChannels } from "./channels.ts";
import type { Postgres } from "./connect/postgres.ts";
import { createMerchant, findMerchant } from "./merchants.ts";
import { addRoutingRule } from "./routing.ts";

/** Makes what the canary needs where it is not there yet: a merchant of its own that no list shows, its sink and route. */
export async function openCanary(db: Postgres, sealKey: string, now: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`SELECT pg_advisory_xact_lock(hashtext('tillwatch.canary'))`.execute(trx);
    if ((await findMerchant(trx, CANARY_MERCHANT)) === undefined) {
      const shop = { name: "Tillwatch itself", zone: "UTC", currency: "EUR", emails: [] };
      await createMerchant(trx, { ...shop, id: CANARY_MERCHANT, is_demo: false }, now);
    }
    if ((await listChannels(trx, CANARY_MERCHANT)).length > 0) return;
    const where = { name: "sink", address: "nowhere", host: "", settings: {} };
    const sink = { merchant_id: CANARY_MERCHANT, kind: "sink", ...where } as const;
    const { id } = await addChannel(trx, sink, sealKey, now);
    const all = { stores: null, at_least: "low", hours: null, critical_any_hour: true } as const;
    const rule: RoutingRule = { ...all, owners: false, emails: [], channels: [id] };
    await addRoutingRule(trx, CANARY_MERCHANT, rule, now);
  });
}

/** Stores a finding as the detectors do. */
export async function sendCanary(db: Postgres, finding: Finding): Promise<void> {
  const { merchant_id, id, detection, subject, level, ts, late } = finding;
  const payload = JSON.stringify(finding);
  await db
    .insertInto("finding")
    .values({ merchant_id, id, detection, subject, level, ts, late, payload, created_at: ts })
    .execute();
}

/** Whether the message about the finding of that instant was accepted. */
export async function canaryArrived(db: Postgres, ts: number): Promise<boolean> {
  const row = await db
    .selectFrom("message")
    .select("id")
    .where("merchant_id", "=", CANARY_MERCHANT)
    .where("event_ts", "=", ts)
    .where("state", "=", "accepted")
    .executeTakeFirst();
  return row !== undefined;
}

/** Removes the rows of canaries of that instant and before. */
export async function clearCanaries(db: Postgres, ts: number): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const old = trx
      .selectFrom("alert")
      .select("id")
      .where("merchant_id", "=", CANARY_MERCHANT)
      .where("first_ts", "<=", ts);
    await trx
      .deleteFrom("message")
      .where("merchant_id", "=", CANARY_MERCHANT)
      .where("alert_id", "in", old)
      .execute();
    for (const table of ["alert_change", "alert_label", "escalation"] as const) {
      await trx
        .deleteFrom(table)
        .where("merchant_id", "=", CANARY_MERCHANT)
        .where("alert_id", "in", old)
        .execute();
    }
    await trx
      .deleteFrom("alert")
      .where("merchant_id", "=", CANARY_MERCHANT)
      .where("first_ts", "<=", ts)
      .execute();
    await trx
      .deleteFrom("finding")
      .where("merchant_id", "=", CANARY_MERCHANT)
      .where("ts", "<=", ts)
      .execute();
  });
}
