// One correlation as SQL: every (group, instant) at which it fires, with its value. True sliding windows, true order (R4-R6).
import type { Comparison, CorrelationPlan } from "../plan.ts";
import { scaleComparisons } from "../scale.ts";
import { chainSql, type Measure, orderedMeasure, temporalMeasure } from "./chain-sql.ts";
import { carriedOf, keysOf, list, partitionBy, type Statement, thingsSql } from "./streams.ts";

/**
 * The instants at which a correlation fires, as a query, one row a (group, instant): keys, `t`, the measured `value`, `n` counted
 * things and money `m` of the window, `last` the newest event with its money `newest_m` and fields `c0…`.
 */
export function firingsSql(plan: CorrelationPlan, statement: Statement): string {
  const things = thingsSql(plan, statement, (inner) => firingsSql(inner, statement));
  const on = (measure: Measure, sql = things.sql) =>
    onLine(plan, statement, { ...things, measure, sql });
  const counting = (measure: Counting, sql = things.sql) =>
    countingSql(plan, statement, { ...things, measure, sql });
  switch (plan.type) {
    case "value_percentile":
      return percentileSql(plan, statement, things);
    case "value_count":
      return counting(distinctMeasure(plan, statement), distinctSql(plan, statement, things.sql));
    case "temporal":
      return on(temporalMeasure(plan));
    case "temporal_ordered":
      return on(orderedMeasure(plan), chainSql(plan, statement, things.sql));
    default:
      return counting(sumMeasure(plan, statement));
  }
}

type Things = ReturnType<typeof thingsSql>;

/** A running number of the window: what an instant adds when it comes, and takes away when it leaves. */
type Sum = { name: string; comes: string; leaves: string };
/** What a counting type adds: aggregates over the rows of an instant, and sums over the window's instants. */
type Counting = { instant: readonly string[]; sums: readonly Sum[]; value: string; fires: string };

/** One row a (group, instant): how many things, their money, the newest of them, and what the type measures. */
function instantsSql(
  plan: CorrelationPlan,
  statement: Statement,
  of: Things & { instant: readonly string[] },
): string {
  const keys = keysOf(plan, statement);
  const merged = plan.type.startsWith("temporal") ? "sum(bitCount(st))" : "count()";
  const columns = [
    `toInt64(${of.isMerged ? merged : "uniqExact(id)"}) AS n1`,
    ...(statement.money?.take === "sum" ? ["sum(toInt128(m)) AS m1"] : []),
    ...newestColumns(statement, of),
    ...of.instant,
  ];
  return `SELECT ${list(keys, "t", columns)} FROM (${of.sql}) GROUP BY ${list(keys, "t")}`;
}

/** The money of the window is a running sum too, where the rule adds it up. */
const moneySums = ({ money }: Statement): Sum[] =>
  money?.take === "sum" ? [{ name: "m", comes: "m1", leaves: "m1" }] : [];

/**
 * Every thing comes at t and leaves at t + T + 1, so a running sum over the line of time is the sum over the closed window
 * [t - T, t] (R4): for any T (a RANGE frame ends at 2^31 ms), and at a cost that does not grow with the window. Each group's
 * line is one array: half the time of a window function over the same rows. Without group fields all of history would be one array,
 * so that goes through window functions, whose sort may spill to disk.
 */
function countingSql(
  plan: CorrelationPlan,
  statement: Statement,
  of: Things & { measure: Counting },
): string {
  const { measure } = of;
  const sums = [{ name: "n", comes: "n1", leaves: "n1" }, ...moneySums(statement), ...measure.sums];
  const instants = instantsSql(plan, statement, { ...of, instant: measure.instant });
  const keys = keysOf(plan, statement);
  if (plan.groupBy.length === 0) {
    const running = (over: string) =>
      measure.sums.map(
        ({ name, comes, leaves }) => `sum(if(live, ${comes}, -${leaves})) OVER ${over} AS ${name}`,
      );
    return onLine(plan, statement, { ...of, measure: { ...measure, running } });
  }
  const told = ["last", "newest_m", ...carriedOf(statement)];
  const element = ["t", ...told, ...sums.flatMap(({ comes, leaves }) => [comes, leaves])];
  const at = (place: number) => `e.${place + told.length + 2}`;
  const comes = sums.map((_, i) => at(2 * i)).join(", ");
  const leaves = sums.map((_, i) => `-${at(2 * i + 1)}`).join(", ");
  // What leaves at a time stands before what comes then: both count there.
  const line = `arraySort(arrayConcat(arrayMap(e -> (e.1, 1, ${comes}), es), arrayMap(e -> (e.1 + ${plan.spanMs + 1}, 0, ${leaves}), es)))`;
  const running = sums.map(
    (_, i) => `arrayFilter((s, l) -> l = 1, arrayCumSum(line.${i + 3}), line.2) AS s${i}`,
  );
  const arrays = `SELECT ${list(keys, `arraySort(groupArray((${list(element)}))) AS es`, `${line} AS line`, running)}
FROM (${instants}) GROUP BY ${list(keys)}`;
  const shown = [
    "e.1 AS t",
    ...told.map((name, i) => `e.${i + 2} AS ${name}`),
    ...sums.map(({ name }, i) => `s${i} AS ${name}`),
    ...(statement.money?.take === "sum" ? [] : ["newest_m AS m"]),
  ];
  const rows = `SELECT ${list(keys, shown)} FROM (${arrays}) ARRAY JOIN ${list(
    "es AS e",
    sums.map((_, i) => `s${i} AS s${i}`),
  )}`;
  return firedSql(plan, statement, { ...measure, rows, live: "1" });
}

/** The same by window functions. */
function onLine(
  plan: CorrelationPlan,
  statement: Statement,
  of: Things & { measure: Measure },
): string {
  const keys = keysOf(plan, statement);
  const { measure } = of;
  const sums = statement.money?.take === "sum";
  const grouped = instantsSql(plan, statement, { ...of, instant: measure.instant });
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
function sumMeasure(plan: CorrelationPlan, statement: Statement): Counting {
  if (plan.type === "event_count") {
    const fires = comparisonsSql(plan, statement, (sign, bound) => `n ${sign} ${bound}`);
    return { instant: [], sums: [], value: "n", fires };
  }
  const isMean = plan.type === "value_avg";
  return {
    instant: ["sum(toInt128(v)) AS v1"],
    sums: [{ name: "total", comes: "v1", leaves: "v1" }],
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
  const keys = keysOf(plan, statement);
  const told = ["id", "last", "m", ...carriedOf(statement)];
  const stays = `SELECT ${list(keys, "w", `arraySort(groupArray((${list("t", told)}))) AS es`)} FROM (${things}) GROUP BY ${list(keys, "w")}`;
  const shown = ["es[i].1 AS t", ...told.map((name, place) => `es[i].${place + 2} AS ${name}`)];
  const comes = `i = 1 OR es[i - 1].1 < es[i].1 - ${plan.spanMs} AS comes`;
  const leaves = `i = length(es) OR es[i + 1].1 > es[i].1 + ${plan.spanMs} AS leaves`;
  return `SELECT ${list(keys, shown, comes, leaves)} FROM (${stays}) ARRAY JOIN arrayEnumerate(es) AS i`;
}

function distinctMeasure(plan: CorrelationPlan, statement: Statement): Counting {
  return {
    instant: ["toInt64(countIf(comes)) AS c1", "toInt64(countIf(leaves)) AS l1"],
    sums: [{ name: "distinct_values", comes: "c1", leaves: "l1" }],
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
