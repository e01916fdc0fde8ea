// The plainest reading of the rule language, for tests: for every instant, look at everything again. Shares no fold and
// no window with the engine; only the documents' parsed form.
import type { Event, FieldValue } from "../../../core/event.ts";
import type { BoolExpr, CorrelationPlan, ListLookup, RatioExpr, Ruleset } from "../plan.ts";
import { bruteKept } from "./brute-kept.ts";
import { meetsBrute } from "./brute-match.ts";

export type BruteFinding = {
  rule: string;
  group: Record<string, string>;
  ts: number;
  value: number;
};

/** An event, or a firing of an inner correlation, as an outer one sees it. */
type Thing = {
  ts: number;
  id: string;
  /** Which of the listed rules it is of. */
  rule: string;
  /** Value of a firing; undefined for an event. */
  fired: number | undefined;
  read(field: string): FieldValue | undefined;
};

/** Findings of one correlation. `plan` is written for two decimals; training events are left out by the caller. */
export function bruteForce(
  ruleset: Ruleset,
  plan: CorrelationPlan,
  events: readonly Event[],
  lists?: ListLookup,
): BruteFinding[] {
  const unique = [...new Map(events.map((event) => [event.event_id, event])).values()];
  if (["baseline", "absence_after", "absence_before"].includes(plan.analytic?.kind ?? "")) {
    const kept = plan.rules.flatMap((name, step) =>
      thingsOf({ ruleset, events: unique, lists }, name).flatMap((thing) => {
        const group = groupOf(plan, thing);
        return group === undefined ? [] : [{ ...thing, step, group }];
      }),
    );
    return bruteKept(plan, kept, unique);
  }
  const things = plan.rules.flatMap((name) => thingsOf({ ruleset, events: unique, lists }, name));
  const counted = things.filter(
    (thing) => groupOf(plan, thing) !== undefined && counts(plan, thing),
  );
  const found = new Map<string, BruteFinding>();
  for (const at of counted.filter((thing) => wakes(plan, thing))) {
    const group = groupOf(plan, at) ?? {};
    const inside = counted.filter(
      (thing) =>
        thing.ts >= at.ts - plan.spanMs &&
        thing.ts <= at.ts &&
        JSON.stringify(groupOf(plan, thing)) === JSON.stringify(group),
    );
    const value = judge(plan, inside, at.ts);
    if (value === undefined) continue;
    found.set(`${JSON.stringify(group)}@${at.ts}`, { rule: plan.name, group, ts: at.ts, value });
  }
  return [...found.values()];
}

type World = { ruleset: Ruleset; events: readonly Event[]; lists: ListLookup | undefined };

function thingsOf({ ruleset, events, lists }: World, name: string): Thing[] {
  const plan = ruleset.plans.get(name);
  if (plan === undefined) throw new Error(`no rule ${name}`);
  if (plan.kind === "correlation") {
    return bruteForce(ruleset, plan, events, lists).map((finding) => ({
      ts: finding.ts,
      id: `~${name}~${keyOf(plan, finding.group)}`,
      rule: name,
      fired: finding.value,
      read: (field) => finding.group[field],
    }));
  }
  return events
    .filter((event) => plan.eventTypes?.includes(event.event_type) !== false)
    .filter((event) => meetsBrute(plan.where, event, lists))
    .map((event) => ({
      ts: event.ts,
      id: event.event_id,
      rule: name,
      fired: undefined,
      read: (field) => (event as unknown as Record<string, FieldValue | undefined>)[field],
    }));
}

/** Firings of one correlation at one instant are told apart by their group (R21): one value as it is, several with lengths. */
function keyOf(plan: CorrelationPlan, group: Record<string, string>): string {
  const values = plan.groupBy.map((field) => group[field] ?? "");
  return values.length === 1
    ? (values[0] ?? "")
    : values.map((value) => `${value.length}:${value}`).join("");
}

function valueIn(plan: CorrelationPlan, thing: Thing, field: string): FieldValue | undefined {
  return thing.read(plan.aliases.get(field)?.get(thing.rule) ?? field);
}

/** A group's values, or undefined when one is absent. */
function groupOf(plan: CorrelationPlan, thing: Thing): Record<string, string> | undefined {
  const group: Record<string, string> = {};
  for (const name of plan.groupBy) {
    const value = valueIn(plan, thing, name);
    if (value === undefined) return undefined;
    group[name] = String(value);
  }
  return group;
}

