// Building blocks of what a source makes: drafts without empty places, money in ISO minor units, masked stored value.
import type { EventDraft } from "./event.ts";
import { contentId } from "./ids.ts";
import { type JsonReader, needed, ShapeFault } from "./json-reader.ts";
import { currencyDecimals, isCurrency } from "./money.ts";

type Loose<T> = { [K in keyof T]: T[K] | undefined };
type Plain = string | number | boolean | undefined;

/** A draft without its undefined fields; `attributes` likewise, as text, and left out when empty. */
export function draftOf(
  fields: Loose<Omit<EventDraft, "attributes">> & {
    event_type: EventDraft["event_type"];
    ts: number;
  },
  attributes: Record<string, Plain> = {},
): EventDraft {
  const draft: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) draft[name] = value;
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== "") texts[name] = String(value);
  if (Object.keys(texts).length > 0) draft.attributes = texts;
  return draft as EventDraft;
}

/**
 * Money of a source in ISO 4217 minor units. In: the amount in the source's units, its currency in any case, and the
 * currencies in which the source counts other decimals than ISO. An unknown currency is passed on for the check to refuse.
 * Throws ShapeFault when the amount is no whole number of ISO minor units.
 */
export function isoMinor(
  amount: number,
  currency: string,
  options: { decimals: Readonly<Record<string, number>>; path: string },
): { amount: number; currency: string } {
  const code = currency.toUpperCase();
  if (!isCurrency(code)) return { amount, currency: code };
  const iso = currencyDecimals(code);
  const shift = iso - (options.decimals[code] ?? iso);
  const minor = shift >= 0 ? amount * 10 ** shift : amount / 10 ** -shift;
  if (!Number.isSafeInteger(minor))
    throw new ShapeFault(options.path, `a whole number of ${code} minor units`);
  return { amount: minor, currency: code };
}

/** UTC ms of an ISO time at a known place; missing gives undefined, another form throws ShapeFault. */
export function isoTimeAt(
  reader: JsonReader,
  name: string,
  parse: (text: string) => number | undefined,
): number | undefined {
  const text = reader.text(name);
  if (text === undefined) return undefined;
  return needed(parse(text), `${reader.path}.${name} (an ISO 8601 time with a zone)`);
}

/** The number of a gift card: stored value, so only its last four characters may stand. */
export function maskStoredValue(number: string): string {
  return `${"*".repeat(Math.max(0, number.length - 4))}${number.slice(-4)}`;
}

/** What stands for an e-mail address until ingest keys it per merchant; the address itself goes no further. */
export function emailDigest(address: string | undefined): string | undefined {
  const plain = address?.trim().toLowerCase();
  // A scrubbed delivery that is translated again holds the digest already.
  if (plain !== undefined && /^[0-9a-f]{32}$/.test(plain)) return plain;
  return plain === undefined || plain === "" ? undefined : contentId("email", plain);
}
