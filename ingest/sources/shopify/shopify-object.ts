// A Shopify body as the translators see it, and the readers that several of them use.
import { AppError } from "../../../core/errors.ts";
import { isoTimeAt } from "../../../core/event-draft.ts";
import { type JsonReader, needed, ShapeFault } from "../../../core/json-reader.ts";
import { currencyDecimals, isCurrency, parseDecimal } from "../../../core/money.ts";
import { parseIsoTime } from "../../../core/time.ts";

/** Ids are numbers in webhooks and texts in some newer fields. */
export function idAt(of: JsonReader, name: string): string | undefined {
  const value = of.raw(name);
  if (typeof value === "string" && value !== "") return value;
  const id = of.whole(name);
  return id === undefined ? undefined : String(id);
}

export const time = (of: JsonReader, name: string): number | undefined =>
  isoTimeAt(of, name, parseIsoTime);

/** Money is decimal text; digits are read, never a float. An unknown currency is passed on for the check to refuse. */
export function money(of: JsonReader, name: string, currency: string): number {
  const text = needed(of.text(name), `${of.path}${of.path === "" ? "" : "."}${name}`);
  try {
    return parseDecimal(text, isCurrency(currency) ? currencyDecimals(currency) : 2);
  } catch (fault) {
    if (fault instanceof AppError)
      throw new ShapeFault(name, `a decimal amount of ${currency.slice(0, 3)}`);
    throw fault;
  }
}

/** Every object of an array, with the path of each. */
export function each(
  of: JsonReader,
  name: string,
  wrap: (value: unknown) => JsonReader,
): JsonReader[] {
  const list = of.raw(name);
  return Array.isArray(list) ? list.map(wrap) : [];
}

/** How it was paid, by the name of the gateway. */
export function tenderOf(gateway: string | undefined): string | undefined {
  if (gateway === undefined || gateway === "") return undefined;
  if (/^cash$/i.test(gateway)) return "cash";
  return /gift.?card/i.test(gateway) ? "gift_card" : "card";
}
