// One rule as one ClickHouse statement, and what its rows mean. Pure: text and parameters in, findings' essentials out.
import { highestLevel, type Level } from "../../../core/level.ts";
import { currencyDecimals } from "../../../core/money.ts";
import { meets, type Plan, type Rule, type Ruleset, type Tier } from "../plan.ts";
import { scaleFor } from "../scale.ts";
import { newBinder } from "./bind.ts";
import { firingsSql } from "./correlation-sql.ts";
import { canonicalText, type EventTable, numberSql } from "./event-table.ts";
import type { Lists } from "./leaf-sql.ts";
import { eventsWhere, moneySql, type Statement } from "./streams.ts";

/** A span of history of one merchant, UTC ms, both ends included. `currency`: the merchant's, which scales money (R37). */
export type HistorySpan = {
  merchantId: string;
  currency: string;
  fromTs: number;
  toTs: number;
  lists?: Lists;
};

/** `columns`: names of the group values, in the order of the row's `k0…`; null: the row names its own field in `kf`. */
export type RuleStatement = {
  sql: string;
  params: Record<string, unknown>;
  groupBy: readonly string[] | null;
};

/** What both engines say alike of a finding, and the money of its window in the merchant's currency. */
export type HistoryFinding = {
  rule: string;
  version: number;
  group: Record<string, string>;
  ts: number;
  value: number | null;
  level: Level;
  count: number;
  amount: number;
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

/** The statement that finds what the rule would have found in the span. Rows come in order of time. */
export function compileRule(
  { ruleset, rule, table }: { ruleset: Ruleset; rule: Rule; table: EventTable },
  span: HistorySpan,
): RuleStatement {
  const plan = ruleset.plans.get(rule.name);
  if (plan === undefined) throw new TypeError(`no rule ${rule.name}`);
  const binder = newBinder();
  const statement: Statement = {
    plans: ruleset.plans,
    table,
    binder,
    lists: span.lists ?? new Map(),
    merchantId: span.merchantId,
    currency: span.currency,
    scale: scaleFor(currencyDecimals(span.currency)),
    moneyField: rule.money?.field ?? null,
    fromTs: span.fromTs - leadInMs(plan, ruleset.plans),
    toTs: span.toTs,
    firings: (inner) => firingsSql(inner, statement),
  };
  if (plan.kind === "detection") {
    return { sql: singleSql(rule, statement), params: binder.params, groupBy: null };
  }
  const keys = plan.groupBy.map((_, i) => `k${i}`);
  const from = binder.bind(span.fromTs, "Int64");
  const sql = `SELECT ${["t", ...keys, "value", "n", "m"].join(", ")} FROM (${firingsSql(plan, statement)})
    WHERE t >= ${from} ORDER BY ${["t", ...keys].join(", ")}`;
  return { sql, params: binder.params, groupBy: plan.groupBy };
}

/** Single events: one finding per subject and instant, with the greatest measured value. */
function singleSql(rule: Rule, statement: Statement): string {
  const plan = statement.plans.get(rule.name);
  if (plan?.kind !== "detection") throw new TypeError(`${rule.name} is no detection`);
  const { table } = statement;
  const texts = rule.subject.map(({ field }) => canonicalText(table, field));
  const cases = rule.subject.map(({ field }, i) => `isNotNull(${texts[i]}), '${field}'`);
  const values = rule.subject.map((_, i) => `isNotNull(${texts[i]}), assumeNotNull(${texts[i]})`);
  const choose = (parts: readonly string[]) =>
    parts.length === 0 ? "''" : `multiIf(${parts.join(", ")}, '')`;
  const measure =
    rule.measure === null ? "CAST(NULL, 'Nullable(Int64)')" : numberSql(table, rule.measure);
  const matches = `SELECT toUnixTimestamp64Milli(ts) AS t, event_id AS id, ${choose(cases)} AS kf,
      ${choose(values)} AS k0, ${measure} AS x, ${moneySql(statement)} AS m
    FROM events WHERE ${eventsWhere(plan, statement)}`;
  return `SELECT t, kf, k0, maxOrNull(x) AS value, uniqExact(id) AS n,
      arraySum(y -> toInt128(y.2), groupUniqArray((id, m))) AS m
    FROM (${matches}) GROUP BY t, kf, k0 ORDER BY t, kf, k0`;
}

/** A row of the statement (as objects, numbers as numbers or text) as a finding. */
export function readRow(
  {
    rule,
    groupBy,
    tiers,
  }: { rule: Rule; groupBy: readonly string[] | null; tiers: readonly Tier[] },
  row: Readonly<Record<string, unknown>>,
): HistoryFinding {
  const value = row.value === null || row.value === undefined ? null : Number(row.value);
  const met = value === null ? [] : tiers.filter((tier) => meets(value, tier.comparisons));
  return {
    rule: rule.name,
    version: rule.version,
    group: groupOf(groupBy, row),
    ts: Number(row.t),
    value,
    level: met.reduce((level, tier) => highestLevel(level, tier.level), rule.level),
    count: Number(row.n),
    amount: Number(row.m),
  };
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
