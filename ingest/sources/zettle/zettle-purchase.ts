// A Zettle purchase as the translators see it, and the readers that several of them use.
import { AppError } from "../../../core/errors.ts";
import { isoMinor } from "../../../core/event-draft.ts";
import { type JsonReader, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { parseDecimal } from "../../../core/money.ts";

export type Purchase = {
  of: JsonReader;
  id: string;
  currency: string;
  ts: number;
  /** A payload names no shop: the organisation stands for it. */
  place: Record<"store_id" | "terminal_id" | "cashier_id", string | undefined>;
};

/** Zettle counts in ISO minor units. */
export function money(purchase: Pick<Purchase, "currency">, of: JsonReader, name: string) {
  const value = of.whole(name);
  const path = `${of.path}.${name}`;
  return value === undefined
    ? undefined
    : isoMinor(value, purchase.currency, { decimals: {}, path }).amount;
}

export function each(of: JsonReader, name: string): JsonReader[] {
  const list = of.raw(name);
  if (list === undefined || list === null) return [];
  const path = `${of.path}.${name}`;
  if (!Array.isArray(list)) throw new ShapeFault(path, "an array");
  return list.map((value, nth) => readJson(value, `${path}[${nth}]`));
}

/** Quantities are text such as "1.5", percentages are numbers such as 12.5. Out: units of the last decimal. */
export function decimal(of: JsonReader, name: string, decimals: number): number | undefined {
  const value = of.raw(name);
  if (value === undefined || value === null) return undefined;
  const path = `${of.path}.${name}`;
  const expected = `a number with at most ${decimals} decimals`;
  if (typeof value !== "string" && typeof value !== "number") throw new ShapeFault(path, expected);
  try {
    return parseDecimal(typeof value === "number" ? value.toFixed(6) : value, decimals);
  } catch (fault) {
    if (fault instanceof AppError) throw new ShapeFault(path, expected);
    throw fault;
  }
}
