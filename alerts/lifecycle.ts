// Decides what becomes of an alert: a table of inputs and states, without clock, store or mail server.

import type { Alert, Label } from "../core/alert.ts";
import { AppError } from "../core/errors.ts";
import type { EvidenceEvent, Finding } from "../core/finding.ts";
import { contentId } from "../core/ids.ts";
import { compareLevels, highestLevel, type Level } from "../core/level.ts";

/** Later findings on the same subject add to an alert for this long, unless the rule names another span. */
export const COOLDOWN_MS = 86_400_000;

const MAX_EVIDENCE = 20;
const WITHDRAWN = "Withdrawn: an event that arrived late shows that the rule does not hold.";

export type Input =
  /** `cooldownMs`: how long after the first finding later ones still add to the alert; null = {@link COOLDOWN_MS}. */
  | { kind: "finding"; finding: Finding; cooldownMs: number | null }
  | { kind: "acknowledge"; by: string }
  | { kind: "resolve"; by: string; label: Label; reason: string | null }
  /** A late event shows that some of its findings do not hold; `standing`: how many still do. */
  | { kind: "withdrawn"; standing: number };

/** What must be told, or null. `escalated_…` names the level that was reached, so each is told once. */
export type Say = "opened" | `escalated_${Level}` | "withdrawn" | null;

export type Step = { alert: Alert; say: Say };

/**
 * The one decision. In: the alert as it stands (undefined: there is none within the cool-down), what happened, and
 * now in UTC ms. Out: the alert after it, and what to tell people. A finding may open a new alert: then the id differs.
 * Throws CONFLICT when a person's act does not fit the state, NOT_FOUND when there is no alert to act on.
 *
 * A finding beyond the cool-down opens a new alert in every state. Within it:
 *
 * A withdrawal takes findings away; with none left, an alert that nobody has resolved is resolved without a label, and told.
 *
 * | state        | finding                                    | acknowledge  | resolve              |
 * |--------------|--------------------------------------------|--------------|----------------------|
 * | none         | open, say opened                           | NOT_FOUND    | NOT_FOUND            |
 * | open         | add; higher level: say escalated           | acknowledged | resolved             |
 * | acknowledged | add; higher level: open again, say escalated | CONFLICT   | resolved             |
 * | resolved     | not_fraud at no higher level: add silently; else a new one, say opened | CONFLICT | corrected label |
 */
export function next(alert: Alert | undefined, input: Input, now: number): Step {
  switch (input.kind) {
    case "finding":
      return alert === undefined || startsAnew(alert, input)
        ? { alert: open(input.finding, now), say: "opened" }
        : add(alert, input.finding);
    case "acknowledge":
      return { alert: acknowledge(existing(alert), input.by, now), say: null };
    case "resolve":
      return { alert: resolve(existing(alert), input, now), say: null };
    case "withdrawn":
      return withdraw(existing(alert), input.standing, now);
  }
}

/**
 * Only a verdict of "not fraud" silences, for the rest of the cool-down and up to the level that was judged: the person
 * has just looked at this subject. After "fraud" or "unsure" more of the same is news, so it opens a new alert.
 */
function startsAnew(
  alert: Alert,
  { finding, cooldownMs }: { finding: Finding; cooldownMs: number | null },
): boolean {
  // Counted from the first finding, either way: a trouble that goes on says so once a day, it does not fall silent.
  if (Math.abs(finding.ts - alert.first_ts) >= (cooldownMs ?? COOLDOWN_MS)) return true;
  if (alert.state !== "resolved") return false;
  return alert.label !== "not_fraud" || compareLevels(finding.level, alert.level) > 0;
}

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
    state: "open",
    label: null,
    reason: null,
    first_ts: finding.ts,
    last_ts: finding.ts,
    opened_at: now,
    acknowledged_at: null,
    acknowledged_by: null,
    resolved_at: null,
    resolved_by: null,
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
  const rises = compareLevels(finding.level, alert.level) > 0;
  const news = newEvents(alert, finding);
  const merged: Alert = {
    ...alert,
    ...(tellsMore(alert, finding) ? strongest(finding) : {}),
    level: highestLevel(alert.level, finding.level),
    first_ts: Math.min(alert.first_ts, finding.ts),
    last_ts: Math.max(alert.last_ts, finding.ts),
    finding_count: alert.finding_count + 1,
    event_count: alert.event_count + news.count,
    ...money(alert, finding, news),
    // A place or person that differs between findings is no longer the alert's.
    store_id: same(alert.store_id, finding.store_id),
    terminal_id: same(alert.terminal_id, finding.terminal_id),
    cashier_id: same(alert.cashier_id, finding.cashier_id),
    evidence: [...alert.evidence, ...news.events].sort(byTime).slice(-MAX_EVIDENCE),
  };
  if (!rises) return { alert: merged, say: null };
  // Someone took note of a lesser trouble; the greater one needs looking at afresh.
  const again = alert.state === "acknowledged" ? { state: "open" as const } : {};
  return { alert: { ...merged, ...again }, say: `escalated_${finding.level}` };
}

