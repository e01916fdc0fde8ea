// A table for anybody's events: a few columns for each field that the rules read, lists as they are.
import type { FlatEvent } from "../match/flatten.ts";
import type { DetectionPlan, Expr } from "../plan.ts";
import { literalBinder } from "./bind.ts";
import type { Columns } from "./columns.ts";
import { exprSql, type Lists } from "./leaf-sql.ts";

/**
 * `create`: the statement that makes the table. `row`: an event with its number as one line of JSONCompactEachRow.
 * `statements`: queries that give `n` (the event's number) and `m` (places of the rules that it meets).
 */
export type ForeignTable = {
  create: string;
  columns: readonly string[];
  row(number: number, event: FlatEvent): string;
  statements: readonly string[];
};

/** Text of one statement at most: ClickHouse parses 256 KiB, and plans long ones slowly. */
const MOST_CHARS = 60_000;

/** `t0` text as it is, `f0` in lower case, `d0` numbers, for each field; `words`: every text of the event. */
export function foreignTable(
  name: string,
  plans: readonly DetectionPlan[],
  lists: Lists = new Map(),
): ForeignTable {
  const places = new Map<string, number>();
  for (const { where } of plans) {
    for (const field of fieldsOf(where)) if (!places.has(field)) places.set(field, places.size);
  }
  const fields = [...places.keys()];
  const kinds = fields.flatMap((_, i) => [
    [`t${i}`, "Array(String)"],
    [`f${i}`, "Array(String)"],
    [`d${i}`, "Array(Float64)"],
  ]);
  const columns = [["n", "UInt32"], ...kinds, ["words", "Array(String)"]];
  return {
    create: `CREATE TABLE ${name} (${columns.map(([of, type]) => `${of} ${type}`).join(", ")}) ENGINE = Memory`,
    columns: columns.map(([of = ""]) => of),
    row: (number, event) => rowOf(number, event, fields),
    statements: statementsFor(name, plans, { columns: foreignColumns(places), lists }),
  };
}

function rowOf(number: number, event: FlatEvent, fields: readonly string[]): string {
  const row: unknown[] = [number];
  for (const field of fields) {
    const value = event.get(field);
    const values = value === undefined ? [] : typeof value === "object" ? value : [value];
    const texts = values.map((one) => String(one).toWellFormed());
    row.push(
      texts,
      texts.map((text) => text.toLowerCase()),
      values.filter((one) => typeof one === "number"),
    );
  }
  const words = [...event.values()].flat().filter((value) => typeof value === "string");
  row.push(words.map((word) => word.toWellFormed()));
  return JSON.stringify(row);
}

function foreignColumns(places: ReadonlyMap<string, number>): Columns {
  let depth = 0;
  /** Lambdas may stand inside each other (fieldref), so each has a variable of its own. */
  const any = (list: string, test: (value: string) => string) => {
    depth += 1;
    const variable = `x${depth}`;
    const sql = `arrayExists(${variable} -> ${test(variable)}, ${list})`;
    depth -= 1;
    return sql;
  };
  return {
    boolsAreText: true,
    ts: "toInt64(9007199254740990)",
    anyText: (test) => any("words", test),
    column(field) {
      const i = places.get(field);
      return {
        present: `notEmpty(t${i})`,
        some(type, test) {
          if (type === "bool") return "0";
          return any(type === "number" ? `d${i}` : `t${i}`, test);
        },
        someFolded: (test) => any(`f${i}`, test),
      };
    },
  };
}

function statementsFor(
  name: string,
  plans: readonly DetectionPlan[],
  of: { columns: Columns; lists: Lists },
): readonly string[] {
  const context = { ...of, binder: literalBinder() };
  const statements: string[] = [];
  let tests: string[] = [];
  let length = 0;
  const flush = () => {
    if (tests.length > 0) {
      statements.push(
        `SELECT n, m FROM (SELECT n, arrayFilter(x -> x >= 0, [${tests.join(", ")}]) AS m FROM ${name}) WHERE notEmpty(m)`,
      );
    }
    tests = [];
    length = 0;
  };
  for (const [place, { where }] of plans.entries()) {
    const test = `if(${exprSql(where, context)}, ${place}, -1)`;
    if (length + test.length > MOST_CHARS) flush();
    tests.push(test);
    length += test.length;
  }
  flush();
  return statements;
}

function fieldsOf(expr: Expr): string[] {
  if (expr.kind === "keyword") return [];
  if (expr.kind === "not") return fieldsOf(expr.of);
  if (expr.kind !== "leaf") return expr.of.flatMap(fieldsOf);
  return expr.test.op === "field" ? [expr.field, expr.test.other] : [expr.field];
}
