// What a rule gives to those that count it, as a sub-query: matches of a detection, firings of a correlation.
import { type CorrelationPlan, type DetectionPlan, fieldIn, type Plan } from "../plan.ts";
import { scaleExpr } from "../scale.ts";
import type { Binder } from "./bind.ts";
import { canonicalText, type EventTable, eventColumns, numberSql } from "./event-table.ts";
import { exprSql, type Lists } from "./leaf-sql.ts";

/** What every part of one statement shares. Times are UTC ms, both ends included; `scale` as in scale.ts. */
export type Statement = {
  plans: ReadonlyMap<string, Plan>;
  table: EventTable;
  binder: Binder;
  lists: Lists;
  merchantId: string;
  currency: string;
  scale(value: number): number;
  /** The field whose money is added up beside each firing, or null. */
  moneyField: string | null;
  fromTs: number;
  toTs: number;
  /** The query of a correlation's firings, for those that count it. */
  firings(plan: CorrelationPlan): string;
};

/** What the counting rule wants of each row: group fields, and values as text or number, by its own names. */
export type Wanted = {
  plan: CorrelationPlan;
  texts: readonly string[];
  numbers: readonly string[];
};

/** `t`: ms, `id`, `k0…` group values, `v0…` texts, `n0…` numbers, `f`: value of a firing or NULL, `m`: money. Rows without a group value are left out (R9). */
export function streamSql(name: string, wanted: Wanted, statement: Statement): string {
  const plan = statement.plans.get(name);
  if (plan === undefined) throw new TypeError(`no rule ${name}`);
  return plan.kind === "detection"
    ? matchesSql(plan, wanted, statement)
    : innerSql(plan, wanted, statement);
}

function matchesSql(plan: DetectionPlan, wanted: Wanted, statement: Statement): string {
  const { table } = statement;
  const named = (field: string) => fieldIn(wanted.plan, plan.name, field);
  const keys = wanted.plan.groupBy.map((field) => canonicalText(table, named(field)));
  const texts = wanted.texts.map((field) => canonicalText(table, named(field)));
  const numbers = wanted.numbers.map((field) => numberSql(table, named(field)));
  const columns = [
    "toUnixTimestamp64Milli(ts) AS t",
    "event_id AS id",
    ...keys.map((sql, i) => `${sql} AS k${i}`),
    ...texts.map((sql, i) => `${sql} AS v${i}`),
    ...numbers.map((sql, i) => `${sql} AS n${i}`),
    "CAST(NULL, 'Nullable(Float64)') AS f",
    `${moneySql(statement)} AS m`,
  ];
  const there = [...keys, ...texts, ...numbers].map((sql) => ` AND isNotNull(${sql})`).join("");
  return `SELECT ${columns.join(", ")} FROM events WHERE ${eventsWhere(plan, statement)}${there}`;
}

/** Money in the merchant's own currency; other currencies are never added to it. */
export function moneySql({ table, moneyField, currency, binder }: Statement): string {
  if (moneyField === null) return "0";
  const own = `${table.sqlOf("currency")} = ${binder.bind(currency, "String")}`;
  return `if(ifNull(${own}, 0), ifNull(${numberSql(table, moneyField)}, 0), 0)`;
}

/** The events that a detection matches within the span, of this merchant alone; training only where the rule names it (R25). */
export function eventsWhere(plan: DetectionPlan, statement: Statement): string {
  const { table, binder, lists, merchantId, fromTs, toTs, scale } = statement;
  const time = (ms: number) => `fromUnixTimestamp64Milli(${binder.bind(ms, "Int64")}, 'UTC')`;
  const context = { columns: eventColumns(table), binder, lists };
  const parts = [
    `merchant_id = ${binder.bind(merchantId, "String")}`,
    `ts BETWEEN ${time(fromTs)} AND ${time(toTs)}`,
    ...(plan.eventTypes === null
      ? []
      : [`event_type IN ${binder.bind(plan.eventTypes, "Array(String)")}`]),
    ...(plan.readsTraining ? [] : ["ifNull(training, 0) = 0"]),
    exprSql(scaleExpr(plan.where, scale), context),
  ];
  return parts.join(" AND ");
}

/** A firing has its group fields only (R21). */
function innerSql(plan: CorrelationPlan, wanted: Wanted, statement: Statement): string {
  const place = (field: string) => {
    const at = plan.groupBy.indexOf(fieldIn(wanted.plan, plan.name, field));
    if (at < 0) throw new TypeError(`${plan.name} has no group field ${field}`);
    return `k${at}`;
  };
  const columns = [
    "t",
    `concat('~', ${statement.binder.bind(plan.name, "String")}, '~', ${groupTextSql(plan)}) AS id`,
    ...wanted.plan.groupBy.map((field, i) => `${place(field)} AS g${i}`),
    ...wanted.texts.map((field, i) => `${place(field)} AS v${i}`),
    ...wanted.numbers.map((_, i) => `CAST(NULL, 'Nullable(Int64)') AS n${i}`),
    "toFloat64(value) AS f",
    "m",
  ];
  const inner = `SELECT ${columns.join(", ")} FROM (${statement.firings(plan)})`;
  const renamed = [
    "t",
    "id",
    ...wanted.plan.groupBy.map((_, i) => `g${i} AS k${i}`),
    ...wanted.texts.map((_, i) => `v${i}`),
    ...wanted.numbers.map((_, i) => `n${i}`),
    "f",
    "m",
  ];
  const none = wanted.numbers.length > 0 ? " WHERE 0" : "";
  return `SELECT ${renamed.join(", ")} FROM (${inner})${none}`;
}

/** One value as it is, several with their lengths, so that no two groups share an id. */
function groupTextSql({ groupBy }: CorrelationPlan): string {
  if (groupBy.length === 0) return "''";
  if (groupBy.length === 1) return "k0";
  const parts = groupBy.map((_, i) => `toString(lengthUTF8(k${i})), ':', k${i}`);
  return `concat(${parts.join(", ")})`;
}
