// What a person sees: findings grouped by detection and subject, with a life-cycle.
import type { EvidenceEvent } from "./finding.ts";
import type { Level } from "./level.ts";
import type { Subject } from "./subject.ts";

export const ALERT_STATES = [
  "open",
  "acknowledged",
  "in_progress",
  "snoozed",
  "reopened",
  "resolved",
] as const;
export type AlertState = (typeof ALERT_STATES)[number];

/** States in which nobody has it in hand. */
export const WAITING_STATES: readonly AlertState[] = ["open", "reopened"];

export function isWaiting(state: AlertState): boolean {
  return WAITING_STATES.includes(state);
}

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
  /** Who works on it, and since when. */
  started_at: number | null;
  started_by: string | null;
  resolved_at: number | null;
  resolved_by: string | null;
  reopened_at: number | null;
  reopened_by: string | null;
  /** More of the same is kept from people until then, UTC ms; null: not snoozed. */
  snoozed_until: number | null;
  snoozed_by: string | null;
  snooze_reason: string | null;
  /** Findings that the newest snooze hid. */
  hidden_count: number;
  /** When people were first told; null: not yet, or there was no need to. */
  told_at: number | null;
  /** Since when it waits for a digest, and why; null: it does not. */
  held_at: number | null;
  held_why: string | null;
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
  | { act: "start" }
  | { act: "resolve"; label: Label; reason: string | null }
  | { act: "reopen"; reason: string | null }
  /** `until`: UTC ms, at most {@link MOST_SNOOZE_MS} ahead. */
  | { act: "snooze"; until: number; reason: string };

/** The longest snooze, for somebody who is signed in. */
export const MOST_SNOOZE_MS = 30 * 86_400_000;

/** Does it, with a row of its history and an audit entry in the same transaction. Throws NOT_FOUND or CONFLICT. */
export type ActOnAlert = (
  on: { merchantId: string; alertId: string },
  act: AlertAct,
  by: { actor: string; address: string | null },
) => Promise<Alert>;

/** What may happen to an alert; those of the service are told from a person's by the actor. */
export const ALERT_CHANGES = [
  "open",
  "escalate",
  "acknowledge",
  "start",
  "snooze",
  "wake",
  "resolve",
  "reopen",
  "withdraw",
] as const;
export type AlertChangeAct = (typeof ALERT_CHANGES)[number];

/** One change of an alert: who, when, from where, and what it was before. */
export type AlertChange = {
  merchant_id: string;
  alert_id: string;
  /** 1 for the first, without gaps. */
  seq: number;
  act: AlertChangeAct;
  at: number;
  actor: string;
  /** Network address that the person came from; null for the service. */
  address: string | null;
  /** Null where there was no alert before. */
  from_state: AlertState | null;
  to_state: AlertState;
  level: Level;
  /** Reason, verdict, expiry of a snooze, how much it hid: what belongs to that act. */
  details: Record<string, string | number | null>;
};
