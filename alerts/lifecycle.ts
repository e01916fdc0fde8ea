// Decides what becomes of an alert: a table of inputs and states, without clock, store or mail server.

import { type Alert, type AlertState, type Label, MOST_SNOOZE_MS } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import type { Finding } from "../core/finding.ts";
import { contentId } from "../core/ids.ts";
import { compareLevels, type Level } from "../core/level.ts";
import { MAX_EVIDENCE, mergeFinding } from "./merge-finding.ts";

/** Later findings on the same subject add to an alert for this long, unless the rule names another span. */
export const COOLDOWN_MS = 86_400_000;

const WITHDRAWN = "Withdrawn: an event that arrived late shows that the rule does not hold.";

type HumanInput =
  | { kind: "acknowledge"; by: string }
  | { kind: "start"; by: string }
  | { kind: "resolve"; by: string; label: Label; reason: string | null }
  | { kind: "reopen"; by: string }
  | { kind: "snooze"; by: string; until: number; reason: string | null };

export type Input =
  | HumanInput
  /** `cooldownMs`: how long after the first finding later ones still add to the alert; null = {@link COOLDOWN_MS}. */
  | { kind: "finding"; finding: Finding; cooldownMs: number | null }
  /** Its snooze may be over. */
  | { kind: "wake" }
  /** A late event shows that some of its findings do not hold; `standing`: how many still do. */
  | { kind: "withdrawn"; standing: number };

/**
 * What must be told, or null. `escalated_…` names the level that was reached, `woke_…` the end of the snooze, so that
 * each is told once.
 */
export type Say = "opened" | `escalated_${Level}` | `woke_${number}` | "withdrawn" | null;

export type Step = { alert: Alert; say: Say };

/**
 * A person's acts: from which states, and to which. Any other state is a CONFLICT, so that two people notice each other.
 * A resolved alert takes another verdict, not the same one again; a snooze takes another expiry.
 */
export const ACTS = {
  acknowledge: { from: ["open", "reopened", "snoozed"], to: "acknowledged" },
  start: { from: ["open", "reopened", "snoozed", "acknowledged"], to: "in_progress" },
  snooze: { from: ["open", "reopened", "snoozed", "acknowledged", "in_progress"], to: "snoozed" },
  resolve: {
    from: ["open", "reopened", "snoozed", "acknowledged", "in_progress", "resolved"],
    to: "resolved",
  },
  reopen: { from: ["resolved"], to: "reopened" },
} as const satisfies Record<HumanInput["kind"], { from: AlertState[]; to: AlertState }>;

/**
 * The one decision. In: the alert as it stands (undefined: there is none within the cool-down), what happened, and
 * now in UTC ms. Out: the alert after it, and what to tell people. A finding may open a new alert: then the id differs.
 * Throws CONFLICT when a person's act does not fit the state ({@link ACTS}), NOT_FOUND when there is no alert to act on.
 *
 * | state        | finding beyond the cool-down | finding within it                        | nothing stands any more |
 * |--------------|------------------------------|------------------------------------------|-------------------------|
 * | none         | open, say opened             | open, say opened                         | NOT_FOUND               |
 * | open         | a new one, say opened        | add; higher level: say escalated         | resolved, say withdrawn |
 * | reopened     | a new one, say opened        | add; higher level: say escalated         | resolved, say withdrawn |
 * | acknowledged | a new one, say opened        | add; higher level: open, say escalated   | resolved, say withdrawn |
 * | in_progress  | a new one, say opened        | add; higher level: open, say escalated   | resolved, say withdrawn |
 * | snoozed      | as within                    | add and count it as hidden; higher level: open, say escalated | resolved, say withdrawn |
 * | resolved     | a new one, say opened        | not_fraud at no higher level: add silently; else a new one, say opened | stays |
 *
 * A snooze that is over is open again, before anything else is looked at; it says so when it hid something.
 */
export function next(before: Alert | undefined, input: Input, now: number): Step {
  const { alert, say } = before === undefined ? NOTHING : wake(before, now);
  switch (input.kind) {
    case "finding": {
      const step =
        alert === undefined || startsAnew(alert, input)
          ? { alert: open(input.finding, now), say: "opened" as const }
          : add(alert, input.finding);
      return step.say === null ? { ...step, say } : step;
    }
    case "wake":
      return { alert: existing(alert), say };
    case "withdrawn":
      return withdraw(existing(alert), input.standing, now);
    default:
      return { alert: act(existing(alert), input, now), say: null };
  }
}

const NOTHING = { alert: undefined, say: null } as const;
const AWAKE = { snoozed_until: null, snoozed_by: null, snooze_reason: null } as const;

function wake(alert: Alert, now: number): Step {
  if (alert.snoozed_until === null || now < alert.snoozed_until) return { alert, say: null };
  const say = alert.hidden_count > 0 ? (`woke_${alert.snoozed_until}` as const) : null;
  return { alert: { ...alert, ...AWAKE, state: "open" }, say };
}

/**
 * Only a verdict of "not fraud" silences, for the rest of the cool-down and up to the level that was judged: the person
 * has just looked at this subject. After "fraud" or "unsure" more of the same is news, so it opens a new alert.
 */