/** The numbers and words shown are those of the strongest finding: the highest level, then the highest value. */
function tellsMore(alert: Alert, finding: Finding): boolean {
  const byLevel = compareLevels(finding.level, alert.level);
  return byLevel > 0 || (byLevel === 0 && (finding.value ?? 0) >= (alert.value ?? 0));
}

function strongest(finding: Finding): Partial<Alert> {
  const { rule, rule_version, title, value, threshold, explanation, counterfactual } = finding;
  return { rule, rule_version, title, value, threshold, explanation, counterfactual };
}

type NewEvents = { events: EvidenceEvent[]; count: number; overlap: boolean };

/** Windows overlap, so a later finding repeats events; only those not seen yet are counted. */
function newEvents(alert: Alert, finding: Finding): NewEvents {
  const known = new Set(alert.evidence.map((event) => event.event_id));
  const events = finding.evidence.filter((event) => !known.has(event.event_id));
  const overlap = events.length < finding.evidence.length;
  return {
    events,
    overlap,
    count: overlap ? events.length : Math.max(finding.event_count, events.length),
  };
}

/** Money at risk: what new events add, and never less than the finding itself names. */
function money(
  alert: Alert,
  finding: Finding,
  news: NewEvents,
): Pick<Alert, "amount" | "currency"> {
  const kept = { amount: alert.amount, currency: alert.currency };
  if (finding.amount === null) return kept;
  if (alert.amount === null) return { amount: finding.amount, currency: finding.currency };
  if (finding.currency !== alert.currency) return kept;
  if (!news.overlap) return { ...kept, amount: alert.amount + finding.amount };
  let added = 0;
  for (const event of news.events) {
    if (event.currency === alert.currency) added += event.amount ?? 0;
  }
  return { ...kept, amount: Math.max(alert.amount + added, finding.amount) };
}

function same(before: string | null, after: string | null): string | null {
  return before === after ? before : null;
}

function byTime(a: EvidenceEvent, b: EvidenceEvent): number {
  return a.ts - b.ts || (a.event_id < b.event_id ? -1 : 1);
}

function existing(alert: Alert | undefined): Alert {
  if (alert === undefined) throw new AppError("NOT_FOUND", "There is no such alert.");
  return alert;
}

function acknowledge(alert: Alert, by: string, now: number): Alert {
  if (alert.state !== "open") {
    throw new AppError("CONFLICT", `The alert is already ${alert.state}.`, {
      details: { state: alert.state },
    });
  }
  return { ...alert, state: "acknowledged", acknowledged_at: now, acknowledged_by: by };
}

/** A person's verdict stays; what nobody has judged closes by itself once nothing of it stands. */
function withdraw(alert: Alert, standing: number, now: number): Step {
  if (alert.state === "resolved") return { alert, say: null };
  if (standing > 0) return { alert: { ...alert, finding_count: standing }, say: null };
  const closed: Alert = {
    ...alert,
    ...{ state: "resolved", label: null, reason: WITHDRAWN, finding_count: 0 },
    ...{ resolved_at: now, resolved_by: "service" },
  };
  return { alert: closed, say: "withdrawn" };
}

/** A verdict can be corrected for ever; the same verdict again is a conflict, so that two people notice each other. */
function resolve(
  alert: Alert,
  { by, label, reason }: { by: string; label: Label; reason: string | null },
  now: number,
): Alert {
  if (alert.state === "resolved" && alert.label === label) {
    throw new AppError("CONFLICT", "The alert is already resolved with this label.", {
      details: { state: alert.state, label },
    });
  }
  return { ...alert, state: "resolved", label, reason, resolved_at: now, resolved_by: by };
}
