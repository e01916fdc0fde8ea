// How a rule's field is read in a table. The leaf compiler knows no table; each table says this of each field.

/** What a value is, as the rules see it: text, a number, or true and false. */
export type ValueType = "text" | "number" | "bool";

/**
 * A field of a table. `some`: SQL that is 1 when any of its values of that type passes the test, else 0, never NULL; a field that has no
 * values of the type gives "0". `text` tests also see numbers, by their canonical decimal text, where `numbersAsText`.
 */
export type Column = {
  some(type: ValueType, test: (value: string) => string): string;
  /** As `some` over text, with values in lower case. */
  someFolded(test: (value: string) => string): string;
  /** SQL that is 1 when the field has any value. */
  present: string;
};

export type Columns = {
  column(field: string): Column;
  /** SQL that is 1 when any text value of the event passes; null where keywords are not read. */
  anyText: ((test: (value: string) => string) => string) | null;
  /** Event time as Int64 UTC ms. */
  ts: string;
  /** True and false are the texts "true" and "false" to text tests. */
  boolsAreText: boolean;
};