const isNumeric = (plan: CorrelationPlan) =>
  ["value_sum", "value_avg", "value_percentile"].includes(plan.type);

function counts(plan: CorrelationPlan, thing: Thing): boolean {
  if (plan.type === "event_count" || plan.type.startsWith("temporal")) return true;
  if (plan.analytic?.kind === "ratio") return true;
  return plan.fields.every((name) => {
    const value = valueIn(plan, thing, name);
    return isNumeric(plan) ? typeof value === "number" : value !== undefined;
  });
}

/** A rule that is only ever negated is no reason to judge. */
function wakes(plan: CorrelationPlan, thing: Thing): boolean {
  return plan.when === null || isWanted(plan.when, thing.rule, true);
}

function isWanted(when: BoolExpr, rule: string, positive: boolean): boolean {
  if (when.kind === "rule") return positive && when.name === rule;
  if (when.kind === "not") return isWanted(when.of, rule, !positive);
  return when.of.some((part) => isWanted(part, rule, positive));
}

/** The measured value when the rule fires, else undefined. */
function judge(plan: CorrelationPlan, inside: readonly Thing[], ts: number): number | undefined {
  if (plan.analytic !== null) return judgeAnalytic(plan, inside, ts);
  if (plan.type === "temporal" || plan.type === "temporal_ordered") {
    const seen = (name: string) => inside.some((thing) => thing.rule === name);
    const holds = plan.when === null ? plan.rules.every(seen) : bool(plan.when, seen);
    const chained = plan.type === "temporal" || isChain(plan, inside, ts);
    return holds && chained ? chainValue(inside) : undefined;
  }
  const value = measure(plan, inside);
  const fires = plan.comparisons.every(({ compare, value: bound }) => {
    if (compare === "gte") return value >= bound;
    if (compare === "gt") return value > bound;
    if (compare === "lte") return value <= bound;
    if (compare === "lt") return value < bound;
    return compare === "eq" ? value === bound : value !== bound;
  });
  return fires ? value : undefined;
}

function bool(when: BoolExpr, seen: (name: string) => boolean): boolean {
  if (when.kind === "rule") return seen(when.name);
  if (when.kind === "not") return !bool(when.of, seen);
  return when.kind === "and"
    ? when.of.every((part) => bool(part, seen))
    : when.of.some((part) => bool(part, seen));
}

const before = (a: Thing, b: Thing) => a.ts < b.ts || (a.ts === b.ts && a.id < b.id);

/** All chains are tried one by one. */
function isChain(plan: CorrelationPlan, inside: readonly Thing[], ts: number): boolean {
  const order = plan.rules.filter((rule) => plan.when === null || isWanted(plan.when, rule, true));
  const goOn = (place: number, last: Thing | undefined): boolean => {
    if (place === order.length) return last?.ts === ts;
    return inside.some(
      (thing) =>
        thing.rule === order[place] &&
        (last === undefined || before(last, thing)) &&
        goOn(place + 1, thing),
    );
  };
  return goOn(0, undefined);
}

/** What a chain is about: the newest inner count when it has one, else how many things happened. */
function chainValue(inside: readonly Thing[]): number {
  const firings = inside.filter((thing) => thing.fired !== undefined);
  const newest = firings.reduce<Thing | undefined>(
    (best, thing) => (best === undefined || before(best, thing) ? thing : best),
    undefined,
  );
  return newest?.fired ?? inside.length;
}

function measure(plan: CorrelationPlan, inside: readonly Thing[]): number {
  if (plan.type === "event_count") {
    return new Set(inside.map((thing) => `${thing.ts} ${thing.id}`)).size;
  }
  const once = [...new Map(inside.map((thing) => [`${thing.ts} ${thing.id}`, thing])).values()];
  if (plan.type === "value_count") {
    const tuples = once.map((thing) =>
      JSON.stringify(plan.fields.map((name) => String(valueIn(plan, thing, name)))),
    );
    return new Set(tuples).size;
  }
  const numbers = once.map((thing) => Number(valueIn(plan, thing, plan.fields[0] ?? "")));
  const sum = numbers.reduce((total, number) => total + number, 0);
  if (plan.type === "value_sum") return sum;
  if (plan.type === "value_avg") return sum / numbers.length;
  return percentile(numbers, plan.percentile ?? 50);
}

