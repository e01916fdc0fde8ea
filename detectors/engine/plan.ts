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
  "temporal",
  "temporal_ordered",
] as const;
export type CorrelationType = (typeof CORRELATION_TYPES)[number];

/** All comparisons must hold (R8). */
export type Comparison = { compare: Compare | "eq" | "neq"; value: number };

/** "These events together match", over the closed window [t - spanMs, t] (R4). */
export type CorrelationPlan = {
  kind: "correlation";
  name: string;
  file: string;
  type: CorrelationType;
  rules: readonly string[];
  groupBy: readonly string[];
  spanMs: number;
  comparisons: readonly Comparison[];
  /** What value_count counts (a tuple when several) and value_sum adds. */
  fields: readonly string[];
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
