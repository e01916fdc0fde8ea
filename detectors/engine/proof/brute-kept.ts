// The plainest reading of absences and baselines, for tests: every answer from all events, nothing kept.
import type { Event, FieldValue } from "../../../core/event.ts";
import type { Absence, Baseline, CorrelationPlan, Measure } from "../plan.ts";

/** An event of one of the plan's rules, `step` its place, with its group's values. */
export type Kept = {
  ts: number;
  id: string;
  step: number;
  group: Record<string, string>;
  read(field: string): FieldValue | undefined;
};
type Found = { rule: string; group: Record<string, string>; ts: number; value: number };

/** `events`: all that happened, training left out: they say how far each source has come. */
export function bruteKept(
  plan: CorrelationPlan,
  kept: readonly Kept[],
  events: readonly Event[],
): Found[] {
  const { analytic, name: rule } = plan;
  const same = (a: Kept, b: Kept) => JSON.stringify(a.group) === JSON.stringify(b.group);
  const found = new Map<string, Found>();
  const note = (one: Kept, ts: number, value: number) => {
    const place = `${JSON.stringify(one.group)}@${ts}`;
    const before = found.get(place);
    if (before !== undefined && before.value >= value) return;
    found.set(place, { rule, group: one.group, ts, value });
  };
  if (analytic?.kind === "baseline") {
    for (const one of kept) {
      const value = judgeBaseline(analytic, one, kept);
      if (value !== undefined) note(one, one.ts, value);
    }
  } else if (analytic?.kind === "absence_after" || analytic?.kind === "absence_before") {
    for (const one of kept.filter(({ step }) => step < analytic.ons)) {
      const others = kept.filter((other) => same(one, other));
      const due = dueOf(analytic, one);
      const shown = events
        .filter(({ source }) => source === one.read("source"))
        .some(({ ts }) => ts >= due);
      if (shown && isAbsent(analytic, one, others)) note(one, due, 1);
    }
  }
  return [...found.values()];
}

const dueOf = (absence: Absence, { ts }: Kept): number =>
  ts + (absence.kind === "absence_after" ? absence.withinMs : absence.graceMs);

function isAbsent(absence: Absence, one: Kept, others: readonly Kept[]): boolean {
  const due = dueOf(absence, one);
  const behind = (other: Kept) =>
    other.ts <= due && (other.ts > one.ts || (other.ts === one.ts && other.id > one.id));
  if (absence.kind === "absence_after") return !others.some(behind);
  return !others.some(
    ({ step, ts }) => step >= absence.ons && ts >= one.ts - absence.historyMs && ts <= due,
  );
}

const DAY_MS = 86_400_000;
const dayIn = (text: unknown): number => Date.parse(`${String(text)}T00:00:00Z`) / DAY_MS;

type Place = { bucket: string; day: number; pool: string };

function placeOf(of: Baseline, kept: Kept): Place | undefined {
  const day = dayIn(kept.read("business_day"));
  const pool =
    of.against === "own"
      ? JSON.stringify(kept.group)
      : JSON.stringify(of.peers.map((field) => kept.read(field)));
  if (of.against === "peers" && of.peers.some((field) => kept.read(field) === undefined)) return;
  if (typeof of.bucket === "object") {
    const nth = Math.floor(kept.ts / of.bucket.spanMs);
    const known = Number.isNaN(day) ? Math.floor(kept.ts / DAY_MS) : day;
    return { bucket: `${nth}`, day: known, pool };
  }
  const bucket = of.bucket === "event" ? kept.id : kept.read(of.bucket);
  const from = of.bucket === "business_month" ? dayIn(`${String(bucket)}-01`) : day;
  return bucket === undefined || Number.isNaN(from)
    ? undefined
    : { bucket: String(bucket), day: from, pool };
}

