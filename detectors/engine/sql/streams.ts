// The things that a correlation counts, as a query: events that match its rules, and firings of inner correlations.
import { type CorrelationPlan, type DetectionPlan, fieldIn, type Plan } from "../plan.ts";
import { scaleExpr } from "../scale.ts";
import type { Binder } from "./bind.ts";
import { canonicalText, type EventTable, eventColumns, numberSql } from "./event-table.ts";
import { exprSql, type Lists } from "./leaf-sql.ts";

/**
 * What every part of one statement shares. Times are UTC ms, both ends included; `scale` as in scale.ts. `merchantId` null: every
 * merchant's events, each merchant in groups of its own.
 */
export type Statement = {
  plans: ReadonlyMap<string, Plan>;
  table: EventTable;
  binder: Binder;
  lists: Lists;
  merchantId: string | null;
  currency: string;
  scale(value: number): number;
  /** Whose money stands beside each firing: the window's sum, or the newest event's. */
  money: { field: string; take: "sum" | "last" } | null;
  /** Fields of the newest event that a finding tells, `c0…`. */
  carry: readonly string[];
  fromTs: number;
  toTs: number;
};

export const list = (...parts: readonly (string | readonly string[])[]): string =>
  parts.flat().join(", ");

export const merchantOf = ({ merchantId }: Statement): string[] =>
  merchantId === null ? ["merchant"] : [];
export const carriedOf = ({ carry }: Statement): string[] => carry.map((_, i) => `c${i}`);
/** What tells groups apart. */
export const keysOf = (plan: CorrelationPlan, statement: Statement): string[] => [
  ...merchantOf(statement),
  ...plan.groupBy.map((_, i) => `k${i}`),
];
export const partitionBy = (keys: readonly string[]): string =>
  keys.length === 0 ? "" : `PARTITION BY ${list(keys)} `;

/** The columns that every event gives: `t` ms, `id`, `m` money, `c0…`, and the merchant where many are read. */
export function eventParts(statement: Statement): string[] {
  const { merchantId, carry, table } = statement;
  return [
    ...(merchantId === null ? ["toString(merchant_id) AS merchant"] : []),
    "toUnixTimestamp64Milli(ts) AS t",
    "event_id AS id",
    `${moneySql(statement)} AS m`,
    ...carry.map((field, i) => `ifNull(toString(${canonicalText(table, field)}), '') AS c${i}`),
  ];
}

/** Money in the merchant's own currency; other currencies are never added to it. */
function moneySql({ table, money, currency, binder }: Statement): string {
  if (money === null) return "toInt64(0)";
  const own = `${table.sqlOf("currency")} = ${binder.bind(currency, "String")}`;
  return `toInt64(if(ifNull(${own}, 0), ifNull(${numberSql(table, money.field)}, 0), 0))`;
}

/** The rows that are looked at: this merchant, this span. */
export function withinSql({ binder, merchantId, fromTs, toTs }: Statement): string {
  const time = (ms: number) =>
    `fromUnixTimestamp64Milli(${binder.bind(clampTs(ms), "Int64")}, 'UTC')`;
  const span = `ts BETWEEN ${time(fromTs)} AND ${time(toTs)}`;
  if (merchantId === null) return span;
  return `merchant_id = ${binder.bind(merchantId, "String")} AND ${span}`;
}

/** Times that the column can hold. */
const MOST_TS = Date.UTC(2200, 0, 1);
const clampTs = (ts: number) => Math.min(MOST_TS, Math.max(0, Math.trunc(ts)));

/** 1 when an event matches the detection; training only where the rule names it (R25). */
export function matchSql(plan: DetectionPlan, statement: Statement): string {
  const { table, binder, lists, scale } = statement;
  const context = { columns: eventColumns(table), binder, lists };
  const parts = [
    ...(plan.eventTypes === null
      ? []
      : [`event_type IN ${binder.bind(plan.eventTypes, "Array(String)")}`]),
    ...(plan.readsTraining ? [] : ["ifNull(training, 0) = 0"]),
    exprSql(scaleExpr(plan.where, scale), context),
  ];
  return `(${parts.join(" AND ")})`;
}

const isNumeric = ({ type }: CorrelationPlan) =>
  type === "value_sum" || type === "value_avg" || type === "value_percentile";

/**
 * The things: keys, `t`, `id`, `st` (a bit for each listed rule that it is of), `v` its number, `w` its distinct value, `f` a
 * firing's value else NULL, `last` the newest event behind it, `m`, `c0…`. Things without a group value or a counted one are left
 * out (R9, R24). `isMerged`: each once; else an event that is stored twice is there twice, with the same id.
 */
export function thingsSql(
  plan: CorrelationPlan,
  statement: Statement,
  firings: (inner: CorrelationPlan) => string,
): { sql: string; isMerged: boolean; hasFirings: boolean } {
  const inner = plan.rules.flatMap((name, step) => {
    const of = statement.plans.get(name);
    if (of?.kind !== "correlation") return [];
    return [firingSql({ plan, inner: of, step }, statement, firings(of))];
  });
  const scans = branchesOf(plan, statement).map((branch) => scanSql(plan, branch, statement));
  const all = [...scans, ...inner].join("\nUNION ALL\n");
  const hasFirings = inner.length > 0;
  // Counting distinct ids is cheaper than merging; whatever adds up needs each thing once.
  const onlyCounts = plan.type === "event_count" || plan.type === "value_count";
  const sums = !onlyCounts || statement.money?.take === "sum";
  if (scans.length + inner.length === 1 && !sums) {
    return { sql: all, isMerged: false, hasFirings };
  }
  const keys = keysOf(plan, statement);
  const rest = ["v", "w", "f", "last", "m", ...carriedOf(statement)].map(
    (name) => `any(${name}) AS ${name}`,
  );
  const sql = `SELECT ${list(keys, "t", "id", "groupBitOr(st) AS st", rest)}
FROM (${all}) GROUP BY ${list(keys, "t", "id")}`;
  return { sql, isMerged: true, hasFirings };
}

