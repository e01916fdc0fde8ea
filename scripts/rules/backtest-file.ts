// A backtest over a file of events with known attacks, by the streaming engine; nothing is stored.
import { readFileSync } from "node:fs";
import { AppError } from "../../core/errors.ts";
import { isCurrency } from "../../core/money.ts";
import type { BacktestReport } from "../../detectors/backtest/backtest.ts";
import {
  type BacktestChange,
  prepareBacktest,
  reportRules,
} from "../../detectors/backtest/prepare.ts";
import {
  type BacktestAlert,
  type BacktestFinding,
  compareAlerts,
  countCases,
  type DetectionReport,
  groupAlerts,
  type KnownCase,
  reportDetections,
} from "../../detectors/backtest/report.ts";
import { readRuleFiles } from "../../detectors/catalogue.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import type { Ruleset } from "../../detectors/engine/plan.ts";
import { runEvents } from "../../detectors/engine/proof/run-rule-tests.ts";
import { readEventsFile } from "./run.ts";
import { WrongUse } from "./verb.ts";

export type FileOptions = {
  events: string;
  /** Lines of `{event_id, id, detection}`, as `simulate -- write --labels` makes them. */
  labels: string | undefined;
  currency: string;
  stores: number;
};

const MERCHANT = "m1";

export function backtestFile(change: BacktestChange, options: FileOptions): BacktestReport {
  const { currency } = options;
  if (!isCurrency(currency)) throw new WrongUse(`"${currency}" is not a currency code.`);
  const prepared = prepareBacktest(readRuleFiles(), change);
  const events = readEventsFile(options.events);
  const cases = options.labels === undefined ? undefined : readCases(options.labels);
  const times = events.map(({ ts }) => ts);
  const span = {
    fromTs: times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY),
    toTs: times.reduce((a, b) => Math.max(a, b), 0),
  };
  if (events.length === 0) throw new AppError("BODY_EMPTY", `${options.events} holds no event.`);
  const one = (ruleset: Ruleset, names: readonly string[]) => {
    const engine = createEngine(ruleset, { merchantId: MERCHANT, currency });
    const findings = runEvents(engine, events)
      .filter(({ rule }) => names.includes(rule))
      .map(
        (of): BacktestFinding => ({
          rule: of.rule,
          version: of.rule_version,
          group: of.group,
          subject: of.subject,
          ts: of.ts,
          value: of.value,
          level: of.level,
          count: of.event_count,
          amount: of.amount ?? 0,
          events: of.evidence.map(({ event_id }) => event_id),
        }),
      );
    const rules = reportRules(ruleset, names);
    const alerts = groupAlerts(findings, rules, MERCHANT);
    const rows = reportDetections({
      findings,
      alerts,
      rules,
      labels: [],
      span,
      stores: options.stores,
    });
    return { alerts, rows: rows.map((row) => withCases(row, alerts, cases)) };
  };
  const after = one(prepared.after, prepared.names.after);
  const before = prepared.before === null ? null : one(prepared.before, prepared.names.before);
  return {
    merchant_id: MERCHANT,
    currency,
    from: span.fromTs,
    to: span.toTs,
    after: after.rows,
    before: before?.rows ?? null,
    difference: before === null ? null : compareAlerts(before.alerts, after.alerts, []),
    labels: cases?.length ?? 0,
  };
}

function withCases(
  row: DetectionReport,
  alerts: readonly BacktestAlert[],
  cases: readonly KnownCase[] | undefined,
): DetectionReport {
  return cases === undefined ? row : { ...row, labels: countCases(alerts, cases, row.detection) };
}

function readCases(path: string): KnownCase[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
  const cases = new Map<string, { id: string; detection: string; events: string[] }>();
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const { event_id, id, detection } = JSON.parse(line) as Record<string, unknown>;
    if (typeof event_id !== "string" || typeof id !== "string" || typeof detection !== "string") {
      throw new AppError(
        "REQUEST_INVALID",
        `${path}:${index + 1}: a label is {event_id, id, detection}.`,
      );
    }
    const known = cases.get(id) ?? { id, detection, events: [] };
    known.events.push(event_id);
    cases.set(id, known);
  }
  return [...cases.values()];
}
