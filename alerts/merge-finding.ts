// What an alert shows after one more finding on its subject: numbers, money and evidence, each event counted once.
import type { Alert } from "../core/alert.ts";
import type { EvidenceEvent, Finding } from "../core/finding.ts";
import { compareLevels, highestLevel } from "../core/level.ts";

export const MAX_EVIDENCE = 20;

/** State, people and times of acts are left as they are. */
export function mergeFinding(alert: Alert, finding: Finding): Alert {
  const news = newEvents(alert, finding);
  return {
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
