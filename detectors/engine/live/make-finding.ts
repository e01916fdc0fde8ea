// Builds the finding that a firing rule makes: subject, level, evidence, and the sentences with their numbers.
import type { Event } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import { type EvidenceEvent, type Finding, findingId } from "../../../core/finding.ts";
import { highestLevel } from "../../../core/level.ts";
import { formatMoney, isCurrency } from "../../../core/money.ts";
import { type Subject, subject } from "../../../core/subject.ts";
import { type Comparison, meets } from "../plan.ts";
import { isNode, type Live } from "./compile.ts";
import { fillTemplate, showField } from "./template.ts";

export const MAX_EVIDENCE = 20;
const MEASURED: ReadonlySet<string> = new Set(["value_sum", "value_avg", "value_percentile"]);

/** What the engine knows when a rule fires. `events` are the newest, oldest first; `count` says how many there were. */
export type Fired = {
  live: Live;
  merchantId: string;
  ts: number;
  group: Readonly<Record<string, string>>;
  value: number | null;
  events: readonly Event[];
  count: number;
  money: ReadonlyMap<string, number>;
  late: boolean;
  language: string;
  /** Of baselines: the least value that would have been too much, and the usual one. */
  bound?: number | undefined;
  usual?: number | undefined;
};

export function makeFinding(fired: Fired): Finding {
  const { live, merchantId, ts, group, value, events } = fired;
  const { rule } = live;
  const newest = events[events.length - 1] as Event;
  const tiers = value === null ? [] : live.tiers.filter((t) => meets(value, t.comparisons));
  const bound = lowerBound(tiers.at(-1)?.comparisons ?? baseOf(live));
  const level = tiers.reduce((level, tier) => highestLevel(level, tier.level), rule.level);
  const money = moneyOf(fired);
  const of = { merchant_id: merchantId, rule: rule.name, rule_version: rule.version, group, ts };
  const words = { own: ownTexts(fired, money), event: newest, group };
  return {
    ...of,
    id: findingId(of),
    group: { ...group },
    detection: rule.detection,
    title: rule.title,
    level,
    subject: subjectOf(live, group, newest, merchantId),
    value,
    threshold: value === null ? null : (fired.bound ?? bound?.value ?? null),
    amount: money?.amount ?? null,
    currency: money?.currency ?? null,
    explanation: fillTemplate(rule.explain, words),
    counterfactual: fillTemplate(counterfactualOf(live), words),
    store_id: newest.store_id ?? null,
    terminal_id: newest.terminal_id ?? null,
    cashier_id: newest.cashier_id ?? null,
    evidence: events.map((event) => evidenceOf(event, live.fields)),
    event_count: fired.count,
    late: fired.late,
  };
}

/** The rule's own comparisons; a single-event rule has none. */
function baseOf({ root }: Live): readonly Comparison[] {
  return isNode(root) ? root.comparisons : [];
}

function lowerBound(comparisons: readonly Comparison[]): Comparison | undefined {
  return comparisons.find(({ compare }) => compare === "gte" || compare === "gt") ?? comparisons[0];
}

/** The value that would have kept the rule silent: one below `gte`, the bound itself for `gt`. */
function below(live: Live): number | undefined {
  const bound = lowerBound(baseOf(live));
  if (bound?.compare === "gte") return bound.value - 1;
  return bound?.compare === "gt" ? bound.value : undefined;
}

function counterfactualOf(live: Live): string {
  if (live.rule.counterfactual !== "") return live.rule.counterfactual;
  return below(live) === undefined ? "" : "Would not fire at {below}.";
}

function ownTexts(
  fired: Fired,
  money: { amount: number; currency: string } | null,
): Record<string, string | undefined> {
  const { live, value, group, events } = fired;
  const field = measuredField(live);
  const currency = group.currency ?? events.at(-1)?.currency;
  const show = (number: number | undefined | null) => {
    if (number === undefined || number === null) return undefined;
    return showField(field ?? "", number, currency);
  };
  const bound = lowerBound(baseOf(live));
  return {
    value: show(value),
    threshold: show(fired.bound ?? bound?.value),
    usual: show(fired.usual),
    below: show(below(live)),
    count: String(fired.count),
    money:
      money === null || !isCurrency(money.currency)
        ? undefined
        : formatMoney(money.amount, money.currency, fired.language),
  };
}

/** The field in whose unit the value is told; undefined for a plain number. A baseline's share is in basis points. */
function measuredField({ root, rule }: Live): string | undefined {
  if (!isNode(root)) return rule.measure ?? undefined;
  const { analytic, type, fields } = root.plan;
  if (analytic?.kind === "baseline") {
    if (analytic.per !== null) return "discount_bp";
    return analytic.measure.take === "sum" ? (analytic.measure.field ?? undefined) : undefined;
  }
  return MEASURED.has(type) ? fields[0] : undefined;
}

/** Currencies are never added: the newest event's comes first, else the first by name. */
function moneyOf({ live, events, money }: Fired): { amount: number; currency: string } | null {
  const rule = live.rule.money;
  if (rule === null) return null;
  const newest = events[events.length - 1];
  if (rule.take === "last") {
    const amount = newest === undefined ? undefined : fieldOf(newest, rule.field);
    return typeof amount === "number" && newest?.currency !== undefined
      ? { amount, currency: newest.currency }
      : null;
  }
  const own = newest?.currency ?? "";
  const currency = money.has(own) ? own : [...money.keys()].sort()[0];
  return currency === undefined || currency === ""
    ? null
    : { amount: money.get(currency) ?? 0, currency };
}

function subjectOf(
  { rule }: Live,
  group: Readonly<Record<string, string>>,
  newest: Event,
  merchantId: string,
): Subject {
  for (const { type, field } of rule.subject) {
    const value = group[field] ?? fieldOf(newest, field);
    if (value !== undefined) return subject(type, String(value));
  }
  return subject("merchant", merchantId);
}

const OWN_PLACE = new Set([
  ...["event_id", "event_type", "ts", "ts_local", "store_id", "terminal_id", "cashier_id"],
  ...["amount", "currency", "merchant_id"],
]);

/** What tells a reader which card and which sale, whether or not the rule looked at it. */
const ALWAYS_SHOWN = ["last4", "sale_id", "tender_type"];

function evidenceOf(event: Event, shown: readonly string[]): EvidenceEvent {
  const { event_id, event_type, ts } = event;
  const evidence: EvidenceEvent = { event_id, event_type, ts, fields: {} };
  if (event.ts_local !== undefined) evidence.ts_local = event.ts_local;
  if (event.store_id !== undefined) evidence.store_id = event.store_id;
  if (event.terminal_id !== undefined) evidence.terminal_id = event.terminal_id;
  if (event.cashier_id !== undefined) evidence.cashier_id = event.cashier_id;
  if (event.amount !== undefined) evidence.amount = event.amount;
  if (event.currency !== undefined) evidence.currency = event.currency;
  for (const field of [...ALWAYS_SHOWN, ...shown]) {
    const value = OWN_PLACE.has(field) ? undefined : fieldOf(event, field);
    if (value !== undefined) evidence.fields[field] = String(value).slice(0, 200);
  }
  return evidence;
}
