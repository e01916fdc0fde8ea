// What a person sees: findings grouped by detection and subject, with a life-cycle.
import type { EvidenceEvent } from "./finding.ts";
import type { Level } from "./level.ts";
import type { Subject } from "./subject.ts";

export const ALERT_STATES = ["open", "acknowledged", "resolved"] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** A person's verdict. */
export const LABELS = ["fraud", "not_fraud", "unsure"] as const;
export type Label = (typeof LABELS)[number];

export type Alert = {
  id: string;
  merchant_id: string;
  detection: string;
  rule: string;
  rule_version: number;
  title: string;
  level: Level;
  subject: Subject;
  state: AlertState;
  label: Label | null;
  /** Why it was resolved so, in the person's words; scrubbed. */
  reason: string | null;
  /** Instant of the first and the newest finding, UTC ms. */
  first_ts: number;
  last_ts: number;
  opened_at: number;
  acknowledged_at: number | null;
  acknowledged_by: string | null;
  resolved_at: number | null;
  resolved_by: string | null;
  finding_count: number;
  /** Distinct events of its findings that we know of (an upper bound once evidence is cut at 20 a finding). */
  event_count: number;
  /** Money at risk: minor units, or null. Mixed currencies are never added: the first one stays. */
  amount: number | null;
  currency: string | null;
  value: number | null;
  threshold: number | null;
  explanation: string;
  counterfactual: string;
  store_id: string | null;
  terminal_id: string | null;
  cashier_id: string | null;
  /** At most 20, newest last. */
  evidence: EvidenceEvent[];
};

/** What a person may do with an alert. `reason` is scrubbed of card data before it is kept. */
export type AlertAct =
  | { act: "acknowledge" }
  | { act: "resolve"; label: Label; reason: string | null };

/** Does it, with an audit entry in the same transaction. Throws NOT_FOUND or CONFLICT. */
export type ActOnAlert = (
  on: { merchantId: string; alertId: string },
  act: AlertAct,
  by: { actor: string; address: string | null },
) => Promise<Alert>;
