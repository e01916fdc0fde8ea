// A detector's statement about events. Its id follows from its content, so a replay can repeat it without doubling it.
import { createHash } from "node:crypto";
import type { Level } from "./level.ts";
import type { Subject } from "./subject.ts";

/** One event as the alert shows it: only what a reader needs, never more than the event itself holds. */
export type EvidenceEvent = {
  event_id: string;
  event_type: string;
  ts: number;
  ts_local?: string;
  store_id?: string;
  terminal_id?: string;
  cashier_id?: string;
  amount?: number;
  currency?: string;
  /** Further fields that the rule looked at, as text: `{ outcome: "declined", last4: "4242" }`. */
  fields: Record<string, string>;
};

export type Finding = {
  /** See {@link findingId}. */
  id: string;
  merchant_id: string;
  /** Catalogue id (file name), such as `card-testing-source`. */
  detection: string;
  /** `name` of the outermost rule document. */
  rule: string;
  rule_version: number;
  title: string;
  level: Level;
  subject: Subject;
  /** Values of the group-by fields, by field. */
  group: Record<string, string>;
  /** The instant at which it fired, UTC ms. */
  ts: number;
  /** Measured value of an aggregate rule, or null for a single-event rule. */
  value: number | null;
  /** Threshold that the value met, or null. */
  threshold: number | null;
  /** Money concerned, minor units, and its currency; null where no amount applies. */
  amount: number | null;
  currency: string | null;
  explanation: string;
  /** "Would not fire at 4 declines." Empty where it makes no sense. */
  counterfactual: string;
  store_id: string | null;
  terminal_id: string | null;
  cashier_id: string | null;
  /** At most 20 events, newest last; `event_count` says how many there were. */
  evidence: EvidenceEvent[];
  event_count: number;
  /** True when an event arrived after its instant had been judged, and this was found by judging again. */
  late: boolean;
};

/**
 * The id of a finding: SHA-256 over (merchant, rule, version, group in key order, instant), 32 hex digits.
 * The same events give the same id on every run, live, replayed or as SQL.
 */
export function findingId(
  of: Pick<Finding, "merchant_id" | "rule" | "rule_version" | "group" | "ts">,
): string {
  const group = Object.keys(of.group)
    .sort()
    .map((key) => [key, of.group[key]]);
  const content = JSON.stringify([of.merchant_id, of.rule, of.rule_version, group, of.ts]);
  return createHash("sha256").update(content).digest("hex").slice(0, 32);
}
