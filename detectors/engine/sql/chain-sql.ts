// Rules that were seen together, or one after the other, as SQL.
import { type BoolExpr, type CorrelationPlan, namesOf } from "../plan.ts";
import { keysOf, partitionBy, type Statement } from "./streams.ts";

/** Added to a time so that 0 can mean "never", also on a clock near 0 or before it. */
const NEVER = "4611686018427387904";

/**
 * What a type adds to the steps that all share. `instant`: aggregates over the rows of one (group, instant), `live` where something
 * came and not left. `running`: window functions over instants, `over` a group's first to this one. `value`, `fires`: read both.
 */
export type Measure = {
  instant: readonly string[];
  running: (over: string) => readonly string[];
  value: string;
  fires: string;
};

const hasBit = (step: number, mask = "st") => `bitTest(${mask}, ${step})`;
const cameOf = (step: number) => hasBit(step, "came_of");

/** Without a condition: all of the rules. "Seen" is: its newest time so far lies in the window. */
export function temporalMeasure(plan: CorrelationPlan): Measure {
  const { when, rules } = plan;
  const since = `t - ${plan.spanMs} + ${NEVER}`;
  const seen = (step: number) => `last${step} >= ${since}`;
  const holds =
    when === null ? rules.map((_, step) => seen(step)).join(" AND ") : whenSql(plan, when, seen);
  const wakes = orderOf(plan).map(cameOf);
  return {
    instant: [
      "groupBitOr(st) AS came_of",
      "argMaxIf(ifNull(f, 0), id, isNotNull(f)) AS newest",
      "countIf(isNotNull(f)) AS firings",
    ],
    running: (over) => [
      ...rules.map(
        (_, step) =>
          `max(if(live AND ${cameOf(step)}, t + ${NEVER}, 0)) OVER ${over} AS last${step}`,
      ),
      `max(if(live AND firings > 0, t + ${NEVER}, 0)) OVER ${over} AS last_fired`,
      `argMax(newest, if(live AND firings > 0, t + ${NEVER}, 0)) OVER ${over} AS newest_fired`,
    ],
    // The newest inner value where there is one, else how many things happened.
    value: `if(last_fired >= ${since}, newest_fired, toFloat64(n))`,
    fires: `(${holds}) AND (${wakes.join(" OR ")})`,
  };
}

function whenSql(plan: CorrelationPlan, when: BoolExpr, seen: (step: number) => string): string {
  if (when.kind === "rule") return seen(plan.rules.indexOf(when.name));
  if (when.kind === "not") return `(NOT ${whenSql(plan, when.of, seen)})`;
  const parts = when.of.map((part) => whenSql(plan, part, seen));
  return `(${parts.join(when.kind === "and" ? " AND " : " OR ")})`;
}

/** Steps of the rules that must be seen, in the order listed. */
function orderOf({ when, rules }: CorrelationPlan): number[] {
  const positive = when === null ? undefined : namesOf(when).positive;
  return rules.flatMap((rule, step) => (positive?.has(rule) === false ? [] : [step]));
}

/**
 * For each thing, the newest start of a chain that has come as far as each rule, and whether it completes one (`done`). A step
 * looks only at rows before its own, so that one event never takes two.
 */
export function chainSql(plan: CorrelationPlan, statement: Statement, things: string): string {
  const before = `(${partitionBy(keysOf(plan, statement))}ORDER BY t, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)`;
  const [first = 0, ...rest] = orderOf(plan);
  let rows = `SELECT *, if(${hasBit(first)}, t + ${NEVER}, toInt64(0)) AS start FROM (${things})`;
  for (const step of rest) {
    rows = `SELECT * EXCEPT (start, earlier), if(${hasBit(step)}, earlier, toInt64(0)) AS start
FROM (SELECT *, max(start) OVER ${before} AS earlier FROM (${rows}))`;
  }
  return `SELECT * EXCEPT (start), start > 0 AND start >= t - ${plan.spanMs} + ${NEVER} AS done FROM (${rows})`;
}

export function orderedMeasure(plan: CorrelationPlan): Measure {
  const of = temporalMeasure(plan);
  return {
    ...of,
    instant: [...of.instant, "countIf(done) AS completed"],
    fires: `completed > 0 AND ${of.fires}`,
  };
}
