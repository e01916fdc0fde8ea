// Any JSON event as flat fields: what foreign Sigma rules are matched against, live and in SQL alike (R13).
import type { FieldValue } from "../../../core/event.ts";

/** Fields by name. A list holds the values of an array: a test on the field is met if one of them meets it. */
export type FlatEvent = ReadonlyMap<string, FieldValue | readonly FieldValue[]>;

const MAX_DEPTH = 100;
type Fields = Map<string, FieldValue | FieldValue[]>;

/**
 * Nested keys are joined by dots; a key that has a dot already stands for itself, and arrays of objects give lists.
 * null and empty lists are absent. A name with blanks is also there without them, as the specification writes fields.
 * A Windows event (`{Event: {System, EventData or UserData}}`) also has its data and header fields under the names
 * that rules use: `CommandLine`, `EventID`, `Provider_Name`. Anything but an object has no fields.
 */
export function flattenEvent(json: unknown): Fields {
  const fields: Fields = new Map();
  if (!isObject(json)) return fields;
  addObject(fields, json, "", 0);
  if (isObject(json.Event)) addWindowsEvent(fields, json.Event);
  joinBlanks(fields);
  return fields;
}

function joinBlanks(fields: Fields): void {
  for (const [name, value] of fields) {
    if (!name.includes(" ")) continue;
    const joined = name.replaceAll(" ", "");
    if (!fields.has(joined)) fields.set(joined, value);
  }
}

type Json = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain(value: unknown): value is FieldValue {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function addObject(fields: Fields, object: Json, prefix: string, depth: number): void {
  for (const key in object) add(fields, prefix + key, object[key], depth);
}

function add(fields: Fields, name: string, value: unknown, depth: number): void {
  if (isPlain(value)) addValue(fields, name, value);
  else if (typeof value === "object" && value !== null && depth < MAX_DEPTH) {
    if (Array.isArray(value)) for (const item of value) add(fields, name, item, depth + 1);
    else addObject(fields, value as Json, `${name}.`, depth + 1);
  }
}

function addValue(fields: Fields, name: string, value: FieldValue): void {
  const known = fields.get(name);
  if (known === undefined) fields.set(name, value);
  else if (Array.isArray(known)) known.push(value);
  else fields.set(name, [known, value]);
}

/** The children of System, EventData and of what UserData holds, under their own names. */
function addWindowsEvent(fields: Fields, event: Json): void {
  const short: Fields = new Map();
  const parts = [event.System, event.EventData].filter(isObject);
  if (isObject(event.UserData)) parts.push(...Object.values(event.UserData).filter(isObject));
  for (const part of parts) {
    for (const [name, value] of Object.entries(part)) {
      if (name !== "#attributes") addWindowsField(short, name, value);
    }
  }
  for (const [name, value] of short) if (!fields.has(name)) fields.set(name, value);
}

/** A field of a Windows event; several of one name are a list. */
function addWindowsField(fields: Fields, name: string, value: unknown): void {
  for (const item of listOf(value)) {
    if (isPlain(item)) addValue(fields, name, item);
    else if (isObject(item)) addElement(fields, name, item);
  }
}

/** `<Provider Name="x"/>` is Provider_Name; `<EventID …>v</EventID>` is v; `<Data Name="x">v</Data>` is x. */
function addElement(fields: Fields, name: string, element: Json): void {
  const attributes = isObject(element["#attributes"]) ? element["#attributes"] : {};
  const isNamed = name === "Data" && isPlain(attributes.Name);
  const text = listOf(element["#text"]).filter(isPlain);
  for (const one of text) addValue(fields, isNamed ? String(attributes.Name) : name, one);
  for (const [key, one] of isNamed ? [] : Object.entries(attributes)) {
    if (isPlain(one)) addValue(fields, `${name}_${key}`, one);
  }
  for (const [key, one] of Object.entries(element)) {
    if (isPlain(one) && !key.startsWith("#")) addValue(fields, key, one);
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
