// The alert as the API gives it, for the answer and for the OpenAPI document.
import { z } from "zod";
import {
  ALERT_CHANGES,
  ALERT_STATES,
  type Alert,
  type AlertChange,
  LABELS,
} from "../core/alert.ts";
import { type AlertLabel, LABEL_KINDS } from "../core/alert-label.ts";
import { LEVELS } from "../core/level.ts";
import type { Subject } from "../core/subject.ts";

const EvidenceShape = z.object({
  event_id: z.string(),
  event_type: z.string(),
  ts: z.int().describe("UTC milliseconds"),
  ts_local: z.string().optional().describe("the store's wall clock"),
  store_id: z.string().optional(),
  terminal_id: z.string().optional(),
  cashier_id: z.string().optional(),
  amount: z.int().optional().describe("minor units of currency"),
  currency: z.string().optional(),
  fields: z.record(z.string(), z.string()).describe("what the rule looked at"),
});

export const AlertShape = z
  .object({
    id: z.string(),
    merchant_id: z.string(),
    detection: z.string().describe("catalogue id of what found it"),
    rule: z.string(),
    rule_version: z.int(),
    title: z.string(),
    level: z.enum(LEVELS),
    subject: z.custom<Subject>((value) => typeof value === "string").meta({ type: "string" }),
    state: z.enum(ALERT_STATES),
    label: z.enum(LABELS).nullable().describe("the verdict of whoever resolved it"),
    reason: z.string().nullable(),
    first_ts: z.int().describe("instant of the first finding, UTC ms"),
    last_ts: z.int().describe("instant of the newest finding, UTC ms"),
    opened_at: z.int(),
    acknowledged_at: z.int().nullable(),
    acknowledged_by: z.string().nullable(),
    started_at: z.int().nullable(),
    started_by: z.string().nullable().describe("who works on it"),
    resolved_at: z.int().nullable(),
    resolved_by: z.string().nullable(),
    reopened_at: z.int().nullable(),
    reopened_by: z.string().nullable(),
    snoozed_until: z.int().nullable().describe("more of the same is kept quiet until then, UTC ms"),
    snoozed_by: z.string().nullable(),
    snooze_reason: z.string().nullable(),
    hidden_count: z.int().describe("findings that the newest snooze hid"),
    told_at: z.int().nullable().describe("when people were first told"),
    held_at: z.int().nullable().describe("since when it waits for a digest"),
    held_why: z.string().nullable(),
    finding_count: z.int(),
    event_count: z.int(),
    amount: z.int().nullable().describe("money concerned, minor units of currency"),
    currency: z.string().nullable(),
    value: z.number().nullable().describe("what the rule measured"),
    threshold: z.number().nullable(),
    explanation: z.string(),
    counterfactual: z.string(),
    store_id: z.string().nullable(),
    terminal_id: z.string().nullable(),
    cashier_id: z.string().nullable(),
    evidence: z.array(EvidenceShape).describe("at most 20 events, newest last"),
  })
  .describe("One alert") satisfies z.ZodType<Alert>;

export const AlertChangeShape = z
  .object({
    merchant_id: z.string(),
    alert_id: z.string(),
    seq: z.int(),
    act: z.enum(ALERT_CHANGES),
    at: z.int().describe("UTC milliseconds"),
    actor: z.string(),
    address: z.string().nullable().describe("network address that the person came from"),
    from_state: z.enum(ALERT_STATES).nullable(),
    to_state: z.enum(ALERT_STATES),
    level: z.enum(LEVELS),
    details: z.record(z.string(), z.union([z.string(), z.number(), z.null()])),
  })
  .describe("One change of an alert") satisfies z.ZodType<AlertChange>;

export const AlertLabelShape = z
  .object({
    seq: z.int(),
    kind: z.enum(LABEL_KINDS).describe("verdict: a person's; the others are a provider's word"),
    actor: z.string(),
    label: z.enum(LABELS).nullable().describe("null: the person took the verdict back"),
    known_at: z.int().describe("when we learnt it, UTC milliseconds"),
    event_id: z.string().nullable().describe("the event that brought a provider's word"),
    about: z.string().nullable().describe("the payment or card that the provider spoke of"),
    reason_code: z.string().nullable(),
  })
  .describe("One thing that is known of an alert") satisfies z.ZodType<AlertLabel>;
