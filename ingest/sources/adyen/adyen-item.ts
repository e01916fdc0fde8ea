// One item of an Adyen standard notification: what is signed of it, and its readers.
import { isoMinor } from "../../../core/event-draft.ts";
import { type JsonReader, needed, readJson } from "../../../core/json-reader.ts";
import { parseIsoTime } from "../../../core/time.ts";

/** Where Adyen's decimals differ from ISO 4217. Source: https://docs.adyen.com/development-resources/currency-codes */
const DECIMALS = { CLP: 2, CVE: 0, ISK: 2 };

export type AdyenItem = {
  code: string;
  /** "true" and "false" are texts. */
  success: boolean;
  id: string;
  item: JsonReader;
  more: JsonReader | undefined;
};

/** The items of a delivery. Throws ShapeFault. */
export function itemsOf(body: JsonReader): JsonReader[] {
  const list = body.raw("notificationItems");
  const items = Array.isArray(list) ? list : [];
  return items.slice(0, 100).map((one, nth) => {
    const wrap = readJson(one, `notificationItems[${nth}]`);
    return needed(wrap.object("NotificationRequestItem"), `${wrap.path}.NotificationRequestItem`);
  });
}

export function readItem(item: JsonReader): AdyenItem {
  return {
    code: needed(item.text("eventCode"), `${item.path}.eventCode`),
    success: item.text("success") === "true",
    id: needed(item.text("pspReference"), `${item.path}.pspReference`),
    item,
    more: item.object("additionalData"),
  };
}

/**
 * The eight signed values, joined as Adyen's own library joins them: missing is empty, and nothing is escaped, so a colon in a
 * value signs like a border. Source: https://docs.adyen.com/development-resources/webhooks/verify-hmac-signatures
 */
export function signedText(item: JsonReader): string {
  const amount = item.object("amount");
  const text = (of: JsonReader | undefined, name: string) => of?.text(name) ?? "";
  return [
    text(item, "pspReference"),
    text(item, "originalReference"),
    text(item, "merchantAccountCode"),
    text(item, "merchantReference"),
    String(amount?.whole("value") ?? ""),
    text(amount, "currency"),
    text(item, "eventCode"),
    text(item, "success"),
  ].join(":");
}

export function money({ item }: AdyenItem): { amount: number; currency: string } {
  const amount = needed(item.object("amount"), `${item.path}.amount`);
  return isoMinor(
    needed(amount.whole("value"), `${amount.path}.value`),
    needed(amount.text("currency"), `${amount.path}.currency`),
    { decimals: DECIMALS, path: `${amount.path}.value` },
  );
}

/** Adyen's `eventDate` has a zone, at times without the colon. */
export function happenedAt({ item }: AdyenItem): number {
  const text = item.text("eventDate")?.replace(/([+-]\d{2})(\d{2})$/, "$1:$2");
  const ts = text === undefined ? undefined : parseIsoTime(text);
  return needed(ts, `${item.path}.eventDate (an ISO 8601 time with a zone)`);
}
