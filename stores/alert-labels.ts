// What is known of alerts, and since when: rows are added, never changed, so that the past can be asked what it knew.
import { sql } from "kysely";
import type { Alert } from "../core/alert.ts";
import type { AlertLabel, NewAlertLabel } from "../core/alert-label.ts";
import type { Postgres } from "./connect/postgres.ts";

/** False when a provider's same word about the same payment stands there already. */
export async function addAlertLabel(
  trx: Postgres,
  on: { merchantId: string; alertId: string },
  label: NewAlertLabel,
): Promise<boolean> {
  const row = { ...label, merchant_id: on.merchantId, alert_id: on.alertId };
  const made = await trx
    .insertInto("alert_label")
    .values(row)
    .onConflict((conflict) => conflict.doNothing())
    .returning("seq")
    .executeTakeFirst();
  return made !== undefined;
}

const SHOWN = [
  "seq",
  "kind",
  "actor",
  "label",
  "known_at",
  "event_id",
  "about",
  "reason_code",
] as const;

/** Oldest first, at most 500. */
export async function listAlertLabels(
  db: Postgres,
  merchantId: string,
  alertId: string,
): Promise<AlertLabel[]> {
  return await db
    .selectFrom("alert_label")
    .select(SHOWN)
    .where("merchant_id", "=", merchantId)
    .where("alert_id", "=", alertId)
    .orderBy("seq")
    .limit(500)
    .execute();
}

/** An alert as precision sees it, with all that is known of it. */
export type ToldAlert = Pick<
  Alert,
  "id" | "detection" | "subject" | "rule" | "rule_version" | "level" | "first_ts" | "last_ts"
> & { labels: AlertLabel[] };

/** Alerts that touch the span (UTC ms, both ends included), by their first finding. `labelled`: only those of which something is known. */
export async function alertsWithLabels(
  db: Postgres,
  merchantId: string,
  of: { fromTs: number; toTs: number; labelled?: boolean },
): Promise<ToldAlert[]> {
  const labelled = of.labelled === true;
  const { rows } = await sql<ToldAlert & { first_ts: number | string; last_ts: number | string }>`
    SELECT a.id, a.detection, a.subject, a.level, a.first_ts, a.body->>'rule' AS rule,
      (a.body->>'rule_version')::bigint AS rule_version, (a.body->>'last_ts')::bigint AS last_ts,
      coalesce(l.labels, '[]'::jsonb) AS labels
    FROM tillwatch.alert a
    LEFT JOIN LATERAL (
      SELECT jsonb_agg(to_jsonb(own) - 'merchant_id' - 'alert_id' ORDER BY own.seq) AS labels
      FROM tillwatch.alert_label own WHERE own.merchant_id = a.merchant_id AND own.alert_id = a.id
    ) l ON true
    WHERE a.merchant_id = ${merchantId} AND a.first_ts <= ${of.toTs}
      AND (body->>'last_ts')::bigint >= ${of.fromTs} AND (NOT ${labelled} OR l.labels IS NOT NULL)
    ORDER BY a.first_ts, a.id`.execute(db);
  return rows.map((row) => ({
    ...row,
    rule_version: Number(row.rule_version),
    first_ts: Number(row.first_ts),
    last_ts: Number(row.last_ts),
  }));
}

/** A finding joins a snoozed alert for up to 30 days after it opened, so an event may be that much younger than its alert. */
const JOINS_MS = 31 * 86_400_000;

/** Alerts whose evidence shows one of the events, and which; opened at most a month before `fromTs` (UTC ms). */
export async function alertsShowing(
  db: Postgres,
  merchantId: string,
  eventIds: readonly string[],
  fromTs: number,
): Promise<{ alertId: string; eventIds: string[] }[]> {
  if (eventIds.length === 0) return [];
  const { rows } = await sql<{ id: string; shown: string[] }>`
    SELECT a.id, array_agg(e->>'event_id') AS shown
    FROM tillwatch.alert a, jsonb_array_elements(a.body->'evidence') e
    WHERE a.merchant_id = ${merchantId} AND a.opened_at >= ${fromTs - JOINS_MS}
      AND e->>'event_id' = ANY(${[...eventIds]})
    GROUP BY a.id ORDER BY a.id`.execute(db);
  return rows.map(({ id, shown }) => ({ alertId: id, eventIds: shown }));
}
