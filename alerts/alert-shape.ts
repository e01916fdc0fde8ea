// The alert as the API gives it, for the answer and for the OpenAPI document.
import { z } from "zod";
import { ALERT_STATES, type Alert, LABELS } from "../core/alert.ts";
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
    resolved_at: z.int().nullable(),
    resolved_by: z.string().nullable(),
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
