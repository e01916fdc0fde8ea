// What a rule would have said over a span of history: alerts after grouping, money, and what labels say of them. Pure.
import { compareLevels, type Level } from "../../core/level.ts";
import type { HistoryFinding } from "../engine/sql/rule-sql.ts";

/** A finding of either engine; the streaming one also names events. Without a subject, the group or the merchant is it. */
export type BacktestFinding = Omit<HistoryFinding, "subject" | "lastEventId"> &
  Partial<Pick<HistoryFinding, "subject" | "lastEventId">> & { events?: readonly string[] };

/** What of a rule the report needs. */
export type ReportRule = {
  name: string;
  detection: string;
  /** First whose field is among the group's names the subject. */
  subject: readonly { type: string; field: string }[];
  cooldownMs: number;
};

/** Findings of one subject within the cool-down of the first: what a person would have read once. */
export type BacktestAlert = {
  detection: string;
  subject: string;
  firstTs: number;
  lastTs: number;
  level: Level;
  findings: number;
  /** Greatest money of one of its findings, minor units: their windows overlap, so they are not added. */
  amount: number;
  /** Events that the streaming engine showed as evidence; by SQL none are named. */
  events: Set<string>;
};

/** Events that belong to one known attack, and the detection that should find it. */
export type KnownCase = { id: string; detection: string; events: readonly string[] };

/** A person's verdict on an alert of the past: about whom, and about which time. */
export type HistoryLabel = {
  detection: string;
  subject: string;
  firstTs: number;
  lastTs: number;
  label: "fraud" | "not_fraud" | "unsure";
};

/**
 * `caught`: labelled fraud that the rule raises too. `missed`: labelled fraud that it does not. `needless`: alerts whose label is "not
 * fraud". `unlabelled`: alerts without a verdict, about which nothing can be said. `precision` = caught / (caught + needless), `recall` =
 * caught / (caught + missed); null when there is nothing to divide by.
 */
export type LabelCounts = {
  labels: number;
  caught: number;
  missed: number;
  needless: number;
  unlabelled: number;
  precision: number | null;
  recall: number | null;
};

export type DetectionReport = {
  detection: string;
  rules: string[];
  findings: number;
  alerts: number;
  alertsPerDay: number;
  alertsPerStoreAndWeek: number;
  levels: Partial<Record<Level, number>>;
  amount: number;
  /** Null: nobody has labelled an alert of this detection in the span. */
  labels: LabelCounts | null;
};

/** What the change adds and drops, alert by alert; of what it drops, what the labels say. */
export type Difference = {
  adds: number;
  drops: number;
  same: number;
  droppedFraud: number;
  droppedNotFraud: number;
  addedFraud: number;
  addedNotFraud: number;
  sentence: string;
};

const DAY_MS = 86_400_000;

/** Alerts as the live service groups findings: by detection and subject, until the cool-down after the first has passed. */
export function groupAlerts(
  findings: readonly BacktestFinding[],
  rules: readonly ReportRule[],
  merchantId: string,
): BacktestAlert[] {
  const byName = new Map(rules.map((rule) => [rule.name, rule]));
  const newest = new Map<string, BacktestAlert>();
  const alerts: BacktestAlert[] = [];
  for (const finding of [...findings].sort((a, b) => a.ts - b.ts)) {
    const rule = byName.get(finding.rule);
    if (rule === undefined) continue;
    const subject = subjectOf(rule, finding, merchantId);
    const key = `${rule.detection}\0${subject}`;
    const known = newest.get(key);
    if (known !== undefined && finding.ts - known.firstTs < rule.cooldownMs) {
      addTo(known, finding);
      continue;
    }
    const { ts, level, amount } = finding;
    const events = new Set(finding.events);
    const of = { detection: rule.detection, subject, level, amount, events };
    const made: BacktestAlert = { ...of, firstTs: ts, lastTs: ts, findings: 1 };
    newest.set(key, made);
    alerts.push(made);
  }
  return alerts;
}

function addTo(alert: BacktestAlert, finding: BacktestFinding): void {
  alert.lastTs = finding.ts;
  alert.findings += 1;
  for (const event of finding.events ?? []) alert.events.add(event);
  alert.amount = Math.max(alert.amount, finding.amount);
  if (compareLevels(finding.level, alert.level) > 0) alert.level = finding.level;
}

function subjectOf(
  rule: ReportRule,
  { group, subject }: BacktestFinding,
  merchantId: string,
): string {
  if (subject !== undefined) return subject;
  for (const { type, field } of rule.subject) {
    const value = group[field];
    if (value !== undefined) return `${type}:${value}`;
  }
  return `merchant:${merchantId}`;
}

