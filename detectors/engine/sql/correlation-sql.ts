// One correlation as SQL: every (group, instant) at which it fires, with its value. True sliding windows, true order (R4-R6).
import type { Comparison, CorrelationPlan } from "../plan.ts";
import { scaleComparisons } from "../scale.ts";
import { chainSql, type Measure, NEVER, orderedMeasure, temporalMeasure } from "./chain-sql.ts";
import { carriedOf, keysOf, list, partitionBy, type Statement, thingsSql } from "./streams.ts";

/**
 * The instants at which a correlation fires, as a query, one row a (group, instant): keys, `t`, the measured `value`, `n` counted
 * things and money `m` of the window, `last` the newest event with its money `newest_m` and fields `c0…`.
 */
export function firingsSql(plan: CorrelationPlan, statement: Statement): string {
  const things = thingsSql(plan, statement, (inner) => firingsSql(inner, statement));
  switch (plan.type) {
    case "value_percentile":
      return percentileSql(plan, statement, things);
    case "value_count":
      return onLine(plan, statement, {
        ...distinctMeasure(plan, statement),
        things: distinctSql(plan, statement, things),
      });
    case "temporal":
      return onLine(plan, statement, { ...temporalMeasure(plan), things });
    case "temporal_ordered":
      return onLine(plan, statement, {
        ...orderedMeasure(plan),
        things: chainSql(plan, statement, things),
      });
    default:
      return onLine(plan, statement, { ...sumMeasure(plan, statement), things });
  }
}

/**
 * Every thing comes at t and leaves at t + T + 1, so a running sum over the line of time is the sum over the closed window
 * [t - T, t] (R4): for any T (a RANGE frame ends at 2^31 ms), and at a cost that does not grow with the window.
 */
