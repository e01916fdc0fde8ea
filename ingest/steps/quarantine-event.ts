// An event that does not fit is kept, scrubbed, with the reason: it can be replayed after a fix.
import { maskCardData } from "../../core/card-data.ts";
import type { CheckedEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import type { RawEvent } from "../../core/event-body.ts";
import type { EventOutcome } from "../../core/event-outcome.ts";
import { contentId, newId } from "../../core/ids.ts";
import { encodeQuarantined } from "../../stores/quarantine.ts";
import { cardDataFound } from "./report-card-data.ts";
import { type FoundInField, scrubValue } from "./scrub-delivery.ts";

const LONGEST_BODY = 65_536;
const KEEP_ALL = { keeps: "all", storedValue: new Set<string>() } as const;

type From = { merchantId: string; source: string; connectionId?: string; nowMs: number };
type Refusal = Extract<CheckedEvent, { ok: false }>;
export type SetAside = {
  line: string;
  outcome: EventOutcome;
  found: FoundInField[];
  /** Reports of card data that was masked on the way. */
  reports: EventDraft[];
};

export function quarantineEvent(raw: RawEvent, refusal: Refusal, from: From): SetAside {
  const { body, found } = "fault" in raw ? maskedLine(raw.text) : scrubValue(raw.value, KEEP_ALL);
  const eventId = "fault" in raw ? undefined : readableId(raw.value);
  const quarantineId = newId("qua", from.nowMs);
  const { reason, detail } = refusal;
  const line = encodeQuarantined({
    merchant_id: from.merchantId,
    quarantine_id: quarantineId,
    received_ts: from.nowMs,
    source: from.source,
    connection_id: from.connectionId ?? "",
    reason,
    detail,
    event_id: eventId ?? "",
    body: body.length > LONGEST_BODY ? body.slice(0, LONGEST_BODY) : body,
  });
  // Without an id the content names it, so that a bad event sent again and again reports once.
  const subject = {
    event_id: eventId ?? contentId("body", body),
    event_type: "quarantined",
    ts: from.nowMs,
  };
  const base = { outcome: "quarantined", quarantine_id: quarantineId, reason, detail } as const;
  return {
    line,
    found,
    outcome: eventId === undefined ? base : { ...base, event_id: eventId },
    reports: cardDataFound(subject, found, from.merchantId),
  };
}

function maskedLine(text: string): { body: string; found: FoundInField[] } {
  const scan = maskCardData(text.slice(0, LONGEST_BODY));
  return { body: scan.text, found: scan.found.map((kind) => ({ field: "line", kind })) };
}

/** The sender's id, where it is one and holds no card data. */
function readableId(value: unknown): string | undefined {
  const id = (value as { event_id?: unknown } | null)?.event_id;
  if (typeof id !== "string" || !/^[A-Za-z0-9_.:-]{1,64}$/.test(id)) return undefined;
  return maskCardData(id).found.length > 0 ? undefined : id;
}
