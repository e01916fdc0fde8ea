// Our own events table as the rules see it. The names of columns are given from outside: the engine knows no store.
import { FIELD_SPECS } from "../../../core/event-fields.ts";
import type { Column, Columns } from "./columns.ts";

/**
 * `sqlOf`: the SQL that reads a field of the vocabulary, NULL when absent (`fieldSql` of the store). Times that are
 * columns of type DateTime64 are named in `dateColumns`; their text in `textOfWall`.
 */
export type EventTable = {
  sqlOf(field: string): string;
  dateColumns: ReadonlySet<string>;
};

export function eventColumns(table: EventTable): Columns {
  return {
    column: (field) => eventColumn(table, field),
    anyText: null,
    ts: "toUnixTimestamp64Milli(ts)",
    boolsAreText: false,
  };
}

function eventColumn(table: EventTable, field: string): Column {
  const spec = FIELD_SPECS.get(field);
  if (spec === undefined) throw new TypeError(`no field ${field}`);
  const value = table.sqlOf(field);
  const present = `isNotNull(${value})`;
  const never = () => "0";
  const test = (sql: string) => (make: (value: string) => string) => `ifNull(${make(sql)}, 0)`;
  const as = { text: never, number: never, bool: never } as Record<
    "text" | "number" | "bool",
    (make: (value: string) => string) => string
  >;
  if (spec.kind === "b") as.bool = test(value);
  else if (spec.kind === "s") as.text = test(value);
  else if (spec.kind === "l") as.text = test(wallText(table, field, value));
  else {
    const number = table.dateColumns.has(field) ? `toUnixTimestamp64Milli(${value})` : value;
    as.number = test(number);
    as.text = test(`toString(${number})`);
  }
  return {
    present,
    some: (type, make) => as[type](make),
    someFolded: (make) => as.text((text) => make(`lowerUTF8(${text})`)),
  };
}

/** A wall clock as the text that the event carried. */
function wallText(table: EventTable, field: string, value: string): string {
  return table.dateColumns.has(field) ? `replaceOne(toString(${value}), ' ', 'T')` : value;
}

/** The field's canonical text, NULL when absent: how groups and values are told apart. */
export function canonicalText(table: EventTable, field: string): string {
  const kind = FIELD_SPECS.get(field)?.kind;
  const value = table.sqlOf(field);
  if (kind === "s") return value;
  if (kind === "b") return `if(isNull(${value}), NULL, if(${value} = 1, 'true', 'false'))`;
  if (kind === "l") return wallText(table, field, value);
  return `toString(${table.dateColumns.has(field) ? `toUnixTimestamp64Milli(${value})` : value})`;
}

/** The field as a number, NULL when absent or no number. */
export function numberSql(table: EventTable, field: string): string {
  const kind = FIELD_SPECS.get(field)?.kind;
  if (kind === undefined || ["s", "l", "b"].includes(kind)) return "NULL";
  const value = table.sqlOf(field);
  return table.dateColumns.has(field) ? `toUnixTimestamp64Milli(${value})` : value;
}
