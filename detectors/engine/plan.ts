// What rule files mean, as data: one plan that the streaming engine runs now and a SQL compiler can read later.

import type { FieldValue } from "../../core/event.ts";
import type { EventType } from "../../core/event-fields.ts";
import type { Level } from "../../core/level.ts";
import type { SubjectType } from "../../core/subject.ts";

/** A piece of a Sigma text value: literal text, any run of characters, or exactly one code point. */
export type GlobPart = string | { wild: "*" } | { wild: "?" };

export type Compare = "lt" | "lte" | "gt" | "gte";
export type DatePart = "minute" | "hour" | "day" | "week" | "month" | "year";

/** What one leaf asks of one field. A leaf is true or false, never unknown: absent gives false, but for exists and null. */
export type Test =
  | { op: "is"; value: FieldValue; cased: boolean }
  | { op: "like"; glob: readonly GlobPart[]; cased: boolean }
  | { op: "null" }
  | { op: "exists"; present: boolean }
  | { op: "compare"; compare: Compare; value: number }
  | { op: "re"; source: string; flags: string }
  | { op: "cidr"; range: string }
  | { op: "field"; other: string; how: "is" | "contains" | "startswith" | "endswith" | Compare }
  | { op: "part"; part: DatePart; compare: Compare | "is"; value: number }
  /** The value is an entry of the list, as of the event's ts (R20). */
  | { op: "list"; list: string };

export type Expr =
  | { kind: "leaf"; field: string; test: Test }
  /** Any one text field fits (R13); the glob already has `*` at both ends. */
  | { kind: "keyword"; glob: readonly GlobPart[]; cased: boolean }
  | { kind: "and" | "or"; of: readonly Expr[] }
  | { kind: "not"; of: Expr };

/** Lists that every merchant has: never told of, always told of, looked at more closely. */
export const STANDARD_LISTS: readonly string[] = ["allow", "block", "watch"];

/** Is the value an entry of the list at that time? Case does not matter. */
export type ListLookup = (list: string, value: string, ts: number) => boolean;

export type Logsource = { category?: string; product?: string; service?: string };

/**
 * "This event matches". `where` holds its filters already: rule and not (filter) (R1). `eventTypes`: the only types
 * that can match; null = any (foreign rules). `fields`: all that it reads.
 */
export type DetectionPlan = {
  kind: "detection";
  name: string;
  file: string;
  eventTypes: readonly EventType[] | null;
  logsource: Logsource;
  where: Expr;
  fields: readonly string[];
  readsTraining: boolean;
  /** The filters in `where`; after `expires` (UTC ms, null = never) an event is no longer left out. */
  filters: readonly { name: string; expires: number | null }[];
};