/** Rules that call the correlation's fields alike: one scan finds them all. */
type Branch = { steps: { step: number; plan: DetectionPlan }[]; named(field: string): string };

function branchesOf(plan: CorrelationPlan, { plans }: Statement): Branch[] {
  const branches = new Map<string, Branch>();
  for (const [step, name] of plan.rules.entries()) {
    const inner = plans.get(name);
    if (inner === undefined) throw new TypeError(`no rule ${name}`);
    if (inner.kind !== "detection") continue;
    const named = (field: string) => fieldIn(plan, name, field);
    const key = JSON.stringify([...plan.groupBy, ...plan.fields].map(named));
    const branch = branches.get(key) ?? { steps: [], named };
    branch.steps.push({ step, plan: inner });
    branches.set(key, branch);
  }
  return [...branches.values()];
}

const bitOf = (step: number) => `toUInt64(${2n ** BigInt(step)})`;

function scanSql(plan: CorrelationPlan, branch: Branch, statement: Statement): string {
  const { table } = statement;
  const met = branch.steps.map((one) => matchSql(one.plan, statement));
  const bits = branch.steps.map(({ step }, i) =>
    met.length === 1 ? bitOf(step) : `if(${met[i]}, ${bitOf(step)}, 0)`,
  );
  const keys = plan.groupBy.map((field) => canonicalText(table, branch.named(field)));
  const fields = plan.fields.map(branch.named);
  const values = fields.map((field) =>
    isNumeric(plan) ? numberSql(table, field) : canonicalText(table, field),
  );
  const counted = plan.type === "value_count" ? values : [];
  const columns = [
    ...eventParts(statement),
    ...keys.map((sql, i) => `toString(assumeNotNull(${sql})) AS k${i}`),
    `toUInt64(${bits.join(" + ")}) AS st`,
    `${isNumeric(plan) ? `toInt64(assumeNotNull(${values[0]}))` : "toInt64(0)"} AS v`,
    `${tupleText(counted.map((sql) => `toString(assumeNotNull(${sql}))`))} AS w`,
    "CAST(NULL, 'Nullable(Float64)') AS f",
    "event_id AS last",
  ];
  const there = [...keys, ...values].map((sql) => `isNotNull(${sql})`);
  const where = [withinSql(statement), `(${met.join(" OR ")})`, ...there].join(" AND ");
  const named = list(keysOf(plan, statement), THING, carriedOf(statement));
  return `SELECT ${named} FROM (SELECT ${columns.join(", ")} FROM events WHERE ${where})`;
}

const THING = ["t", "id", "st", "v", "w", "f", "last", "m"];

/** Lengths keep ("ab","c") and ("a","bc") apart. */
function tupleText(texts: readonly string[]): string {
  if (texts.length < 2) return texts[0] ?? "''";
  return `concat(${texts.map((text) => `toString(length(${text})), ':', ${text}`).join(", ")})`;
}

/** A text's length as JavaScript counts it, which the order of firings' ids follows. */
const unitsOf = (text: string) =>
  `toString(lengthUTF8(${text}) + countMatches(${text}, '[\\\\x{10000}-\\\\x{10FFFF}]'))`;

/** Firings of an inner correlation: they have its group fields, as text (R21). "~" sorts behind every event's id. */
function firingSql(
  of: { plan: CorrelationPlan; inner: CorrelationPlan; step: number },
  statement: Statement,
  firings: string,
): string {
  const { plan, inner, step } = of;
  const place = (field: string) => inner.groupBy.indexOf(fieldIn(plan, inner.name, field));
  const key = (field: string) => `i.k${place(field)}`;
  // A firing has no numbers, and without a group value it does not count.
  const counts =
    !isNumeric(plan) && [...plan.groupBy, ...plan.fields].every((field) => place(field) >= 0);
  const own = inner.groupBy.map((_, i) => `i.k${i}`);
  const name = [statement.binder.bind(`~${inner.name}~`, "String")];
  const texts = own.length === 1 ? own : own.flatMap((text) => [unitsOf(text), "':'", text]);
  const columns = [
    ...merchantOf(statement).map((column) => `i.${column} AS ${column}`),
    ...plan.groupBy.map((field, i) => `${counts ? key(field) : "''"} AS k${i}`),
    "i.t AS t",
    `concat(${list(name, texts, "''")}) AS id`,
    `${bitOf(step)} AS st`,
    "toInt64(0) AS v",
    `${counts && plan.type === "value_count" ? tupleText(plan.fields.map(key)) : "''"} AS w`,
    "toNullable(toFloat64(i.value)) AS f",
    "i.last AS last",
    "i.newest_m AS m",
    ...carriedOf(statement).map((column) => `i.${column} AS ${column}`),
  ];
  return `SELECT ${columns.join(", ")} FROM (${firings}) AS i WHERE ${counts ? 1 : 0}`;
}
