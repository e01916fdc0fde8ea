// How often each rule was right, as far as anybody knows: counts of labels, never a guess about what nobody labelled. Pure.
import type { Label } from "../../core/alert.ts";
import { type AlertLabel, standingLabel } from "../../core/alert-label.ts";
import type { Level } from "../../core/level.ts";

export type JudgedAlert = {
  rule: string;
  rule_version: number;
  level: Level;
  /** The first finding's instant, UTC ms: it puts the alert into its week. */
  first_ts: number;
  labels: readonly AlertLabel[];
};

/** The share of fraud among alerts that are labelled fraud or not fraud, with the 95 % Wilson interval; 0-1. */
export type Share = { value: number; low: number; high: number };

/** `told` counts alerts, `labelled` those with any label. `precision`: null where none says fraud or not fraud. */
export type Tally = {
  told: number;
  labelled: number;
  fraud: number;
  not_fraud: number;
  unsure: number;
  precision: Share | null;
};

/** `mature`: it ended so long ago that most chargebacks on it have come; before that the figures still move. */
export type WeekTally = Tally & { from: number; mature: boolean };

export type RulePrecision = Tally & {
  rule: string;
  /** How many of the labels are a provider's, where no person had judged. */
  by_provider: number;
  /** Mondays 00:00 UTC, oldest first; weeks without an alert are left out. */
  weeks: WeekTally[];
  versions: (Tally & { rule_version: number })[];
  levels: (Tally & { level: Level })[];
};

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;
/** Thursday 1 January 1970: its Monday lies three days before. */
const MONDAY_MS = 4 * DAY_MS;
/** Most card holders dispute a payment within two months. */
export const MATURE_MS = 60 * DAY_MS;
/** Two-sided 95 % of the normal distribution. */
const Z = 1.959964;

/** What was known at `asOf` (UTC ms). One row a rule, by name. */
export function rulePrecision(alerts: readonly JudgedAlert[], asOf: number): RulePrecision[] {
  const judged = alerts.map((alert) => ({ alert, known: standingLabel(alert.labels, asOf) }));
  const byRule = Map.groupBy(judged, ({ alert }) => alert.rule);
  const rows = [...byRule].map(([rule, own]): RulePrecision => {
    const part = <K extends string | number>(key: (alert: JudgedAlert) => K) =>
      [...Map.groupBy(own, ({ alert }) => key(alert))]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([value, some]) => ({ value, tally: tallyOf(labelsIn(some)) }));
    return {
      rule,
      ...tallyOf(labelsIn(own)),
      by_provider: own.filter(({ known }) => known?.by === "provider").length,
      weeks: part(({ first_ts }) => weekOf(first_ts)).map(({ value, tally }) => ({
        from: value,
        mature: value + WEEK_MS + MATURE_MS <= asOf,
        ...tally,
      })),
      versions: part((one) => one.rule_version).map(({ value, tally }) => ({
        rule_version: value,
        ...tally,
      })),
      levels: part((one) => one.level).map(({ value, tally }) => ({ level: value, ...tally })),
    };
  });
  return rows.sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

type Judged = { known: { label: Label } | null };
const labelsIn = (some: readonly Judged[]) => some.map(({ known }) => known?.label ?? null);

function tallyOf(labels: readonly (Label | null)[]): Tally {
  const count = (label: Label) => labels.filter((one) => one === label).length;
  const [fraud, not_fraud, unsure] = [count("fraud"), count("not_fraud"), count("unsure")];
  const labelled = fraud + not_fraud + unsure;
  const precision = wilson(fraud, fraud + not_fraud);
  return { told: labels.length, labelled, fraud, not_fraud, unsure, precision };
}

/** Wilson's score interval of `hits` in `of`; null when there is nothing to divide by. It stays within 0-1 and honest for few. */
export function wilson(hits: number, of: number): Share | null {
  if (of === 0) return null;
  const value = hits / of;
  const z2 = Z * Z;
  const middle = (value + z2 / (2 * of)) / (1 + z2 / of);
  const half = (Z / (1 + z2 / of)) * Math.sqrt((value * (1 - value)) / of + z2 / (4 * of * of));
  // At the ends the interval touches them; rounding must not carry it past the share itself.
  return {
    value,
    low: hits === 0 ? 0 : Math.max(0, middle - half),
    high: hits === of ? 1 : Math.min(1, middle + half),
  };
}

function weekOf(ts: number): number {
  return Math.floor((ts - MONDAY_MS) / WEEK_MS) * WEEK_MS + MONDAY_MS;
}
