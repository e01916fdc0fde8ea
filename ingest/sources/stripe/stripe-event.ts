// A Stripe event as the translators see it, and the readers that several of them use.
import { isoMinor } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";

export type StripeEvent = { type: string; id: string; body: JsonReader; object: JsonReader };

/** Where Stripe's decimals differ from ISO 4217. Source: https://docs.stripe.com/currencies */
const DECIMALS = { ISK: 2, UGX: 2, MGA: 0 };

/** The object's `amount` in ISO minor units; may be negative (payouts). */
export function money(object: JsonReader): { amount: number; currency: string } {
  return isoMinor(
    needed(object.whole("amount"), `${object.path}.amount`),
    needed(object.text("currency"), `${object.path}.currency`),
    { decimals: DECIMALS, path: `${object.path}.amount` },
  );
}

/** UTC ms of a Unix time in seconds. */
export function time(of: JsonReader, name: string): number | undefined {
  const seconds = of.whole(name);
  return seconds === undefined ? undefined : seconds * 1000;
}

/** When it happened, by the object, else by the event. */
export function createdAt(event: StripeEvent): number {
  return needed(time(event.object, "created") ?? time(event.body, "created"), "created");
}

/** When the event was made: the time of a change to an object. */
export function changedAt(event: StripeEvent): number {
  return needed(time(event.body, "created") ?? time(event.object, "created"), "created");
}

/** The id behind a field that holds an id, or, expanded, the whole object. */
export function idAt(of: JsonReader, name: string): string | undefined {
  return typeof of.raw(name) === "object" ? of.object(name)?.text("id") : of.text(name);
}

/** Our convention: a till that charges through Stripe may say in `metadata` who, where and what. */
export function metadataFields(object: JsonReader) {
  const metadata = object.object("metadata");
  return {
    cashier_id: metadata?.text("cashier_id"),
    store_id: metadata?.text("store_id"),
    terminal_id: metadata?.text("terminal_id"),
    shift_id: metadata?.text("shift_id"),
    ticket_id: metadata?.text("ticket_id"),
    device_id: metadata?.text("device_id"),
  };
}
