// A backtest's report as a terminal shows it.
import { formatMoney, isCurrency } from "../../core/money.ts";
import type { BacktestReport } from "../../detectors/backtest/backtest.ts";
import type { DetectionReport } from "../../detectors/backtest/report.ts";

const DAY = (ms: number) => new Date(ms).toISOString().slice(0, 10);

/** One line a detection that said anything, then what the labels and the comparison say. */
export function reportText(report: BacktestReport): string {
  const silent = report.after.filter(({ findings }) => findings === 0);
  const said = report.after.filter(({ findings }) => findings > 0);
  const rows = said.map((row) => rowOf(row, report.currency));
  const head = [
    "detection",
    "findings",
    "alerts",
    "a day",
    "store/week",
    "money",
    "levels",
    "labels",
  ];
  const lines = [`${DAY(report.from)} to ${DAY(report.to)}`, ...table([head, ...rows])];
  if (silent.length > 0)
    lines.push(`Silent: ${silent.map(({ detection }) => detection).join(", ")}`);
  if (report.labels === 0) {
    const alerts = said.reduce((sum, row) => sum + row.alertsPerDay, 0) * 7;
    lines.push(
      `No labels: about ${alerts.toFixed(1)} alerts a week to read; how many are right nobody has said.`,
    );
  }
  if (report.difference !== null)
    lines.push(`Against what is in force: ${report.difference.sentence}`);
  return lines.join("\n");
}

function rowOf(row: DetectionReport, currency: string): string[] {
  const money =
    row.amount === 0 || !isCurrency(currency) ? "" : formatMoney(row.amount, currency, "en");
  const levels = Object.entries(row.levels).map(([level, count]) => `${count} ${level}`);
  return [
    row.detection,
    String(row.findings),
    String(row.alerts),
    row.alertsPerDay.toFixed(2),
    row.alertsPerStoreAndWeek.toFixed(2),
    money,
    levels.join(", "),
    labelsOf(row),
  ];
}

function labelsOf({ labels }: DetectionReport): string {
  if (labels === null) return "none";
  const share = (value: number | null) => (value === null ? "-" : `${Math.round(value * 100)} %`);
  return `caught ${labels.caught}, missed ${labels.missed}, needless ${labels.needless} (n=${labels.labels}, precision ${share(labels.precision)}, recall ${share(labels.recall)})`;
}

function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)));
  const isNumber = (i: number) => i >= 1 && i <= 5;
  return rows.map((row) =>
    row
      .map((cell, i) => (isNumber(i) ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join("  ")
      .trimEnd(),
  );
}
