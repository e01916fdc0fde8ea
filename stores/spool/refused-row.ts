// Makes a quarantine row from a row that the store refused, as far as it can be read.
import { contentId } from "../../core/ids.ts";
import { decodeEvent } from "../event-columns.ts";
import { encodeQuarantined } from "../quarantine.ts";

export type SpoolKind = "event" | "delivery" | "quarantine";
/** A row that ClickHouse refused for what it holds. */
export type RefusedRow = { kind: SpoolKind; line: string; detail: string };

/** Its id follows from the line: a restart in the middle of a split sets no row aside twice. */
export function quarantineLine({ kind, line, detail }: RefusedRow, nowMs: number): string {
  const known = kind === "event" ? readEvent(line) : readDelivery(line);
  return encodeQuarantined({
    merchant_id: known.merchant_id,
    quarantine_id: `qua_${contentId("refused", kind, line)}`,
    received_ts: known.received_ts ?? nowMs,
    source: known.source,
    connection_id: known.connection_id,
    reason: "store_refused",
    detail: detail.slice(0, 500),
    event_id: known.event_id,
    body: known.body,
  });
}

const UNREADABLE = { merchant_id: "", source: "", connection_id: "", event_id: "" };

function readEvent(line: string) {
  try {
    const event = decodeEvent(JSON.parse(line) as unknown[]);
    return {
      merchant_id: String(event.merchant_id),
      source: String(event.source),
      connection_id: "",
      event_id: String(event.event_id),
      received_ts: timeOf(event.received_ts),
      body: JSON.stringify(event),
    };
  } catch {
    return { ...UNREADABLE, received_ts: undefined, body: line };
  }
}

function readDelivery(line: string) {
  try {
    const row = JSON.parse(line) as unknown[];
    return {
      ...UNREADABLE,
      merchant_id: String(row[0]),
      connection_id: String(row[3]),
      source: String(row[4]),
      received_ts: timeOf(row[1]),
      body: line,
    };
  } catch {
    return { ...UNREADABLE, received_ts: undefined, body: line };
  }
}

/** A time that the quarantine's own column can hold. */
function timeOf(value: unknown): number | undefined {
  return Number.isInteger(value) && Number(value) > 0 && Number(value) < 7e12
    ? Number(value)
    : undefined;
}
