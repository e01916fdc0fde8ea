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
  const on = (measure: Measure, sql = things.sql) =>
    onLine(plan, statement, { ...things, measure, sql });
  switch (plan.type) {
    case "value_percentile":
      return percentileSql(plan, statement, things);
    case "value_count":
      return on(distinctMeasure(plan, statement), distinctSql(plan, statement, things.sql));
    case "temporal":
      return on(temporalMeasure(plan));
    case "temporal_ordered":
      return on(orderedMeasure(plan), chainSql(plan, statement, things.sql));
    default:
      return on(sumMeasure(plan, statement));
  }
}

type Things = ReturnType<typeof thingsSql>;

/**
 * Every thing comes at t and leaves at t + T + 1, so a running sum over the line of time is the sum over the closed window
 * [t - T, t] (R4): for any T (a RANGE frame ends at 2^31 ms), and at a cost that does not grow with the window.
 */
function onLine(
  plan: CorrelationPlan,
  statement: Statement,
  of: Things & { measure: Measure },
): string {
  const keys = keysOf(plan, statement);
  const { measure } = of;
  const merged = plan.type.startsWith("temporal") ? "sum(bitCount(st))" : "count()";
  const counts = `toInt64(${of.isMerged ? merged : "uniqExact(id)"})`;
  const sums = statement.money?.take === "sum";
  const columns = [
    `${counts} AS n1`,
    ...(sums ? ["sum(toInt128(m)) AS m1"] : []),
    ...newestColumns(statement, of),
    ...measure.instant,
  ];
  const grouped = `SELECT ${list(keys, "t", columns)} FROM (${of.sql}) GROUP BY ${list(keys, "t")}`;
  const line = `SELECT * REPLACE (if(live, t, t + ${plan.spanMs + 1}) AS t, if(live, last, '') AS last), live, if(live, 1, -1) AS sign
FROM (${grouped}) ARRAY JOIN [true, false] AS live`;
  // Rows of one time are peers: what leaves then and what comes then.
  const over = `(${partitionBy(keys)}ORDER BY t RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`;
  const running = [
    `sum(sign * n1) OVER ${over} AS n`,
    sums ? `sum(sign * m1) OVER ${over} AS m` : "newest_m AS m",
    ...measure.running(over),
  ];
  const rows = `SELECT *, ${running.join(", ")} FROM (${line})`;
  return firedSql(plan, statement, { ...measure, rows, live: "live" });
}

/** Of one instant, what a finding tells of its newest thing. */
function newestColumns(statement: Statement, { hasFirings }: Things): string[] {
  return [
    hasFirings ? "argMax(last, id) AS last" : "max(id) AS last",
    statement.money === null ? "toInt64(0) AS newest_m" : "argMax(m, id) AS newest_m",
    ...carriedOf(statement).map((name) => `argMax(${name}, id) AS ${name}`),
  ];
}

function firedSql(
  plan: CorrelationPlan,
  statement: Statement,
  of: Pick<Measure, "value" | "fires"> & { rows: string; live: string },
): string {
  const told = ["n", "toInt128(m) AS m", "last", "newest_m", ...carriedOf(statement)];
  return `SELECT ${list(keysOf(plan, statement), "t", `toFloat64(${of.value}) AS value`, told)}
FROM (${of.rows}) WHERE ${of.live} AND ${of.fires}`;
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
    instant: ["sum(toInt128(v)) AS v1"],
    running: (over) => [`sum(sign * v1) OVER ${over} AS total`],
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
    instant: ["toInt64(countIf(comes)) AS c1", "toInt64(countIf(leaves)) AS l1"],
    running: (over) => [`sum(if(live, c1, -l1)) OVER ${over} AS distinct_values`],
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
function percentileSql(plan: CorrelationPlan, statement: Statement, things: Things): string {
  const keys = keysOf(plan, statement);
  const [by, offset] = plan.spanMs > MOST_OFFSET ? ["t / 8", plan.spanMs / 8] : ["t", plan.spanMs];
  const over = `(${partitionBy(keys)}ORDER BY ${by} RANGE BETWEEN ${offset} PRECEDING AND CURRENT ROW)`;
  const columns = [
    "toInt64(count()) AS n1",
    "sum(toInt128(m)) AS m1",
    ...newestColumns(statement, things),
    "groupArray(v) AS vs",
  ];
  const grouped = `SELECT ${list(keys, "t", columns)} FROM (${things.sql}) GROUP BY ${list(keys, "t")}`;
  const level = (plan.percentile ?? 50) / 100;
  const running = [
    `sum(n1) OVER ${over} AS n`,
    statement.money?.take === "sum" ? `sum(m1) OVER ${over} AS m` : "newest_m AS m",
    `quantileExactInclusiveArray(${level})(vs) OVER ${over} AS q`,
  ];
  return firedSql(plan, statement, {
    value: "q",
    fires: comparisonsSql(plan, statement, (sign, bound) => `q ${sign} toFloat64(${bound})`),
    live: "1",
    rows: `SELECT *, ${running.join(", ")} FROM (${grouped})`,
  });
}
