// A Toast order as the translators see it, and the readers that several of them use.
import { AppError } from "../../../core/errors.ts";
import { isoTimeAt } from "../../../core/event-draft.ts";
import { type JsonReader, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { parseDecimal } from "../../../core/money.ts";
import { parseIsoTime } from "../../../core/time.ts";

/** `place` is where and by whom, for all that happened on the check. */
export type ToastCheck = {
  order: JsonReader;
  check: JsonReader;
  id: string;
  place: { store_id: string; cashier_id: string | undefined; terminal_id: string | undefined };
};

/** Toast names no currency; every country that it sells in counts in hundredths. */
const DECIMALS = 2;

/**
 * Money is a JSON number such as 22.1. It is written out to six decimals, which hides what a float adds, and its digits
 * are read; a real third decimal is refused.
 */
export function money(of: JsonReader, name: string): number | undefined {
  return scaled(of, name, { decimals: DECIMALS, expected: "a decimal amount" });
}

/** Thousandths of a number such as 0.75. */
export function thousandths(of: JsonReader, name: string): number | undefined {
  return scaled(of, name, { decimals: 3, expected: "a number with at most three decimals" });
}

function scaled(
  of: JsonReader,
  name: string,
  { decimals, expected }: { decimals: number; expected: string },
): number | undefined {
  const value = of.raw(name);
  if (value === undefined || value === null) return undefined;
  const path = `${of.path}.${name}`;
  if (typeof value !== "number") throw new ShapeFault(path, expected);
  try {
    return parseDecimal(value.toFixed(6), decimals);
  } catch (fault) {
    if (fault instanceof AppError) throw new ShapeFault(path, expected);
    throw fault;
  }
}

export const time = (of: JsonReader, name: string): number | undefined =>
  isoTimeAt(of, name, parseIsoTime);

/** The id of what a field refers to. */
export const guidAt = (of: JsonReader | undefined, name: string): string | undefined =>
  of?.object(name)?.text("guid");

/** Devices have an `id` where all else has a `guid`. */
export const deviceAt = (of: JsonReader): string | undefined =>
  (of.object("createdDevice") ?? of.object("lastModifiedDevice"))?.text("id");

/** Every object of an array, with the path of each. */
export function each(of: JsonReader, name: string): JsonReader[] {
  const list = of.raw(name);
  if (list === undefined || list === null) return [];
  const path = `${of.path}.${name}`;
  if (!Array.isArray(list)) throw new ShapeFault(path, "an array");
  return list.map((value, nth) => readJson(value, `${path}[${nth}]`));
}

export const shareBp = (part: number, whole: number): number =>
  whole <= 0 ? 0 : Math.min(10_000, Math.round((part * 10_000) / whole));
