// Correlations as SQL with true sliding windows: closed RANGE frames over whole milliseconds, one row an instant (R4-R6).
import { type BoolExpr, type Comparison, type CorrelationPlan, namesOf } from "../plan.ts";
import { scaleComparisons } from "../scale.ts";
import { type Statement, streamSql } from "./streams.ts";

/**
 * The instants at which a correlation fires, as a query: `t`, group values `k0…`, the measured `value`, `n` counted
 * things and money `m` of the window. An event that is stored twice counts once.
 */
export function firingsSql(plan: CorrelationPlan, statement: Statement): string {
  switch (plan.type) {
    case "temporal":
      return temporalSql(plan, statement);
    case "temporal_ordered":
      return orderedSql(plan, statement);
    default:
      return measuredSql(plan, statement);
  }
}

const keysOf = ({ groupBy }: CorrelationPlan): string[] => groupBy.map((_, i) => `k${i}`);
const list = (...parts: readonly (string | readonly string[])[]): string => parts.flat().join(", ");

/** ClickHouse takes no greater frame offset; 24.8 days in ms. */
const MOST_OFFSET = 2_147_483_647;

/**
 * The closed window [t - span, t] of each group. Longer spans than the engine takes are counted in eighths: a span is whole seconds,
 * so it divides, and an eighth of a whole number is exact as Float64.
 */
function windowOf(plan: CorrelationPlan): string {
  const keys = keysOf(plan);
  const partition = keys.length === 0 ? "" : `PARTITION BY ${list(keys)} `;
  const [by, offset] = plan.spanMs > MOST_OFFSET ? ["t / 8", plan.spanMs / 8] : ["t", plan.spanMs];
  return `WINDOW w AS (${partition}ORDER BY ${by} RANGE BETWEEN ${offset} PRECEDING AND CURRENT ROW)`;
}

/** Everything that the listed rules give; `s` is the rule's place in the list. */
function unionSql(plan: CorrelationPlan, statement: Statement): string {
  const texts = plan.type === "value_count" ? plan.fields : [];
  const numbers = plan.type.startsWith("value_") && texts.length === 0 ? plan.fields : [];
  return plan.rules
    .map((name, step) => {
      const stream = streamSql(name, { plan, texts, numbers }, statement);
      return `SELECT ${step} AS s, * FROM (${stream})`;
    })
    .join(" UNION ALL ");
}

const MONEY = "arraySum(x -> toInt128(x.2), groupUniqArray((id, m)))";
const NUMBERS = "groupUniqArray((id, n0))";
const SIGNS: Readonly<Record<Comparison["compare"], string>> = {
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  eq: "=",
  neq: "!=",
};

/** Counts, sums, means and percentiles: one row an instant with what came then, then the window over those rows. */
function measuredSql(plan: CorrelationPlan, statement: Statement): string {
  const keys = keysOf(plan);
  const { each, value } = measureSql(plan);
  const money = statement.moneyField === null ? "toInt128(0)" : MONEY;
  const instants = `SELECT ${list(keys, "t", "uniqExact(id) AS c", `${money} AS im`, each)}
    FROM (${unionSql(plan, statement)}) GROUP BY ${list(keys, "t")}`;
  const windows = `SELECT ${list(keys, "t", `${value} AS value`, "sum(c) OVER w AS n", "sum(im) OVER w AS m", sumFor(plan))}
    FROM (${instants}) ${windowOf(plan)}`;
  const holds = scaleComparisons(plan, statement.scale).map((one) => comparisonSql(plan, one));
  return `SELECT ${list("t", keys, "value", "n", "m")} FROM (${windows}) WHERE ${holds.join(" AND ")}`;
}

/** `each`: what an instant keeps; `value`: what the window makes of it. */
function measureSql(plan: CorrelationPlan): { each: string[]; value: string } {
  switch (plan.type) {
    case "value_count": {
      const tuple = plan.fields.map((_, i) => `v${i}`);
      return {
        each: [`groupUniqArray((${list(tuple, "1")})) AS vs`],
        value: "uniqExactArray(vs) OVER w",
      };
    }
    case "value_sum":
    case "value_avg":
      return {
        each: [`arraySum(x -> toInt128(assumeNotNull(x.2)), ${NUMBERS}) AS total`],
        value: plan.type === "value_sum" ? "sum(total) OVER w" : "toFloat64(sum(total) OVER w) / n",
      };
    case "value_percentile": {
      const level = (plan.percentile ?? 50) / 100;
      return {
        each: [`arrayMap(x -> assumeNotNull(x.2), ${NUMBERS}) AS ns`],
        value: `quantileExactInclusiveArray(${level})(ns) OVER w`,
      };
    }
    default:
      return { each: [], value: "sum(c) OVER w" };
  }
}

const sumFor = (plan: CorrelationPlan) =>
  plan.type === "value_avg" ? ["sum(total) OVER w AS whole"] : [];