function onLine(
  plan: CorrelationPlan,
  statement: Statement,
  of: Measure & { things: string },
): string {
  const keys = keysOf(plan, statement);
  const each = plan.type.startsWith("temporal") ? "toInt64(bitCount(st))" : "1";
  const sums = statement.money?.take === "sum";
  const line = `SELECT * REPLACE (if(sign > 0, t, t + ${plan.spanMs + 1}) AS t), sign, sign > 0 AS live
FROM (${of.things}) ARRAY JOIN [toInt64(1), toInt64(-1)] AS sign`;
  const columns = [
    "countIf(live) AS came",
    `sum(sign * ${each}) AS n1`,
    ...(sums ? ["sum(toInt128(sign * m)) AS m1"] : []),
    ...newestColumns(statement),
    ...of.instant,
  ];
  const grouped = `SELECT ${list(keys, "t", columns)} FROM (${line}) GROUP BY ${list(keys, "t")}`;
  const over = `(${partitionBy(keys)}ORDER BY t ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const running = [
    `sum(n1) OVER ${over} AS n`,
    sums ? `sum(m1) OVER ${over} AS m` : "newest_m AS m",
    ...of.running(over),
  ];
  const rows = `SELECT *, ${running.join(", ")} FROM (${grouped})`;
  return firedSql(plan, statement, { ...of, rows });
}

/** Of one instant, what a finding tells of its newest thing. */
function newestColumns(statement: Statement): string[] {
  return [
    "argMaxIf(last, id, live) AS last",
    "argMaxIf(m, id, live) AS newest_m",
    ...carriedOf(statement).map((name) => `argMaxIf(${name}, id, live) AS ${name}`),
  ];
}

function firedSql(
  plan: CorrelationPlan,
  statement: Statement,
  of: Pick<Measure, "value" | "fires"> & { rows: string },
): string {
  const told = ["n", "toInt128(m) AS m", "last", "newest_m", ...carriedOf(statement)];
  return `SELECT ${list(keysOf(plan, statement), "t", `toFloat64(${of.value}) AS value`, told)}
FROM (${of.rows}) WHERE came > 0 AND ${of.fires}`;
}

const SIGNS: Readonly<Record<Comparison["compare"], string>> = {
  lt: "<",
  lte: "<=",
  gt: ">",
  gte: ">=",
  eq: "=",
  neq: "!=",
};

/** All comparisons must hold (R8). */
function comparisonsSql(
  plan: CorrelationPlan,
  { scale, binder }: Statement,
  compare: (sign: string, bound: string) => string,
): string {
  const all = scaleComparisons(plan, scale).map((one) =>
    compare(SIGNS[one.compare], binder.bind(one.value, "Int64")),
  );
  return `(${all.join(" AND ")})`;
}

/** Counts and sums; sums in 128 bits, since 64 overflow in silence. A mean compares its sum with bound × n, without division (R17). */
function sumMeasure(plan: CorrelationPlan, statement: Statement): Measure {
  if (plan.type === "event_count") {
    const fires = comparisonsSql(plan, statement, (sign, bound) => `n ${sign} ${bound}`);
    return { instant: [], running: () => [], value: "n", fires };
  }
  const isMean = plan.type === "value_avg";
  return {
    instant: ["sum(toInt128(sign * v)) AS v1"],
    running: (over) => [`sum(v1) OVER ${over} AS total`],
    value: isMean ? "toFloat64(total) / n" : "total",
    fires: comparisonsSql(
      plan,
      statement,
      (sign, bound) => `total ${sign} toInt128(${bound})${isMean ? " * n" : ""}`,
    ),
  };
}

/**
 * A value is in the window from an occurrence until T after it, unless it comes again by then: `comes` and `leaves` mark the ends
 * of its stays, and their running sum is the number of distinct values.
 */
function distinctSql(plan: CorrelationPlan, statement: Statement, things: string): string {
  const window = `(${partitionBy([...keysOf(plan, statement), "w"])}ORDER BY t, id ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)`;
  const comes = `lagInFrame(t, 1, toInt64(-${NEVER})) OVER ${window} < t - ${plan.spanMs}`;
  const leaves = `leadInFrame(t, 1, toInt64(${NEVER})) OVER ${window} > t + ${plan.spanMs}`;
  return `SELECT *, ${comes} AS comes, ${leaves} AS leaves FROM (${things})`;
}

function distinctMeasure(plan: CorrelationPlan, statement: Statement): Measure {
  return {
    instant: ["sum(multiIf(live AND comes, 1, NOT live AND leaves, -1, 0)) AS d1"],
    running: (over) => [`sum(d1) OVER ${over} AS distinct_values`],
    value: "distinct_values",
    fires: comparisonsSql(plan, statement, (sign, bound) => `distinct_values ${sign} ${bound}`),
  };
}

/** ClickHouse takes no greater frame offset; 24.8 days in ms. */
const MOST_OFFSET = 2_147_483_647;

/**
 * Percentiles need the numbers themselves, so a frame over instants. Longer spans than the engine takes are counted in eighths: a span
 * is whole seconds, so it divides, and an eighth of a whole number is exact as Float64.
 */
function percentileSql(plan: CorrelationPlan, statement: Statement, things: string): string {
  const keys = keysOf(plan, statement);
  const [by, offset] = plan.spanMs > MOST_OFFSET ? ["t / 8", plan.spanMs / 8] : ["t", plan.spanMs];
  const over = `(${partitionBy(keys)}ORDER BY ${by} RANGE BETWEEN ${offset} PRECEDING AND CURRENT ROW)`;
  const columns = [
    "count() AS came",
    "sum(toInt128(m)) AS m1",
    ...newestColumns(statement),
    "groupArray(v) AS vs",
  ];
  const grouped = `SELECT ${list(keys, "t", columns)} FROM (SELECT *, 1 AS live FROM (${things})) GROUP BY ${list(keys, "t")}`;
  const level = (plan.percentile ?? 50) / 100;
  const running = [
    `sum(toInt64(came)) OVER ${over} AS n`,
    statement.money?.take === "sum" ? `sum(m1) OVER ${over} AS m` : "newest_m AS m",
    `quantileExactInclusiveArray(${level})(vs) OVER ${over} AS q`,
  ];
  return firedSql(plan, statement, {
    value: "q",
    fires: comparisonsSql(plan, statement, (sign, bound) => `q ${sign} toFloat64(${bound})`),
    rows: `SELECT *, ${running.join(", ")} FROM (${grouped})`,
  });
}
