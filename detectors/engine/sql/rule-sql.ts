// One rule as one ClickHouse statement, and what its rows mean. Pure: text and parameters in, findings' essentials out.
import { highestLevel, type Level } from "../../../core/level.ts";
import { currencyDecimals } from "../../../core/money.ts";
import { type Subject, subject } from "../../../core/subject.ts";
import { meets, type Plan, type Rule, type Ruleset, type Tier } from "../plan.ts";
import { scaleFor } from "../scale.ts";
import { type Binder, literalBinder, newBinder } from "./bind.ts";
import { firingsSql } from "./correlation-sql.ts";
import { canonicalText, type EventTable, numberSql } from "./event-table.ts";
import type { Lists } from "./leaf-sql.ts";
import {
  carriedOf,
  eventParts,
  list,
  matchSql,
  merchantOf,
  type Statement,
  withinSql,
} from "./streams.ts";

/**
 * A span of history, UTC ms, both ends included. `merchantId`: null = every merchant, each in groups of its own (for proofs).
 * `currency`: the merchant's, which scales money (R37).
 */
export type HistorySpan = {
  merchantId: string | null;
  currency: string;
  fromTs: number;
  toTs: number;
  lists?: Lists;
};

/**
 * `groupBy`: names of the group values, in the order of the row's `k0…`; null: the row names its own field in `kf`. `carry`:
 * names of the newest event's values `c0…` ('' = absent).
 */
export type RuleStatement = {
  sql: string;
  params: Record<string, unknown>;
  groupBy: readonly string[] | null;
  carry: readonly string[];
};

/**
 * What both engines say alike of a finding. `subject`: whom its alert is about. `count`: events (or inner firings) in the window.
 * `amount`: the rule's money (the window's sum or the newest event's) in the merchant's currency; 0 where the rule names
 * none. `lastEventId`: the newest event.
 */
export type HistoryFinding = {
  rule: string;
  version: number;
  group: Record<string, string>;
  ts: number;
  value: number | null;
  level: Level;
  subject: Subject;
  count: number;
  amount: number;
  lastEventId: string;
};

/** How far before the span a statement reads, so that the first windows are whole. */
function leadInMs(plan: Plan, plans: ReadonlyMap<string, Plan>): number {
  if (plan.kind === "detection") return 0;
  const inner = plan.rules.map((name) => {
    const of = plans.get(name);
    return of === undefined ? 0 : leadInMs(of, plans);
  });
  return plan.spanMs + Math.max(0, ...inner);
}

/** Values up to this size go beside the statement: they travel in a request's head, which holds 16 KB. */
const MOST_BOUND_CHARS = 3000;

type Compiling = { ruleset: Ruleset; rule: Rule; table: EventTable };

/** The statement that finds what the rule would have found in the span. Rows come in order of time. */
export function compileRule(of: Compiling, span: HistorySpan): RuleStatement {
  const bound = compileWith(of, span, newBinder());
  const fits = JSON.stringify(bound.params).length <= MOST_BOUND_CHARS;
  return fits ? bound : compileWith(of, span, literalBinder());
}

function compileWith(
  { ruleset, rule, table }: Compiling,
  span: HistorySpan,
  binder: Binder,
): RuleStatement {
  const plan = ruleset.plans.get(rule.name);
  if (plan === undefined) throw new TypeError(`no rule ${rule.name}`);
  const groupBy = plan.kind === "correlation" ? plan.groupBy : null;
  const subjects = rule.subject.map(({ field }) => field);
  const statement: Statement = {
    plans: ruleset.plans,
    table,
    binder,
    lists: span.lists ?? new Map(),
    merchantId: span.merchantId,
    currency: span.currency,
    scale: scaleFor(currencyDecimals(span.currency)),
    money: rule.money,
    carry: [...new Set(subjects)].filter(
      (field) => field !== "merchant_id" && groupBy?.includes(field) !== true,
    ),
    fromTs: span.fromTs - leadInMs(plan, ruleset.plans),
    toTs: span.toTs,
  };
  const { carry } = statement;
  if (groupBy === null || plan.kind === "detection") {
    const sql = singleSql(rule, statement);
    return { sql, params: binder.params, groupBy: null, carry };
  }
  const keys = groupBy.map((_, i) => `k${i}`);
  const told = ["value", "toInt64(n) AS n", "m", "last", ...carriedOf(statement)];
  const sql = `SELECT ${list(merchantOf(statement), "t", keys, told)} FROM (${firingsSql(plan, statement)})
    WHERE t >= ${binder.bind(span.fromTs, "Int64")} ORDER BY ${list("t", keys)}`;
  return { sql, params: binder.params, groupBy, carry };
}