function startsAnew(
  alert: Alert,
  { finding, cooldownMs }: { finding: Finding; cooldownMs: number | null },
): boolean {
  // A snooze holds for as long as the person said.
  if (alert.state === "snoozed") return false;
  // Counted from the first finding, either way: a trouble that goes on says so once a day, it does not fall silent.
  if (Math.abs(finding.ts - alert.first_ts) >= (cooldownMs ?? COOLDOWN_MS)) return true;
  if (alert.state !== "resolved") return false;
  return alert.label !== "not_fraud" || compareLevels(finding.level, alert.level) > 0;
}

const UNTOUCHED = {
  ...{ state: "open" as const, label: null, reason: null },
  ...{ acknowledged_at: null, acknowledged_by: null, started_at: null, started_by: null },
  ...{ resolved_at: null, resolved_by: null, reopened_at: null, reopened_by: null },
  ...AWAKE,
  ...{ hidden_count: 0, told_at: null, held_at: null, held_why: null },
};

function open(finding: Finding, now: number): Alert {
  return {
    // From the finding, so that a second worker or a replay cannot open the same alert under another id.
    id: `alt_${contentId("alert", finding.id)}`,
    merchant_id: finding.merchant_id,
    detection: finding.detection,
    rule: finding.rule,
    rule_version: finding.rule_version,
    title: finding.title,
    level: finding.level,
    subject: finding.subject,
    ...UNTOUCHED,
    first_ts: finding.ts,
    last_ts: finding.ts,
    opened_at: now,
    finding_count: 1,
    event_count: Math.max(finding.event_count, finding.evidence.length),
    amount: finding.amount,
    currency: finding.currency,
    value: finding.value,
    threshold: finding.threshold,
    explanation: finding.explanation,
    counterfactual: finding.counterfactual,
    store_id: finding.store_id,
    terminal_id: finding.terminal_id,
    cashier_id: finding.cashier_id,
    evidence: finding.evidence.slice(-MAX_EVIDENCE),
  };
}

function add(alert: Alert, finding: Finding): Step {
  const merged = mergeFinding(alert, finding);
  if (compareLevels(finding.level, alert.level) <= 0) {
    const hidden_count = alert.hidden_count + (alert.state === "snoozed" ? 1 : 0);
    return { alert: { ...merged, hidden_count }, say: null };
  }
  const say = `escalated_${finding.level}` as const;
  if (alert.state === "reopened") return { alert: merged, say };
  // Someone took note of a lesser trouble; the greater one needs looking at afresh.
  return { alert: { ...merged, ...AWAKE, state: "open" }, say };
}

function existing(alert: Alert | undefined): Alert {
  if (alert === undefined) throw new AppError("NOT_FOUND", "There is no such alert.");
  return alert;
}

/** A person's act: whether it fits the state, then what it writes. */
function act(alert: Alert, input: HumanInput, now: number): Alert {
  const { from, to } = ACTS[input.kind];
  const { state, label } = alert;
  if (!(from as readonly AlertState[]).includes(state)) {
    const word = state === "in_progress" ? "in progress" : state;
    const details = { state };
    throw new AppError("CONFLICT", `The alert is ${word}: this does not fit.`, { details });
  }
  if (input.kind === "resolve" && state === "resolved" && label === input.label) {
    const details = { state, label };
    throw new AppError("CONFLICT", "The alert is already resolved with this label.", { details });
  }
  if (input.kind === "snooze" && !(input.until > now && input.until <= now + MOST_SNOOZE_MS)) {
    throw new AppError("REQUEST_INVALID", "A snooze ends later than now, within 30 days.");
  }
  return { ...alert, ...AWAKE, ...written(alert, input, now), state: to };
}

function written(alert: Alert, input: HumanInput, now: number): Partial<Alert> {
  const { by } = input;
  switch (input.kind) {
    case "acknowledge":
      return { acknowledged_at: now, acknowledged_by: by };
    case "start":
      return { started_at: now, started_by: by };
    case "resolve":
      return { label: input.label, reason: input.reason, resolved_at: now, resolved_by: by };
    case "reopen": {
      // Who decided what stands in the history; the alert itself is undecided.
      const undecided = { label: null, reason: null, resolved_at: null, resolved_by: null };
      return { ...undecided, reopened_at: now, reopened_by: by };
    }
    case "snooze": {
      const hidden_count = alert.state === "snoozed" ? alert.hidden_count : 0;
      const { until, reason } = input;
      return { snoozed_until: until, snoozed_by: by, snooze_reason: reason, hidden_count };
    }
  }
}

/** A person's verdict stays; what nobody has judged closes by itself once nothing of it stands. */
function withdraw(alert: Alert, standing: number, now: number): Step {
  if (alert.state === "resolved") return { alert, say: null };
  if (standing > 0) return { alert: { ...alert, finding_count: standing }, say: null };
  const closed: Alert = {
    ...alert,
    ...AWAKE,
    ...{ state: "resolved", label: null, reason: WITHDRAWN, finding_count: 0 },
    ...{ resolved_at: now, resolved_by: "service" },
  };
  return { alert: closed, say: "withdrawn" };
}
