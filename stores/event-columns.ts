// An event as one line of the events table and back. On the hot path: written by hand, measured by `npm run bench`.
import type { Event } from "../core/event.ts";
import type { FieldName } from "../core/event-fields.ts";
import { EVENT_COLUMNS, FIELD_HOMES, type FieldHome, NEVER_NULL } from "./event-layout.ts";

export { EVENT_COLUMNS } from "./event-layout.ts";

const LEAST_WALL = Date.UTC(1925, 0, 1);
const MOST_WALL = Date.UTC(2250, 0, 1);
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

/** Where a value goes: `at` is its place in the row, of a column or of one of the maps. */
type Slot = { at: number; as: "plain" | "wall" | "store" | "number" | "text" };
const NUMBERS_AT = EVENT_COLUMNS.indexOf("numbers");
const TEXTS_AT = EVENT_COLUMNS.indexOf("texts");
const ATTRIBUTES_AT = EVENT_COLUMNS.indexOf("attributes");
const EMPTY_ROW = EVENT_COLUMNS.map((name) => (NEVER_NULL.has(name) ? "" : null));

function slotOf(name: string, home: FieldHome): Slot {
  if (home.in === "numbers") return { at: NUMBERS_AT, as: "number" };
  if (home.in === "texts") return { at: TEXTS_AT, as: "text" };
  const at = (EVENT_COLUMNS as readonly string[]).indexOf(name);
  if (name === "store_id") return { at, as: "store" };
  return { at, as: home.kind === "l" ? "wall" : "plain" };
}
const SLOTS = new Map([...FIELD_HOMES].map(([name, home]) => [name, slotOf(name, home)]));

/**
 * One JSONCompactEachRow line, without newline, in the order of EVENT_COLUMNS. Fields outside the vocabulary belong in
 * `attributes`; elsewhere they are left out. Halves of surrogate pairs, which UTF-8 cannot hold, become U+FFFD.
 * One JSON.stringify of a flat array was the fastest way tried: joined texts took twice as long.
 */
export function encodeEvent(event: Event): string {
  const row: unknown[] = EMPTY_ROW.slice();
  const numbers: Record<string, number> = {};
  const texts: Record<string, string> = {};
  for (const name in event) {
    const slot = SLOTS.get(name);
    if (slot === undefined) continue;
    const value = (event as unknown as Record<string, unknown>)[name];
    if (value === undefined) continue;
    if (slot.as === "plain") row[slot.at] = value;
    else if (slot.as === "number") numbers[name] = Number(value);
    else if (!putText(row, slot, value as string)) texts[name] = value as string;
  }
  row[NUMBERS_AT] = numbers;
  row[TEXTS_AT] = texts;
  row[ATTRIBUTES_AT] = event.attributes ?? {};
  const line = JSON.stringify(row);
  return line.includes("\\ud") ? JSON.stringify(wellFormed(row)) : line;
}

/** False when the text belongs in the map, also since its column cannot hold it: an odd wall clock, an empty store id. */
function putText(row: unknown[], slot: Slot, value: string): boolean {
  if (slot.as === "text") return false;
  if (slot.as === "store") {
    row[slot.at] = value;
    return value !== "";
  }
  const ms = wallMs(value);
  if (Number.isNaN(ms)) return false;
  row[slot.at] = ms;
  return true;
}

function wellFormed(value: unknown): unknown {
  if (typeof value === "string") return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, of]) => [name.toWellFormed(), wellFormed(of)]),
  );
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
