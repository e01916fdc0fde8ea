// Small checks that shapes are made of. Each adds what is wrong to the list and lets the next one look too.
import { didYouMean } from "../../core/did-you-mean.ts";
import {
  hasThreeDecimals,
  identifierParts,
  isBase64,
  isDictionaryKey,
  timestampMs,
} from "./formats.ts";
import { fault, inside, isObject, type Json, type Place, shown, warn } from "./problem.ts";

export type Check = (value: unknown, at: Place) => void;
export type Fields = Readonly<Record<string, Check>>;

export const text: Check = (value, at) => {
  if (typeof value !== "string")
    fault(at, "wrong_type", `${shown(value)} stands where a text must be.`);
};

export const filledText: Check = (value, at) => {
  text(value, at);
  if (value === "") fault(at, "empty", "The text is empty. Fill it in.");
};

export const flag: Check = (value, at) => {
  if (typeof value !== "boolean")
    fault(at, "wrong_type", `${shown(value)} stands where true or false must be.`);
};

export const whole =
  (min: number, max: number): Check =>
  (value, at) => {
    const range = max === Number.MAX_SAFE_INTEGER ? `${min} or more` : `from ${min} to ${max}`;
    if (typeof value !== "number")
      fault(at, "wrong_type", `${shown(value)} stands where a whole number must be.`);
    else if (!Number.isSafeInteger(value) || value < min || value > max)
      fault(at, "out_of_range", `${value} is out of range. Write a whole number ${range}.`);
  };

export const milliseconds = whole(0, Number.MAX_SAFE_INTEGER);

/** A text of a form that `fits` knows; `wanted` says the form. */
export const form =
  (code: string, fits: (given: string) => boolean, wanted: string): Check =>
  (value, at) => {
    if (typeof value !== "string") text(value, at);
    else if (!fits(value)) fault(at, code, `${shown(value)} is not right here. Write ${wanted}.`);
  };

export const base64 = form("bad_base64", isBase64, "standard base64 with its padding");

export const timestamp = form(
  "bad_timestamp",
  (given) => timestampMs(given) !== undefined,
  "a real time in UTC such as 2026-11-25T10:00:00.000Z",
);

export const exactTimestamp = form(
  "bad_timestamp",
  (given) => timestampMs(given) !== undefined && hasThreeDecimals(given),
  "a real time in UTC with three decimals, such as 2026-11-25T10:00:00.000Z",
);

/** `type--UUID`; without types any will do. */
export const identifier = (...types: string[]): Check =>
  form(
    "bad_identifier",
    (given) => {
      const parts = identifierParts(given);
      return parts !== undefined && (types.length === 0 || types.includes(parts.type));
    },
    `an identifier such as ${types[0] ?? "action"}--61a6c41e-6efc-4516-a242-dfbc5c89d562`,
  );

export const oneOf =
  (known: readonly string[]): Check =>
  (value, at) => {
    if (typeof value !== "string") text(value, at);
    else if (!known.includes(value))
      fault(
        at,
        "unknown_word",
        `${shown(value)} is none of ${known.join(", ")}.${didYouMean(value, known)}`,
      );
  };

/** A word of an open vocabulary: others are allowed, and told of. */
export const openWord =
  (known: readonly string[], what: string): Check =>
  (value, at) => {
    filledText(value, at);
    if (typeof value !== "string" || value === "" || known.includes(value)) return;
    const meant = didYouMean(value, known);
    warn(
      at,
      "custom_word",
      `${shown(value)} is a custom ${what}; other products may not know it.${meant}`,
    );
  };

export const listOf =
  (check: Check, min = 1): Check =>
  (value, at) => {
    if (!Array.isArray(value)) {
      fault(at, "wrong_type", `${shown(value)} stands where a list must be.`);
      return;
    }
    if (value.length === 0) fault(at, "empty_list", "The list is empty. Fill it, or leave it out.");
    else if (value.length < min)
      fault(at, "too_few", `The list has ${value.length} member. It needs at least ${min}.`);
    for (const [i, item] of value.entries()) check(item, inside(at, i));
  };

/** An object whose keys the writer chooses. */
export const dictionaryOf =
  (
    check: Check,
    isKey = isDictionaryKey,
    keyForm = "letters, digits, _ and -, at most 250",
  ): Check =>
  (value, at) => {
    if (!isObject(value)) {
      fault(at, "wrong_type", `${shown(value)} stands where an object must be.`);
      return;
    }
    for (const [key, item] of Object.entries(value)) {
      if (!isKey(key))
        fault(inside(at, key), "bad_name", `The key ${shown(key)} is not right. Use ${keyForm}.`);
      check(item, inside(at, key));
    }
  };

/** How an object of ours is closed: its fields, those that must be there, and rules over the whole. */
export type ObjectShape = {
  fields: Fields;
  needed?: readonly string[];
  /** Custom types carry what they like. */
  isOpen?: boolean;
  rules?: (value: Json, at: Place) => void;
};

export const object =
  ({ fields, needed = [], isOpen = false, rules }: ObjectShape): Check =>
  (value, at) => {
    if (!isObject(value)) {
      fault(at, "wrong_type", `${shown(value)} stands where an object must be.`);
      return;
    }
    for (const name of needed) {
      if (!Object.hasOwn(value, name))
        fault(inside(at, name), "missing", `"${name}" is missing. Add it.`);
    }
    for (const [name, item] of Object.entries(value)) {
      if (Object.hasOwn(fields, name)) fields[name]?.(item, inside(at, name));
      else if (!isOpen) unknownProperty(name, Object.keys(fields), inside(at, name));
    }
    rules?.(value, at);
  };

function unknownProperty(name: string, known: string[], at: Place): void {
  const meant = didYouMean(name, known);
  const cure = meant === "" ? " Remove it, or put it into an extension." : meant;
  fault(at, "unknown_property", `There is no property ${shown(name)} here.${cure}`);
}

/** Objects that say by `type` which of several shapes they have. Types that nobody knows get the open shape, or are refused. */
export const byType =
  (shapes: Readonly<Record<string, Check>>, custom?: { check: Check; what: string }): Check =>
  (value, at) => {
    const type = isObject(value) ? value.type : undefined;
    if (typeof type === "string" && Object.hasOwn(shapes, type)) {
      shapes[type]?.(value, at);
      return;
    }
    if (typeof type === "string" && type !== "" && custom !== undefined) {
      openWord(Object.keys(shapes), custom.what)(type, inside(at, "type"));
      custom.check(value, at);
      return;
    }
    if (!isObject(value))
      fault(at, "wrong_type", `${shown(value)} stands where an object must be.`);
    else if (type === undefined) fault(inside(at, "type"), "missing", `"type" is missing. Add it.`);
    else oneOf(Object.keys(shapes))(type, inside(at, "type"));
  };