/** One row a detection, those with most alerts first. `stores` at least 1. */
export function reportDetections(of: {
  findings: readonly BacktestFinding[];
  alerts: readonly BacktestAlert[];
  rules: readonly ReportRule[];
  labels: readonly HistoryLabel[];
  span: { fromTs: number; toTs: number };
  stores: number;
}): DetectionReport[] {
  const days = Math.max((of.span.toTs - of.span.fromTs) / DAY_MS, 1 / 24);
  const detections = [...new Set(of.rules.map((rule) => rule.detection))];
  const rows = detections.map((detection) => {
    const rules = of.rules.filter((rule) => rule.detection === detection);
    const names = new Set(rules.map((rule) => rule.name));
    const alerts = of.alerts.filter((alert) => alert.detection === detection);
    const levels: Partial<Record<Level, number>> = {};
    for (const { level } of alerts) levels[level] = (levels[level] ?? 0) + 1;
    const labels = of.labels.filter((label) => label.detection === detection);
    return {
      detection,
      rules: [...names],
      findings: of.findings.filter((finding) => names.has(finding.rule)).length,
      alerts: alerts.length,
      alertsPerDay: alerts.length / days,
      alertsPerStoreAndWeek: (alerts.length * 7) / days / Math.max(1, of.stores),
      levels,
      amount: alerts.reduce((sum, alert) => sum + alert.amount, 0),
      labels: labels.length === 0 ? null : countLabels(alerts, labels),
    };
  });
  return rows.sort((a, b) => b.alerts - a.alerts || (a.detection < b.detection ? -1 : 1));
}

type Spot = Pick<BacktestAlert, "detection" | "subject" | "firstTs" | "lastTs">;

const meet = (a: Spot, b: Spot): boolean =>
  a.detection === b.detection &&
  a.subject === b.subject &&
  a.firstTs <= b.lastTs &&
  b.firstTs <= a.lastTs;

function countLabels(
  alerts: readonly BacktestAlert[],
  labels: readonly HistoryLabel[],
): LabelCounts {
  const fraud = labels.filter(({ label }) => label === "fraud");
  const caught = fraud.filter((label) => alerts.some((alert) => meet(alert, label))).length;
  const verdicts = alerts.map((alert) => verdictOn(alert, labels));
  const needless = verdicts.filter((verdict) => verdict === "not_fraud").length;
  const missed = fraud.length - caught;
  const ratio = (part: number, rest: number) => (part + rest === 0 ? null : part / (part + rest));
  return {
    labels: labels.length,
    caught,
    missed,
    needless,
    unlabelled: verdicts.filter((verdict) => verdict === null).length,
    precision: ratio(caught, needless),
    recall: ratio(caught, missed),
  };
}

/**
 * The same against known attacks: caught when any alert shows one of its events; needless when an alert shows none of any. Whoever gives
 * cases vouches that everything else was honest.
 */
export function countCases(
  alerts: readonly BacktestAlert[],
  cases: readonly KnownCase[],
  detection: string,
): LabelCounts {
  const known = new Set(cases.flatMap(({ events }) => events));
  const own = alerts.filter((alert) => alert.detection === detection);
  const needless = own.filter((alert) => ![...alert.events].some((event) => known.has(event)));
  const wanted = cases.filter((one) => one.detection === detection);
  const caught = wanted.filter(({ events }) =>
    own.some((alert) => events.some((event) => alert.events.has(event))),
  ).length;
  const missed = wanted.length - caught;
  const ratio = (part: number, rest: number) => (part + rest === 0 ? null : part / (part + rest));
  return {
    labels: wanted.length,
    caught,
    missed,
    needless: needless.length,
    unlabelled: 0,
    precision: ratio(own.length - needless.length, needless.length),
    recall: ratio(caught, missed),
  };
}

/** Fraud outweighs the other verdicts on the same stretch. */
function verdictOn(alert: Spot, labels: readonly HistoryLabel[]): HistoryLabel["label"] | null {
  const met = labels.filter((label) => meet(alert, label)).map(({ label }) => label);
  return (["fraud", "not_fraud", "unsure"] as const).find((label) => met.includes(label)) ?? null;
}

/** What changes for the people who read alerts, from the version in force to the other. */
export function compareAlerts(
  before: readonly BacktestAlert[],
  after: readonly BacktestAlert[],
  labels: readonly HistoryLabel[],
): Difference {
  const without = (these: readonly BacktestAlert[], those: readonly BacktestAlert[]) => {
    const bySubject = Map.groupBy(those, ({ detection, subject }) => `${detection}\0${subject}`);
    return these.filter(
      (one) =>
        !bySubject.get(`${one.detection}\0${one.subject}`)?.some((other) => meet(one, other)),
    );
  };
  const added = without(after, before);
  const dropped = without(before, after);
  const count = (alerts: readonly BacktestAlert[], label: HistoryLabel["label"]) =>
    alerts.filter((alert) => verdictOn(alert, labels) === label).length;
  const difference = {
    adds: added.length,
    drops: dropped.length,
    same: after.length - added.length,
    droppedFraud: count(dropped, "fraud"),
    droppedNotFraud: count(dropped, "not_fraud"),
    addedFraud: count(added, "fraud"),
    addedNotFraud: count(added, "not_fraud"),
  };
  return { ...difference, sentence: sentenceOf(difference) };
}

function sentenceOf(of: Omit<Difference, "sentence">): string {
  if (of.adds === 0 && of.drops === 0) return `Changes nothing: the same ${of.same} alerts.`;
  return `Adds ${of.adds}${verdicts(of.addedFraud, of.addedNotFraud)}, drops ${of.drops}${verdicts(of.droppedFraud, of.droppedNotFraud)}.`;
}

function verdicts(fraud: number, notFraud: number): string {
  const parts = [
    ...(notFraud > 0 ? [`${notFraud} labelled not fraud`] : []),
    ...(fraud > 0 ? [`${fraud} labelled fraud`] : []),
  ];
  return parts.length === 0 ? "" : ` (of which ${parts.join(" and ")})`;
}
