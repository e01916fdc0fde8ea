// A Lightspeed sale as the translators see it, and the readers that several of them use.
import { AppError } from "../../../core/errors.ts";
import { type JsonReader, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { parseDecimal } from "../../../core/money.ts";
import { parseIsoTime } from "../../../core/time.ts";

export type Sale = {
  of: JsonReader;
  id: string;
  ts: number;
  place: Record<"store_id" | "terminal_id" | "cashier_id" | "customer_id", string | undefined>;
};

/** Prices come with five decimals, before tax, as text or as numbers: sums are made of these and rounded last. */
const DECIMALS = 5;
const A_MINOR_UNIT = 1000;

/** Hundred-thousandths of the currency; what lies behind the fifth decimal is cut. */
export function fine(of: JsonReader | undefined, name: string): number | undefined {
  const value = of?.raw(name);
  if (of === undefined || value === undefined || value === null || value === "") return undefined;
  const path = `${of.path}.${name}`;
  if (typeof value !== "string" && typeof value !== "number")
    throw new ShapeFault(path, "a decimal amount");
  const text = typeof value === "number" ? value.toFixed(8) : value;
  try {
    return parseDecimal(text.replace(/(\.\d{5})\d+$/, "$1"), DECIMALS);
  } catch (fault) {
    if (fault instanceof AppError) throw new ShapeFault(path, "a decimal amount");
    throw fault;
  }
}

/** Hundredths, which every currency here counts in. */
export const minor = (fineAmount: number): number => Math.round(fineAmount / A_MINOR_UNIT);

export const amountAt = (of: JsonReader, name: string): number | undefined => {
  const value = fine(of, name);
  return value === undefined ? undefined : minor(value);
};

export function thousandths(of: JsonReader, name: string): number | undefined {
  const value = fine(of, name);
  return value === undefined ? undefined : Math.round(value / 100);
}

const WITHOUT_ZONE = /^\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}$/;

/** Times without a zone are in UTC: in the same object they equal those with one. */
export function time(of: JsonReader, name: string): number | undefined {
  const text = of.text(name);
  if (text === undefined) return undefined;
  const ts = parseIsoTime(WITHOUT_ZONE.test(text) ? `${text}Z` : text);
  if (ts === undefined) throw new ShapeFault(`${of.path}.${name}`, "a time");
  return ts;
}

/** Ids are texts, and numbers for built-in kinds. */
export function idAt(of: JsonReader | undefined, name: string): string | undefined {
  const value = of?.raw(name);
  if (of === undefined || value === undefined || value === null || value === "") return undefined;
  return typeof value === "number" ? String(of.whole(name)) : of.text(name);
}

export function each(of: JsonReader, name: string): JsonReader[] {
  const list = of.raw(name);
  if (list === undefined || list === null) return [];
  const path = `${of.path}.${name}`;
  if (!Array.isArray(list)) throw new ShapeFault(path, "an array");
  return list.map((value, nth) => readJson(value, `${path}[${nth}]`));
}
