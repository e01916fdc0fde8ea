// Runs a backtest over the stored history of a merchant and reports what people would have read.
import { AppError } from "../../core/errors.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Ruleset } from "../engine/plan.ts";
import type { Lists } from "../engine/sql/leaf-sql.ts";
import { runHistory } from "../history.ts";
import { type Prepared, reportRules } from "./prepare.ts";
import {
  type BacktestAlert,
  type BacktestFinding,
  compareAlerts,
  type DetectionReport,
  type Difference,
  groupAlerts,
  type HistoryLabel,
  reportDetections,
} from "./report.ts";

export type BacktestSpan = {
  merchantId: string;
  currency: string;
  fromTs: number;
  toTs: number;
  lists?: Lists;
  /** How many shops the merchant has; at least 1. */
  stores: number;
};

export type BacktestReport = {
  merchant_id: string;
  currency: string;
  from: number;
  to: number;
  /** What is asked about, and what is in force; null when nothing was changed. */
  after: DetectionReport[];
  before: DetectionReport[] | null;
  difference: Difference | null;
  /** How many labelled alerts of these detections lie in the span. */
  labels: number;
};

export type BacktestRun = {
  /** `share` 0-1, and what is being done. */
  onProgress?(share: number, doing: string): void;
  signal?: AbortSignal | undefined;
};

/** Findings beyond this many say only that the rule is too wide. */
const MOST_FINDINGS = 500_000;

export async function runBacktest(
  ch: ClickHouse,
  prepared: Prepared,
  of: { span: BacktestSpan; labels: readonly HistoryLabel[] },
  run: BacktestRun = {},
): Promise<BacktestReport> {
  const { names } = prepared;
  const steps = names.after.length + (prepared.before === null ? 0 : names.before.length);
  let done = 0;
  const one = async (ruleset: Ruleset, wanted: readonly string[], which: string) => {
    const findings: BacktestFinding[] = [];
    const batches = runHistory(
      ch,
      ruleset,
      { ...of.span, rules: wanted },
      {
        ...(run.signal === undefined ? {} : { signal: run.signal }),
        onProgress(_, __, rule) {
          done += 1;
          run.onProgress?.(done / Math.max(1, steps), `${which}: ${rule}`);
        },
      },
    );
    for await (const batch of batches) {
      findings.push(...batch);
      if (findings.length > MOST_FINDINGS) {
        throw new AppError(
          "REQUEST_INVALID",
          `Over ${MOST_FINDINGS} findings: narrow the rule or the span.`,
        );
      }
    }
    return { ...summarize(ruleset, wanted, findings, of), ruleset };
  };
  const after = await one(prepared.after, names.after, "asked");
  const before =
    prepared.before === null ? null : await one(prepared.before, names.before, "in force");
  const detections = new Set([...after.rows, ...(before?.rows ?? [])].map((row) => row.detection));
  const labels = of.labels.filter(({ detection }) => detections.has(detection));
  return {
    merchant_id: of.span.merchantId,
    currency: of.span.currency,
    from: of.span.fromTs,
    to: of.span.toTs,
    after: after.rows,
    before: before?.rows ?? null,
    difference: before === null ? null : compareAlerts(before.alerts, after.alerts, labels),
    labels: labels.length,
  };
}

function summarize(
  ruleset: Ruleset,
  names: readonly string[],
  findings: readonly BacktestFinding[],
  { span, labels }: { span: BacktestSpan; labels: readonly HistoryLabel[] },
): { alerts: BacktestAlert[]; rows: DetectionReport[] } {
  const rules = reportRules(ruleset, names);
  const alerts = groupAlerts(findings, rules, span.merchantId);
  const rows = reportDetections({ findings, alerts, rules, labels, span, stores: span.stores });
  return { alerts, rows };
}
