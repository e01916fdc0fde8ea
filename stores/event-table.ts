// The events table as the rules' SQL compiler wants it described.
import { knownField } from "./event-columns.ts";
import { FIELD_HOMES, fieldSql } from "./event-layout.ts";

/** `dateColumns`: fields that are DateTime64 columns. */
export const eventTable: { sqlOf(field: string): string; dateColumns: ReadonlySet<string> } = {
  sqlOf(name) {
    const field = knownField(name);
    if (field === undefined) throw new TypeError(`no field ${name}`);
    return fieldSql(field);
  },
  dateColumns: new Set(
    [...FIELD_HOMES]
      .filter(([, home]) => home.in === "column" && (home.kind === "t" || home.kind === "l"))
      .map(([name]) => name),
  ),
};