/** Single events: one finding per subject and instant, with the greatest measured value. */
function singleSql(rule: Rule, statement: Statement): string {
  const plan = statement.plans.get(rule.name);
  if (plan?.kind !== "detection") throw new TypeError(`${rule.name} is no detection`);
  const { table } = statement;
  const texts = rule.subject.map(({ field }) => canonicalText(table, field));
  const cases = rule.subject.map(({ field }, i) => `isNotNull(${texts[i]}), '${field}'`);
  const values = texts.map((text) => `isNotNull(${text}), toString(assumeNotNull(${text}))`);
  const choose = (parts: readonly string[]) =>
    parts.length === 0 ? "''" : `multiIf(${parts.join(", ")}, '')`;
  const measure =
    rule.measure === null ? "CAST(NULL, 'Nullable(Int64)')" : numberSql(table, rule.measure);
  const group = list(merchantOf(statement), "t", "kf", "k0");
  const carried = carriedOf(statement);
  const own = [`${choose(cases)} AS kf`, `${choose(values)} AS k0`, `${measure} AS x`];
  const matches = `SELECT ${list(eventParts(statement), own)}
    FROM events WHERE ${withinSql(statement)} AND ${matchSql(plan, statement)}`;
  // An event that is stored twice counts once.
  const once = ["x", "m", ...carried].map((name) => `any(${name}) AS ${name}`);
  const events = `SELECT ${list(group, "id", once)} FROM (${matches}) GROUP BY ${list(group, "id")}`;
  const newest = carried.map((name) => `argMax(${name}, id) AS ${name}`);
  const money = statement.money?.take === "last" ? "argMax(m, id)" : "sum(toInt128(m))";
  return `SELECT ${list(group, "maxOrNull(x) AS value", "toInt64(count()) AS n", `toInt128(${money}) AS m`, "max(id) AS last", newest)}
    FROM (${events}) GROUP BY ${group} ORDER BY t, kf, k0`;
}

/** A row of the statement (as objects, numbers as numbers or text) as a finding. `merchant`: whose rows these are. */
export function readRow(
  of: Pick<RuleStatement, "groupBy" | "carry"> & {
    rule: Rule;
    tiers: readonly Tier[];
    merchant: string;
  },
  row: Readonly<Record<string, unknown>>,
): HistoryFinding {
  const { rule, groupBy, tiers } = of;
  const value = row.value === null || row.value === undefined ? null : Number(row.value);
  const met = value === null ? [] : tiers.filter((tier) => meets(value, tier.comparisons));
  const group = groupOf(groupBy, row);
  return {
    rule: rule.name,
    version: rule.version,
    group,
    ts: Number(row.t),
    value,
    level: met.reduce((level, tier) => highestLevel(level, tier.level), rule.level),
    subject: subjectOf(of, group, row),
    count: Number(row.n),
    amount: Number(row.m),
    lastEventId: String(row.last),
  };
}

/** The first of the rule's subjects that the group or the newest event has; with none, the merchant. */
function subjectOf(
  { rule, carry, merchant }: { rule: Rule; carry: readonly string[]; merchant: string },
  group: Readonly<Record<string, string>>,
  row: Readonly<Record<string, unknown>>,
): Subject {
  for (const { type, field } of rule.subject) {
    const carried = String(row[`c${carry.indexOf(field)}`] ?? "");
    const value = group[field] ?? (carried === "" ? undefined : carried);
    if (value !== undefined) return subject(type, value);
  }
  return subject("merchant", merchant);
}

function groupOf(
  groupBy: readonly string[] | null,
  row: Readonly<Record<string, unknown>>,
): Record<string, string> {
  if (groupBy === null) {
    const field = String(row.kf);
    return field === "" ? {} : { [field]: String(row.k0) };
  }
  return Object.fromEntries(groupBy.map((field, i) => [field, String(row[`k${i}`])]));
}