export const CORRELATION_TYPES = [
  "event_count",
  "value_count",
  "value_sum",
  "value_avg",
  "value_percentile",
  "temporal",
  "temporal_ordered",
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

/** All comparisons must hold (R8). */
export type Comparison = { compare: Compare | "eq" | "neq"; value: number };

/** A condition over the rules of a temporal correlation; a name means "seen in the window". */
export type BoolExpr =
  | { kind: "rule"; name: string }
  | { kind: "and" | "or"; of: readonly BoolExpr[] }
  | { kind: "not"; of: BoolExpr };

/** One named number of a ratio: over the things that its rules give. `field`: what is added or counted distinct. */
export type Aggregate = {
  name: string;
  take: "count" | "sum" | "distinct";
  field: string | null;
  rules: readonly string[];
};

/** Arithmetic and comparisons over named aggregates; a comparison gives 1 or 0. Division is IEEE; what is not finite makes its comparison false. */
export type RatioExpr =
  | { kind: "number"; value: number }
  | { kind: "name"; name: string }
  | { kind: "+" | "-" | "*" | "/"; left: RatioExpr; right: RatioExpr }
  | { kind: Compare | "eq" | "neq"; left: RatioExpr; right: RatioExpr }
  | { kind: "and" | "or"; left: RatioExpr; right: RatioExpr }
  | { kind: "not"; of: RatioExpr };

/**
 * absence_after: fires `withinMs` after a thing of the first `ons` rules when none of the rules behind them followed.
 * absence_before: fires `graceMs` after it when none lies in [t - historyMs, t + graceMs].
 */
export type Absence =
  | { kind: "absence_after"; ons: number; withinMs: number }
  | { kind: "absence_before"; ons: number; historyMs: number; graceMs: number };

/** `field`: what is added or counted distinct; null for a count. */
export type Measure = { take: "count" | "sum" | "distinct"; field: string | null };

/** A stretch of time whose total is one value: a field that names it, each event by itself, or UTC-aligned spans. */
export type BucketBy =
  | "business_day"
  | "shift_id"
  | "business_month"
  | "event"
  | { spanMs: number };

/**
 * The bucket's value (the measure of the first `ons` rules, over `per` of the rules behind them where there is one)
 * against completed buckets of earlier business days within `historyMs`. `k`: as the method takes it. `money`: floor and
 * atLeast are money (R37). `quantile`: 0-100, of that method.
 */
export type Baseline = {
  kind: "baseline";
  ons: number;
  measure: Measure;
  per: Measure | null;
  bucket: BucketBy;
  against: "own" | "peers";
  peers: readonly string[];
  historyMs: number;
  method: "robust_z" | "quantile" | "mean" | "poisson";
  quantile: number;
  floor: number;
  atLeast: number;
  minSupport: number;
  compare: "gt" | "gte";
  k: number;
  money: boolean;
};

/**
 * What Sigma cannot say. new_value: at least `minSupport` earlier things in the window and none with this value. ratio: an expression over
 * aggregates. geo_velocity: this thing against the one just before it, by distance (m) and speed (km/h, in `comparisons`).
 */
export type Analytic =
  | Absence
  | Baseline
  | { kind: "new_value"; field: string; minSupport: number }
  | { kind: "ratio"; aggregates: readonly Aggregate[]; condition: RatioExpr }
  | { kind: "geo_velocity"; position: readonly [string, string]; minDistanceM: number };

/** "These events together match", over the closed window [t - spanMs, t] (R4). */
export type CorrelationPlan = {
  kind: "correlation";
  name: string;
  file: string;
  type: CorrelationType | "analytic";
  /** Of type "analytic", else null. */
  analytic: Analytic | null;
  rules: readonly string[];
  groupBy: readonly string[];
  spanMs: number;
  comparisons: readonly Comparison[];
  /** What value_count counts (a tuple when several), and what the other value types measure. */
  fields: readonly string[];
  /** Of value_percentile: 0-100. */
  percentile: number | null;
  /** Of temporal types; null = all of the rules. */
  when: BoolExpr | null;
  /** Names for fields that the rules call differently: alias → rule → field. */
  aliases: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** The comparisons are money (R37). */
  money: boolean;
  /** The rules that it counts also make findings of their own. */
  generate: boolean;
};

export type Plan = DetectionPlan | CorrelationPlan;

export type SubjectRef = { type: SubjectType; field: string };
export type Tier = { comparisons: readonly Comparison[]; level: Level };
export const MODES = ["off", "shadow", "alert"] as const;
export type Mode = (typeof MODES)[number];

export type TestEvent = {
  atMs: number;
  times: number;
  everyMs: number;
  fields: Record<string, FieldValue | null>;
};
export type ExpectedFinding = { atMs: number; subject: string; level?: Level };
export type RuleTest = {
  name: string;
  kind: "positive" | "negative" | "boundary";
  events: readonly TestEvent[];
  expect: readonly ExpectedFinding[];
  /** list → what is on it throughout. */
  lists: ReadonlyMap<string, readonly string[]>;
};

/** An outermost document: it makes findings. `root` names its plan. Everything a reader of the alert needs is here. */
export type Rule = {
  name: string;
  id: string;
  title: string;
  description: string;
  level: Level;
  status: string;
  tags: readonly string[];
  file: string;
  line: number;
  detection: string;
  version: number;
  mode: Mode;
  /** The first whose field is there names the subject; with none, the merchant is the subject. */
  subject: readonly SubjectRef[];
  /** Field of a single event that is measured, for `tiers` and `{value}`; null for aggregates, which measure themselves. */
  measure: string | null;
  tiers: readonly Tier[];
  dedup: { by: readonly string[]; cooldownMs: number };
  snoozeMaxMs: number;
  /** Lists beside "allow" whose entries keep it from being told. */
  exclusions: readonly string[];
  money: { field: string; take: "sum" | "last" } | null;
  playbook: string | null;
  explain: string;
  counterfactual: string;
  doNow: readonly string[];
  elseExplains: readonly string[];
  knobs: readonly { name: string; path: string; min: number; max: number }[];
  tests: readonly RuleTest[];
};

/** All documents by name, the rules, and the correlations with inner ones before outer ones. */
export type Ruleset = {
  plans: ReadonlyMap<string, Plan>;
  rules: readonly Rule[];
  correlations: readonly CorrelationPlan[];
};

/** Does a measured value meet the comparisons? */
export function meets(value: number, comparisons: readonly Comparison[]): boolean {
  for (const { compare, value: bound } of comparisons) {
    if (!holds(value, compare, bound)) return false;
  }
  return true;
}

export function holds(value: number, compare: Comparison["compare"], bound: number): boolean {
  switch (compare) {
    case "lt":
      return value < bound;
    case "lte":
      return value <= bound;
    case "gt":
      return value > bound;
    case "gte":
      return value >= bound;
    case "eq":
      return value === bound;
    case "neq":
      return value !== bound;
  }
}

/** Does the condition hold, given which rules were seen? */
export function holdsWhen(when: BoolExpr, seen: (rule: string) => boolean): boolean {
  switch (when.kind) {
    case "rule":
      return seen(when.name);
    case "not":
      return !holdsWhen(when.of, seen);
    case "and":
      return when.of.every((part) => holdsWhen(part, seen));
    case "or":
      return when.of.some((part) => holdsWhen(part, seen));
  }
}

/** The rules that a condition names; `positive` are those that it also wants to be seen. */
export function namesOf(when: BoolExpr): { all: Set<string>; positive: Set<string> } {
  const all = new Set<string>();
  const positive = new Set<string>();
  const walk = (part: BoolExpr, isPositive: boolean) => {
    if (part.kind === "rule") {
      all.add(part.name);
      if (isPositive) positive.add(part.name);
    } else if (part.kind === "not") walk(part.of, !isPositive);
    else for (const inner of part.of) walk(inner, isPositive);
  };
  walk(when, true);
  return { all, positive };
}

/** What a correlation's field is called in a rule that it counts. */
export function fieldIn(plan: CorrelationPlan, rule: string, field: string): string {
  return plan.aliases.get(field)?.get(rule) ?? field;
}
