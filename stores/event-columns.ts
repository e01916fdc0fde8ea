// An event as one line of the events table and back. On the hot path: written by hand, measured by `npm run bench`.
import type { Event } from "../core/event.ts";
import type { FieldName } from "../core/event-fields.ts";
import { EVENT_COLUMNS, FIELD_HOMES, NEVER_NULL } from "./event-layout.ts";

export { EVENT_COLUMNS, FIELD_HOMES, type FieldHome, fieldHome, fieldSql } from "./event-layout.ts";

const LEAST_WALL = Date.UTC(1925, 0, 1);
const MOST_WALL = Date.UTC(2250, 0, 1);
const NEEDS_CARE = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

/** A text as JSON. Lone halves of surrogate pairs, which no UTF-8 can hold, become U+FFFD. */
function textJson(text: string): string {
  return NEEDS_CARE.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}

const digits = (text: string, from: number, to: number): number => {
  let value = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
};

/** Wall-clock text `2026-11-25T10:00:00.000` as ms, or NaN when it is anything else. */
function wallMs(text: string): number {
  if (text.length !== 23 || text[4] !== "-" || text[7] !== "-" || text[10] !== "T")
    return Number.NaN;
  if (text[13] !== ":" || text[16] !== ":" || text[19] !== ".") return Number.NaN;
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  const ms = Date.UTC(
    digits(text, 0, 4),
    month - 1,
    day,
    hour,
    minute,
    second,
    digits(text, 20, 23),
  );
  // A day such as 30 February rolls over: then day or month no longer fit.
  if (!(month <= 12 && hour <= 23 && minute <= 59 && second <= 59)) return Number.NaN;
  if (new Date(ms).getUTCDate() !== day) return Number.NaN;
  return ms >= LEAST_WALL && ms <= MOST_WALL ? ms : Number.NaN;
}

type Cell = { at: number; kind: "text" | "plain" | "wall" };
const cells = new Map<string, Cell>();
for (const [at, name] of EVENT_COLUMNS.entries()) {
  const home = FIELD_HOMES.get(name);
  if (home === undefined) continue;
  const kind = home.kind === "s" ? "text" : home.kind === "l" ? "wall" : "plain";
  cells.set(name, { at, kind });
}
const EMPTY_ROW = EVENT_COLUMNS.map((name) => (NEVER_NULL.has(name) ? '""' : "null"));
const NUMBERS_AT = EVENT_COLUMNS.indexOf("numbers");
const TEXTS_AT = EVENT_COLUMNS.indexOf("texts");
const ATTRIBUTES_AT = EVENT_COLUMNS.indexOf("attributes");

/**
 * One JSONCompactEachRow line, without newline, in the order of EVENT_COLUMNS. Fields outside the vocabulary belong in
 * `attributes`; elsewhere they are left out.
 */
export function encodeEvent(event: Event): string {
  const row = EMPTY_ROW.slice();
  let numbers = "";
  let texts = "";
  for (const name in event) {
    const value = (event as unknown as Record<string, unknown>)[name];
    const cell = cells.get(name);
    if (cell !== undefined) {
      const written = cellJson(cell, value);
      if (written !== undefined) row[cell.at] = written;
      // What its column cannot hold as it stands (an odd wall clock, an empty store id) stays readable in the map.
      if (written === undefined || (value === "" && name === "store_id")) {
        texts += `,"${name}":${textJson(String(value))}`;
      }
      continue;
    }
    const home = FIELD_HOMES.get(name);
    if (home === undefined || value === undefined) continue;
    if (home.in === "texts") texts += `,"${name}":${textJson(value as string)}`;
    else numbers += `,"${name}":${Number(value)}`;
  }
  row[NUMBERS_AT] = `{${numbers.slice(1)}}`;
  row[TEXTS_AT] = `{${texts.slice(1)}}`;
  row[ATTRIBUTES_AT] = event.attributes === undefined ? "{}" : mapJson(event.attributes);
  return `[${row.join(",")}]`;
}

/** The JSON of a value in its column; undefined when the column cannot hold it. */
function cellJson(cell: Cell, value: unknown): string | undefined {
  if (value === undefined) return EMPTY_ROW[cell.at];
  if (cell.kind === "text") return textJson(value as string);
  if (cell.kind === "plain") return String(value);
  const ms = wallMs(value as string);
  return Number.isNaN(ms) ? undefined : String(ms);
}

function mapJson(map: Record<string, string>): string {
  let text = "";
  for (const name in map) text += `,${textJson(name)}:${textJson(map[name] as string)}`;
  return `{${text.slice(1)}}`;
}

/** What a query selects so that {@link decodeEvent} can read its rows (as arrays). Times come as ms. */
export const EVENT_SELECT = EVENT_COLUMNS.map((name) => {
  const kind = FIELD_HOMES.get(name)?.kind;
  return kind === "t" || kind === "l" ? `toUnixTimestamp64Milli(${name})` : name;
}).join(", ");

type Reader = { name: string; wall: boolean };
const readers: Reader[] = EVENT_COLUMNS.slice(0, NUMBERS_AT).map((name) => ({
  name,
  wall: FIELD_HOMES.get(name)?.kind === "l",
}));
const BOOLEAN_NUMBERS: ReadonlySet<string> = new Set(
  [...FIELD_HOMES].filter(([, home]) => home.in === "numbers" && home.kind === "b").map(([n]) => n),
);
const STORE_AT = EVENT_COLUMNS.indexOf("store_id");

/** A row of {@link EVENT_SELECT} as the event that was stored. Absent stays absent. */
export function decodeEvent(row: readonly unknown[]): Event {
  const event: Record<string, unknown> = {};
  for (let at = 0; at < readers.length; at += 1) {
    const value = row[at];
    if (value === null || value === undefined) continue;
    if (at === STORE_AT && value === "") continue;
    const { name, wall } = readers[at] as Reader;
    event[name] = wall ? new Date(value as number).toISOString().slice(0, 23) : value;
  }
  const numbers = row[NUMBERS_AT] as Record<string, number>;
  for (const name in numbers) {
    event[name] = BOOLEAN_NUMBERS.has(name) ? numbers[name] === 1 : numbers[name];
  }
  Object.assign(event, row[TEXTS_AT] as Record<string, string>);
  const attributes = row[ATTRIBUTES_AT] as Record<string, string>;
  for (const _ in attributes) {
    event.attributes = attributes;
    break;
  }
  return event as unknown as Event;
}

/** Names a field of the vocabulary, or undefined: for code that gets names from outside. */
export function knownField(name: string): FieldName | undefined {
  return FIELD_HOMES.has(name) ? (name as FieldName) : undefined;
}
