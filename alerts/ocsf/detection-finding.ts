// An alert as OCSF tells it, for a SIEM: class Detection Finding (2004). Pure; https://schema.ocsf.io/1.5.0/classes/detection_finding
import type { Alert } from "../../core/alert.ts";
import { maskCardData } from "../../core/card-data.ts";
import type { EvidenceEvent } from "../../core/finding.ts";
import type { Level } from "../../core/level.ts";
import { subjectParts } from "../../core/subject.ts";

/** The version that the output follows; a test holds it against that version's own text. */
const OCSF_VERSION = "1.5.0";
const CATEGORY = { uid: 2, name: "Findings" };
const CLASS = { uid: 2004, name: "Detection Finding" };

type Named = readonly [id: number, caption: string];

const ACTIVITY = {
  create: [1, "Create"],
  update: [2, "Update"],
  close: [3, "Close"],
} as const satisfies Record<string, Named>;

const SEVERITY: Record<Level, Named> = {
  informational: [1, "Informational"],
  low: [2, "Low"],
  medium: [3, "Medium"],
  high: [4, "High"],
  critical: [5, "Critical"],
};

/** What tells of a card stays out of evidence: the keyed fingerprint too, and gift cards, which are money. */
const CARD_FIELDS = new Set([
  "card_token",
  "sale_card_token",
  "card_xhash",
  "bin",
  "last4",
  "card_expiry",
  "gift_card_id",
]);

export type DetectionFinding = Record<string, unknown>;

/** One alert as it stands now, as one OCSF event. In: an alert. Out: plain JSON; absent values are left out. */
export function toDetectionFinding(alert: Alert): DetectionFinding {
  const [activity_id, activity_name] = activityOf(alert);
  const [severity_id, severity] = SEVERITY[alert.level];
  const [status_id, status] = statusOf(alert);
  const title = plain(alert.title);
  return without({
    activity_id,
    activity_name,
    category_uid: CATEGORY.uid,
    category_name: CATEGORY.name,
    class_uid: CLASS.uid,
    class_name: CLASS.name,
    type_uid: CLASS.uid * 100 + activity_id,
    type_name: `${CLASS.name}: ${activity_name}`,
    severity_id,
    severity,
    status_id,
    status,
    status_code: alert.label ?? undefined,
    status_detail: alert.reason === null ? undefined : plain(alert.reason),
    is_alert: alert.state !== "resolved",
    time: alert.opened_at,
    start_time: Math.min(alert.first_ts, alert.last_ts),
    end_time: alert.last_ts,
    message: alert.explanation === "" ? title : `${title}: ${plain(alert.explanation)}`,
    metadata: {
      version: OCSF_VERSION,
      product: { name: "Tillwatch", vendor_name: "Tillwatch" },
      uid: alert.id,
      tenant_uid: alert.merchant_id,
      logged_time: alert.opened_at,
      modified_time: modifiedAt(alert),
    },
    finding_info: findingInfo(alert, title),
    resources: resourcesOf(alert),
    evidences: alert.evidence.length === 0 ? undefined : alert.evidence.map(evidenceOf),
    unmapped: unmapped(alert),
  });
}

function activityOf(alert: Alert): Named {
  if (alert.state === "resolved") return ACTIVITY.close;
  return alert.state === "open" && alert.finding_count === 1 ? ACTIVITY.create : ACTIVITY.update;
}

/** Suppressed is OCSF's word for "looked at, and harmless", and for what a person has put to sleep. */
function statusOf({ state, label }: Alert): Named {
  switch (state) {
    case "open":
    case "reopened":
      return [1, "New"];
    case "acknowledged":
    case "in_progress":
      return [2, "In Progress"];
    case "snoozed":
      return [3, "Suppressed"];
    case "resolved":
      return label === "not_fraud" ? [3, "Suppressed"] : [4, "Resolved"];
  }
}

/** The newest of what the alert knows of: a finding that joined it has no time but its event's. */
function modifiedAt({ opened_at, last_ts, acknowledged_at, resolved_at }: Alert): number {
  return Math.max(opened_at, last_ts, acknowledged_at ?? 0, resolved_at ?? 0);
}

function findingInfo(alert: Alert, title: string): Record<string, unknown> {
  return without({
    uid: alert.id,
    title,
    desc: alert.explanation === "" ? undefined : plain(alert.explanation),
    types: [alert.detection],
    analytic: {
      type_id: 1,
      type: "Rule",
      name: alert.rule,
      uid: alert.detection,
      version: String(alert.rule_version),
    },
    created_time: alert.opened_at,
    modified_time: modifiedAt(alert),
    first_seen_time: Math.min(alert.first_ts, alert.last_ts),
    last_seen_time: alert.last_ts,
    related_events_count: alert.event_count,
  });
}

type Resource = { type: string; uid?: string; name?: string };

/** What the alert is about first, then where and who, each once. */
function resourcesOf(alert: Alert): Resource[] {
  const { type, id } = subjectParts(alert.subject);
  // A card range is digits of a card's number, a gift card's id may be spent by whoever has it.
  const hidden = type === "bin" || type === "gift_card";
  const first: Resource = hidden ? { type, name: type } : { type, uid: plain(id) };
  const places: [string, string | null][] = [
    ["store", alert.store_id],
    ["terminal", alert.terminal_id],
    ["cashier", alert.cashier_id],
  ];
  const rest = places.flatMap(([kind, uid]) =>
    uid === null || kind === type ? [] : [{ type: kind, uid: plain(uid) }],
  );
  return [first, ...rest];
}

function evidenceOf(event: EvidenceEvent): Record<string, unknown> {
  const { event_id, event_type, ts, ts_local, fields, ...rest } = event;
  const shown = Object.entries(fields).filter(([name]) => !CARD_FIELDS.has(name));
  const { amount, currency, ...who } = rest;
  return {
    name: event_type,
    uid: plain(event_id),
    data: without({
      ts,
      ts_local,
      amount_minor: amount,
      currency,
      ...Object.fromEntries(Object.entries(who).map(([name, text]) => [name, plain(text)])),
      fields: Object.fromEntries(shown.map(([name, text]) => [name, plain(text)])),
    }),
  };
}

/** What OCSF has no word for: money, measure, who judged. */
function unmapped(alert: Alert): Record<string, unknown> {
  return without({
    amount_minor: alert.amount ?? undefined,
    currency: alert.currency ?? undefined,
    value: alert.value ?? undefined,
    threshold: alert.threshold ?? undefined,
    counterfactual: alert.counterfactual === "" ? undefined : plain(alert.counterfactual),
    finding_count: alert.finding_count,
    label: alert.label ?? undefined,
    acknowledged_by: alert.acknowledged_by ?? undefined,
    acknowledged_at: alert.acknowledged_at ?? undefined,
    resolved_by: alert.resolved_by ?? undefined,
    resolved_at: alert.resolved_at ?? undefined,
  });
}

/** Texts were scrubbed when they came in; this is the second lock at a door to the outside. */
function plain(text: string): string {
  return maskCardData(text).text.toWellFormed();
}

function without(given: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