/** The value when it is far above, in the unit that findings have. */
function judgeBaseline(of: Baseline, one: Kept, kept: readonly Kept[]): number | undefined {
  if (placeOf(of, one) === undefined || !has(of, one)) return undefined;
  const until = kept.filter(({ ts }) => ts <= one.ts);
  const buckets = new Map<string, { place: Place; kept: Kept[] }>();
  for (const other of [...until].sort((a, b) => a.ts - b.ts || (a.id < b.id ? -1 : 1))) {
    const place = placeOf(of, other);
    if (place === undefined || !has(of, other)) continue;
    const name = JSON.stringify([other.group, place.bucket]);
    const bucket = buckets.get(name) ?? { place, kept: [] };
    buckets.set(name, bucket);
    bucket.kept.push(other);
  }
  const own = buckets.get(JSON.stringify([one.group, placeOf(of, one)?.bucket]));
  const x = own === undefined ? undefined : total(of, own.kept);
  if (own === undefined || x === undefined || x < of.atLeast) return undefined;
  if (support(of, own.kept) < of.minSupport) return undefined;
  const past = [...buckets.values()].filter(
    ({ place, kept: inside }) =>
      place.pool === own.place.pool &&
      place.day < own.place.day &&
      place.day >= own.place.day - Math.floor(of.historyMs / DAY_MS) &&
      support(of, inside) >= of.minSupport &&
      (of.against === "own" || JSON.stringify(inside[0]?.group) !== JSON.stringify(one.group)),
  );
  const values = past.flatMap(({ kept: inside }) => total(of, inside) ?? []);
  if (values.length < 20 || !isFar(of, x, values)) return undefined;
  return of.per === null ? Math.round(x) : Math.round(x * 10_000);
}

const isOver = (of: Baseline, { step }: Kept) => step < of.ons;

function has(of: Baseline, kept: Kept): boolean {
  const measure = isOver(of, kept) ? of.measure : of.per;
  if (measure === null) return false;
  const value = measure.field === null ? 1 : kept.read(measure.field);
  return measure.take === "sum" ? typeof value === "number" : value !== undefined;
}

const support = (of: Baseline, inside: readonly Kept[]) =>
  inside.filter((kept) => isOver(of, kept) === (of.per === null)).length;

function total(of: Baseline, inside: readonly Kept[]): number | undefined {
  const over = taken(
    of.measure,
    inside.filter((kept) => isOver(of, kept)),
  );
  if (of.per === null) return over;
  const under = taken(
    of.per,
    inside.filter((kept) => !isOver(of, kept)),
  );
  return under === 0 ? undefined : over / under;
}

function taken({ take, field }: Measure, kept: readonly Kept[]): number {
  const values = kept.map((one) => (field === null ? 1 : one.read(field)));
  if (take === "count") return values.length;
  if (take === "distinct") return new Set(values.map(String)).size;
  return values.reduce((sum: number, value) => sum + Number(value), 0);
}

function isFar(of: Baseline, x: number, values: readonly number[]): boolean {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (place: number) => {
    const low = sorted[Math.floor(place)] ?? 0;
    const high = sorted[Math.ceil(place)] ?? low;
    return low + (place - Math.floor(place)) * (high - low);
  };
  const beyond = (bound: number) => (of.compare === "gte" ? x >= bound : x > bound);
  const mean = Math.max(sorted.reduce((sum, value) => sum + value, 0) / sorted.length, of.floor);
  if (of.method === "mean") return beyond(of.k * mean);
  if (of.method === "quantile") {
    return beyond(of.k * Math.max(at((of.quantile / 100) * (sorted.length - 1)), of.floor));
  }
  if (of.method === "poisson") {
    // The tail is what the first terms leave.
    let below = 0;
    let term = Math.exp(-mean);
    for (let k = 0; k < Math.ceil(x); k += 1) {
      below += term;
      term *= mean / (k + 1);
    }
    const tail = -Math.log10(Math.max(1 - below, 1e-300));
    return x > mean && (of.compare === "gte" ? tail >= of.k : tail > of.k);
  }
  const middle = (list: readonly number[]) => {
    const half = list.length / 2;
    return list.length % 2 === 1
      ? (list[Math.floor(half)] ?? 0)
      : ((list[half - 1] ?? 0) + (list[half] ?? 0)) / 2;
  };
  const median = middle(sorted);
  const mad = middle(sorted.map((value) => Math.abs(value - median)).sort((a, b) => a - b));
  return x > median && beyond(median + of.k * Math.max(1.4826 * mad, of.floor));
}