/** Between the two neighbours of the place (n - 1) × p. */
function percentile(numbers: readonly number[], p: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (p / 100) * (sorted.length - 1) + 1;
  const low = sorted[Math.floor(place) - 1] ?? 0;
  const high = sorted[Math.floor(place)] ?? low;
  return low + (place - Math.floor(place)) * (high - low);
}

function judgeAnalytic(
  plan: CorrelationPlan,
  inside: readonly Thing[],
  ts: number,
): number | undefined {
  const { analytic } = plan;
  const unique = [...new Map(inside.map((thing) => [`${thing.ts} ${thing.id}`, thing])).values()];
  const inOrder = unique.sort((a, b) => (before(a, b) ? -1 : 1));
  if (analytic?.kind === "ratio") return judgeRatio(plan, inside);
  const answers = inOrder.flatMap((thing, place) => {
    if (thing.ts !== ts) return [];
    const earlier = inOrder.slice(0, place);
    if (analytic?.kind === "new_value") {
      const value = String(thing.read(analytic.field));
      const isNew = earlier.every((other) => String(other.read(analytic.field)) !== value);
      return isNew && earlier.length >= analytic.minSupport ? [earlier.length] : [];
    }
    return travelled(plan, earlier.at(-1), thing);
  });
  if (answers.length === 0) return undefined;
  return analytic?.kind === "new_value" ? answers[0] : Math.max(...answers);
}

function travelled(plan: CorrelationPlan, from: Thing | undefined, to: Thing): number[] {
  const { analytic, comparisons } = plan;
  if (analytic?.kind !== "geo_velocity" || from === undefined) return [];
  const at = (thing: Thing) =>
    analytic.position.map((field) => (Number(thing.read(field)) * Math.PI) / 180);
  const [latA = 0, lonA = 0] = at(from);
  const [latB = 0, lonB = 0] = at(to);
  const half = (angle: number) => Math.sin(angle / 2) ** 2;
  const chord = half(latB - latA) + Math.cos(latA) * Math.cos(latB) * half(lonB - lonA);
  const metres = Math.round(2 * 6_371_000 * Math.asin(Math.min(1, Math.sqrt(chord))));
  const ms = to.ts - from.ts;
  const fast = comparisons.every(({ compare, value }) =>
    compare === "gt" ? metres * 3600 > value * ms : metres * 3600 >= value * ms,
  );
  return fast && metres >= analytic.minDistanceM ? [metres] : [];
}

function judgeRatio(plan: CorrelationPlan, inside: readonly Thing[]): number | undefined {
  if (plan.analytic?.kind !== "ratio") return undefined;
  const numbers = new Map<string, number>();
  for (const { name, take, field, rules } of plan.analytic.aggregates) {
    const own = inside.filter((thing) => rules.includes(thing.rule));
    const once = [...new Map(own.map((thing) => [`${thing.ts} ${thing.id}`, thing])).values()];
    const values = once.map((thing) => (field === null ? 1 : thing.read(field)));
    const there = values.filter((value) => value !== undefined);
    if (take === "count") numbers.set(name, once.length);
    else if (take === "distinct") numbers.set(name, new Set(there.map(String)).size);
    else
      numbers.set(
        name,
        there.reduce((sum: number, value) => sum + Number(value), 0),
      );
  }
  const value = numbers.get(plan.analytic.aggregates[0]?.name ?? "");
  return evaluate(plan.analytic.condition, numbers) === 1 ? value : undefined;
}

/** Comparisons give 1 or 0; what is no number makes them 0. */
function evaluate(expr: RatioExpr, numbers: ReadonlyMap<string, number>): number {
  if (expr.kind === "number") return expr.value;
  if (expr.kind === "name") return numbers.get(expr.name) ?? 0;
  if (expr.kind === "not") return 1 - evaluate(expr.of, numbers);
  const [a, b] = [evaluate(expr.left, numbers), evaluate(expr.right, numbers)];
  if (expr.kind === "+") return a + b;
  if (expr.kind === "-") return a - b;
  if (expr.kind === "*") return a * b;
  if (expr.kind === "/") return a / b;
  if (expr.kind === "and") return a * b;
  if (expr.kind === "or") return Math.max(a, b);
  if (![a, b].every(Number.isFinite)) return 0;
  const sign = { lt: a < b, lte: a <= b, gt: a > b, gte: a >= b, eq: a === b, neq: a !== b };
  return sign[expr.kind] ? 1 : 0;
}
