// Events set aside with their reason: written through the spool, listed, read for a replay, marked when replayed.
import type { QuarantineReason } from "../core/event-outcome.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";

/** `body` is what was sent, card data masked; `event_id` and `connection_id` are "" where there is none. */
export type Quarantined = {
  merchant_id: string;
  quarantine_id: string;
  received_ts: number;
  source: string;
  connection_id: string;
  reason: QuarantineReason;
  detail: string;
  event_id: string;
  body: string;
};
export type QuarantinedRow = Quarantined & { state: "waiting" | "replayed"; state_ts: number };

export const QUARANTINE_COLUMNS = [
  "merchant_id",
  "quarantine_id",
  "received_ts",
  "source",
  "connection_id",
  "reason",
  "detail",
  "event_id",
  "body",
  "state",
  "state_ts",
] as const satisfies readonly (keyof QuarantinedRow)[];

function encode(row: Quarantined, state: QuarantinedRow["state"], stateTs: number): string {
  return JSON.stringify([
    row.merchant_id,
    row.quarantine_id,
    row.received_ts,
    row.source,
    row.connection_id,
    row.reason,
    row.detail.toWellFormed(),
    row.event_id.toWellFormed(),
    row.body.toWellFormed(),
    state,
    stateTs,
  ]);
}

/** One line for the spool: a row that waits. */
export function encodeQuarantined(row: Quarantined): string {
  return encode(row, "waiting", row.received_ts);
}

/** One line for the spool that marks a row as replayed at `nowMs`. */
export function encodeReplayed(row: Quarantined, nowMs: number): string {
  return encode(row, "replayed", Math.max(nowMs, row.received_ts + 1));
}

const ROWS = `
  SELECT merchant_id, quarantine_id, toUnixTimestamp64Milli(q.received_ts) AS received_ts, source, connection_id,
         reason, detail, event_id, body, state, toUnixTimestamp64Milli(q.state_ts) AS state_ts
  FROM quarantine AS q FINAL
  WHERE merchant_id = {merchant:String}`;

/** A merchant's rows that wait, newest first; `limit` at most 1000. `reason` narrows it down. */
export function listQuarantine(
  ch: ClickHouse,
  merchantId: string,
  { limit, reason }: { limit: number; reason?: QuarantineReason },
): Promise<QuarantinedRow[]> {
  return ch.query<QuarantinedRow>(
    merchantId,
    `${ROWS} AND state = 'waiting' AND ({reason:String} = '' OR reason = {reason:String})
     ORDER BY q.received_ts DESC, quarantine_id DESC LIMIT {limit:UInt32}`,
    { merchant: merchantId, limit: Math.min(1000, limit), reason: reason ?? "" },
  );
}

/** Rows by their ids, replayed ones too; ids of other merchants find nothing. At most 1000. */
export function readQuarantined(
  ch: ClickHouse,
  merchantId: string,
  ids: readonly string[],
): Promise<QuarantinedRow[]> {
  return ch.query<QuarantinedRow>(
    merchantId,
    `${ROWS} AND quarantine_id IN {ids:Array(String)} ORDER BY q.received_ts, quarantine_id LIMIT 1000`,
    { merchant: merchantId, ids: ids.slice(0, 1000) },
  );
}