/** A mean compares its sum with bound × n, without division (R17). */
function comparisonSql(plan: CorrelationPlan, { compare, value }: Comparison): string {
  const sign = SIGNS[compare];
  return plan.type === "value_avg"
    ? `whole ${sign} toInt128(${value}) * n`
    : `value ${sign} ${value}`;
}

/** Which listed rules a temporal correlation judges at, and its condition over the flags `s0…` of the window. */
function temporalNeedsSql(plan: CorrelationPlan): { wakes: number[]; holds: string } {
  const { when, rules } = plan;
  if (when === null) {
    return { wakes: rules.map((_, i) => i), holds: rules.map((_, i) => `s${i} = 1`).join(" AND ") };
  }
  const { positive } = namesOf(when);
  const wakes = rules.flatMap((rule, i) => (positive.has(rule) ? [i] : []));
  return { wakes, holds: boolSql(when, rules) };
}

function boolSql(when: BoolExpr, rules: readonly string[]): string {
  if (when.kind === "rule") return `s${rules.indexOf(when.name)} = 1`;
  if (when.kind === "not") return `(NOT ${boolSql(when.of, rules)})`;
  const parts = when.of.map((part) => boolSql(part, rules));
  return `(${parts.join(when.kind === "and" ? " AND " : " OR ")})`;
}

/** What a window of a temporal correlation knows besides its flags: the newest inner count, else how many things. */
const CHAIN_VALUE =
  "if(max(isNotNull(lf)) OVER w = 1, argMaxIf(assumeNotNull(lf), t, isNotNull(lf)) OVER w, toFloat64(sum(c) OVER w)) AS value";
const flags = (plan: CorrelationPlan) => plan.rules.map((_, i) => `max(h${i}) OVER w AS s${i}`);

function temporalSql(plan: CorrelationPlan, statement: Statement): string {
  const keys = keysOf(plan);
  const { wakes, holds } = temporalNeedsSql(plan);
  const seen = plan.rules.map((_, i) => `max(s = ${i}) AS h${i}`);
  const instants = `SELECT ${list(keys, "t", seen, "uniqExact((id, s)) AS c", `${MONEY} AS im`, "argMaxIf(f, id, isNotNull(f)) AS lf", `max(s IN (${wakes.join(", ")})) AS wakes`)}
    FROM (${unionSql(plan, statement)}) GROUP BY ${list(keys, "t")}`;
  const windows = `SELECT ${list(keys, "t", "wakes", flags(plan), CHAIN_VALUE, "sum(c) OVER w AS n", "sum(im) OVER w AS m")}
    FROM (${instants}) ${windowOf(plan)}`;
  return `SELECT ${list("t", keys, "value", "n", "m")} FROM (${windows}) WHERE wakes = 1 AND ${holds}`;
}

/**
 * `c0`: where a chain begins; `ci`: the newest beginning of a chain that reaches its i-th rule at this row, over rows
 * strictly before it in (t, id). It fires where the last one is young enough.
 */
function orderedSql(plan: CorrelationPlan, statement: Statement): string {
  const keys = keysOf(plan);
  const { wakes: chain, holds } = temporalNeedsSql(plan);
  const seen = plan.rules.map((_, i) => `max(s = ${i}) AS h${i}`);
  const things = `SELECT ${list(keys, "t", "id", seen, "uniqExact(s) AS ic", "any(m) AS im1", "max(f) AS lf1")}
    FROM (${unionSql(plan, statement)}) GROUP BY ${list(keys, "t", "id")}`;
  const partition = keys.length === 0 ? "" : `PARTITION BY ${list(keys)} `;
  const before = `(${partition}ORDER BY t, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const start = `SELECT *, if(h${chain[0]} = 1, t, CAST(NULL, 'Nullable(Int64)')) AS c0 FROM (${things})`;
  const reached = chain.slice(1).reduce((from, step, i) => {
    const newest = `max(c${i}) OVER ${before}`;
    return `SELECT *, if(h${step} = 1, ${newest}, CAST(NULL, 'Nullable(Int64)')) AS c${i + 1} FROM (${from})`;
  }, start);
  const last = `c${chain.length - 1}`;
  const complete = `max(ifNull(t - ${last} <= ${plan.spanMs}, 0)) AS complete`;
  const kept = plan.rules.map((_, i) => `max(h${i}) AS h${i}`);
  const instants = `SELECT ${list(keys, "t", complete, kept, "sum(ic) AS c", "sum(toInt128(im1)) AS im", "argMaxIf(lf1, id, isNotNull(lf1)) AS lf")}
    FROM (${reached}) GROUP BY ${list(keys, "t")}`;
  const windows = `SELECT ${list(keys, "t", "complete", flags(plan), CHAIN_VALUE, "sum(c) OVER w AS n", "sum(im) OVER w AS m")}
    FROM (${instants}) ${windowOf(plan)}`;
  return `SELECT ${list("t", keys, "value", "n", "m")} FROM (${windows}) WHERE complete = 1 AND ${holds}`;
}
