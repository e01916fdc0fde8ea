// Which other value of a knob would have served better on labelled history: values to try, and which to suggest. Pure.
import { AppError } from "../../core/errors.ts";
import type { Rule } from "../engine/plan.ts";
import type { DetectionReport, HistoryLabel } from "./report.ts";

/** Fewer verdicts than this say nothing about a threshold. */
export const LEAST_LABELS = 20;
/** Around the present value; a knob that is a whole number stays one. */
const FACTORS = [0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2];
const MOST_TRIES = 24;
const DAY_MS = 86_400_000;

export type KnobTry = { knob: string; value: number };

/** What people would have read, as far as labels say. Alerts per week over the whole span. */
export type Outcome = {
  alerts: number;
  alerts_per_week: number;
  caught: number;
  missed: number;
  needless: number;
  unlabelled: number;
};

export type Tried = KnobTry & { present: number; outcome: Outcome };

export type Suggestion = {
  merchant_id: string;
  rule: string;
  detection: string;
  from: number;
  to: number;
  /** Alerts labelled fraud or not fraud. */
  labels: number;
  before: Outcome;
  tried: Tried[];
  /** Catches no less and wakes people no more often for nothing; null: no value that was tried does better. */
  suggested: Tried | null;
  sentence: string;
};

/** One knob at a time, nearest values first. */
export function knobTries(
  knobs: readonly Pick<Rule["knobs"][number], "name" | "min" | "max">[],
  values: Readonly<Record<string, number>>,
): KnobTry[] {
  const tries = knobs.flatMap(({ name, min, max }) => {
    const present = values[name];
    if (present === undefined || !Number.isFinite(present)) return [];
    const whole = Number.isInteger(present) && Number.isInteger(min) && Number.isInteger(max);
    const near = whole ? [present - 1, present + 1] : [];
    const around = [...near, ...FACTORS.map((factor) => present * factor)]
      .map((value) => (whole ? Math.round(value) : Number(value.toPrecision(3))))
      .filter((value) => value >= min && value <= max && value !== present);
    return [...new Set(around)].map((value) => ({
      knob: name,
      value,
      far: Math.abs(value - present) / Math.max(Math.abs(present), 1e-9),
    }));
  });
  const nearest = tries.sort((a, b) => a.far - b.far || (a.knob < b.knob ? -1 : 1));
  return nearest.slice(0, MOST_TRIES).map(({ knob, value }) => ({ knob, value }));
}

/** The alerts of the detection that say fraud or not fraud. Throws REQUEST_INVALID when they are too few. */
export function checkLabels(labels: readonly HistoryLabel[], detection: string): HistoryLabel[] {
  const own = labels.filter((label) => label.detection === detection);
  const clear = own.filter(({ label }) => label !== "unsure").length;
  if (clear >= LEAST_LABELS) return own;
  throw new AppError(
    "REQUEST_INVALID",
    `${clear} alerts of ${detection} in this span are labelled fraud or not fraud; at least ${LEAST_LABELS} are needed.`,
  );
}

export function outcomeOf(
  row: DetectionReport | undefined,
  frauds: number,
  span: { from: number; to: number },
): Outcome {
  const weeks = Math.max((span.to - span.from) / DAY_MS, 1) / 7;
  const alerts = row?.alerts ?? 0;
  const counts = row?.labels ?? { caught: 0, missed: frauds, needless: 0, unlabelled: 0 };
  const { caught, missed, needless, unlabelled } = counts;
  return { alerts, alerts_per_week: alerts / weeks, caught, missed, needless, unlabelled };
}

/** Never one that misses a known fraud which is caught now. Ties: fewer needless, fewer alerts, the order given. */
export function pickBetter(before: Outcome, tried: readonly Tried[]): Tried | null {
  const better = tried.filter(({ outcome: { caught, needless } }) => {
    if (caught < before.caught || needless > before.needless) return false;
    return caught > before.caught || needless < before.needless;
  });
  const [best] = [...better].sort(
    ({ outcome: a }, { outcome: b }) =>
      b.caught - a.caught || a.needless - b.needless || a.alerts - b.alerts,
  );
  return best ?? null;
}

const perWeek = (value: number) => value.toFixed(1);

export function sentenceOf(before: Outcome, best: Tried | null): string {
  if (best === null) {
    return "No value that was tried does better without missing a known fraud or alerting more often for nothing.";
  }
  const { knob, present, value, outcome } = best;
  return (
    `${knob} ${value} instead of ${present}: ${outcome.needless} needless alerts instead of ${before.needless}, ` +
    `${outcome.caught} known frauds caught instead of ${before.caught}, ` +
    `${perWeek(outcome.alerts_per_week)} alerts a week instead of ${perWeek(before.alerts_per_week)}. ` +
    "Labels exist only where an alert was, so a fraud that nobody noticed is in none of these figures."
  );
}
