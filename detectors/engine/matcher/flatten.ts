// Makes any JSON event flat: nested keys joined by dots, so that rules of any taxonomy can name its fields (R13).
import type { FieldValue } from "../../../core/event.ts";

/** A field holds a plain value, or several of which one is enough to match. Nulls and empty lists are absent. */
export type FlatEvent = ReadonlyMap<string, FieldValue | readonly FieldValue[]>;

const MOST_DEPTH = 64;

/**
 * `{a: {b: 1}, c: [1, 2], d: [{e: 3}]}` gives a.b = 1, c = [1, 2], d.e = 3; a key that holds a dot itself works as well.
 * Windows events as evtx_dump writes them (`Event.System`, `Event.EventData`, `Event.UserData`) also get the short names that
 * rules use: Image, EventID, Provider_Name for an attribute, NewValue for `New Value`. Depth beyond 64 is left out.
 */
export function flattenEvent(event: unknown): FlatEvent {
  const flat = new Map<string, FieldValue | FieldValue[]>();
  put(flat, "", event, 0);
  const inner = isObject(event) ? event.Event : undefined;
  if (isObject(inner)) putWindows(flat, inner);
  return flat;
}

type Flat = Map<string, FieldValue | FieldValue[]>;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function put(flat: Flat, name: string, value: unknown, depth: number): void {
  if (depth > MOST_DEPTH) return;
  if (Array.isArray(value)) {
    for (const item of value) put(flat, name, item, depth + 1);
  } else if (isObject(value)) {
    for (const [key, inner] of Object.entries(value)) {
      put(flat, name === "" ? key : `${name}.${key}`, inner, depth + 1);
    }
  } else if (name !== "") {
    add(flat, name, value);
  }
}

function add(flat: Flat, name: string, value: unknown): void {
  if (typeof value !== "string" && typeof value !== "boolean" && typeof value !== "number") return;
  const known = flat.get(name);
  if (known === undefined) flat.set(name, value);
  else if (Array.isArray(known)) known.push(value);
  else flat.set(name, [known, value]);
}

/** Own names win over the short ones, so that nothing that was sent is hidden. */
function putWindows(flat: Flat, event: Record<string, unknown>): void {
  const short: Flat = new Map();
  const user = isObject(event.UserData) ? Object.values(event.UserData) : [];
  for (const part of [event.System, event.EventData, ...user]) {
    if (!isObject(part)) continue;
    for (const [key, value] of Object.entries(part)) {
      if (key === "#attributes") continue;
      putShort(short, key, value);
    }
  }
  for (const [name, value] of short) if (!flat.has(name)) flat.set(name, value);
}

function putShort(short: Flat, key: string, value: unknown): void {
  if (isObject(value)) {
    const attributes = value["#attributes"];
    if (isObject(attributes)) {
      for (const [name, of] of Object.entries(attributes)) put(short, `${key}_${name}`, of, 0);
    }
    const { "#attributes": _, "#text": text, ...rest } = value;
    put(short, key, text ?? rest, 0);
    return;
  }
  put(short, key, value, 0);
  const joined = key.replaceAll(" ", "");
  if (joined !== key) put(short, joined, value, 0);
}
