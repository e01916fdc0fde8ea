// A Square delivery as the translators see it, and the readers that several of them use.
import { isoMinor, isoTimeAt } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { parseIsoTime } from "../../../core/time.ts";

export type SquareEvent = { type: string; body: JsonReader; data: JsonReader; object: JsonReader };

/** Square counts in the smallest unit of each currency, as ISO does. */
const DECIMALS = {};

/** The object of the event under its own name; throws ShapeFault when it is missing. */
export function part(event: SquareEvent, name: string): JsonReader {
  return needed(event.object.object(name), `data.object.${name}`);
}

/** Money in ISO minor units; payouts call the currency `currency_code`. */
export function money(
  of: JsonReader | undefined,
  name: string,
): { amount: number; currency: string } | undefined {
  const value = of?.object(name);
  if (value === undefined) return undefined;
  const currency = value.text("currency") ?? value.text("currency_code");
  return isoMinor(
    needed(value.whole("amount"), `${value.path}.amount`),
    needed(currency, `${value.path}.currency`),
    { decimals: DECIMALS, path: `${value.path}.amount` },
  );
}

export function time(of: JsonReader, name: string): number | undefined {
  return isoTimeAt(of, name, parseIsoTime);
}

/** When the delivery was made: the last resort for objects without a time of their own. */
export function deliveredAt(event: SquareEvent): number {
  return needed(time(event.body, "created_at"), "created_at");
}

/** One till under one name: the Devices API writes `device:` before the id that payments use. */
export function terminalId(id: string | undefined): string | undefined {
  return id?.replace(/^device:/, "");
}
