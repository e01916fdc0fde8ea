// SumUp's transactions: payments, cash, what was paid back, chargebacks; the same in its history and within a checkout.

import type { Fact } from "../../../core/delivery.ts";
import { AppError } from "../../../core/errors.ts";
import { draftOf, emailDigest, isoTimeAt } from "../../../core/event-draft.ts";
import { type JsonReader, needed, readJson, ShapeFault } from "../../../core/json-reader.ts";
import { currencyDecimals, isCurrency, parseDecimal } from "../../../core/money.ts";
import { parseIsoTime } from "../../../core/time.ts";

const ENTRY: Readonly<Record<string, string>> = {
  chip: "chip",
  contactless: "contactless",
  "contactless magstripe": "contactless",
  magstripe: "swipe",
  "magstripe fallback": "fallback",
  "manual entry": "keyed",
  moto: "keyed",
  "customer entry": "online",
  "apple pay": "online",
  "google pay": "online",
};
const CARDS = new Set(["POS", "ECOM", "RECURRING", "MOTO"]);

export function transactionFacts(of: JsonReader, account: string): Fact[] {
  const kind = of.text("type") ?? "PAYMENT";
  if (kind === "PAYMENT") return paymentFacts(of, account);
  const id = needed(of.text("transaction_id") ?? of.text("id"), `${of.path}.id`);
  const ts = time(of);
  if (kind === "REFUND") {
    const draft = draftOf(
      { event_type: "refund", refund_kind: "return", sale_id: id, ts, ...always(of, account) },
      about(of),
    );
    // One payment may be paid back in parts: the time tells them apart.
    return [{ fact_key: `refund:${id}:${ts}`, draft }];
  }
  if (kind !== "CHARGE_BACK") return [];
  const { tender_type: _, ...rest } = always(of, account);
  const draft = draftOf(
    { event_type: "dispute", dispute_kind: "chargeback", payment_id: id, ts, ...rest },
    about(of),
  );
  return [{ fact_key: `chargeback:${id}:${ts}`, draft }];
}

/** Each try to pay a checkout is a transaction of its own. */
export function checkoutFacts(of: JsonReader, account: string): Fact[] {
  const list = of.raw("transactions") ?? [];
  if (!Array.isArray(list)) throw new ShapeFault(`${of.path}.transactions`, "an array");
  return list.flatMap((value, nth) =>
    paymentFacts(readJson(value, `${of.path}.transactions[${nth}]`), account),
  );
}

/** A payment that was refunded later was approved first: the refund is an entry of its own. */
const OUTCOME: Readonly<Record<string, string>> = {
  SUCCESSFUL: "approved",
  PAID_OUT: "approved",
  REFUNDED: "approved",
  CHARGE_BACK: "approved",
  FAILED: "declined",
  CANCELLED: "canceled",
};

function paymentFacts(of: JsonReader, account: string): Fact[] {
  const id = needed(of.text("transaction_id") ?? of.text("id"), `${of.path}.id`);
  const outcome = OUTCOME[of.text("status") ?? ""];
  if (outcome === undefined) return [];
  const shared = { ts: time(of), ...always(of, account) };
  const key = `transaction:${id}:${outcome}`;
  const noted = about(of);
  if (outcome === "canceled")
    return [
      { fact_key: key, draft: draftOf({ event_type: "void", sale_id: id, ...shared }, noted) },
    ];
  if (shared.tender_type === "cash") {
    if (outcome !== "approved") return [];
    const draft = draftOf({ event_type: "tender", ticket_id: id, ...shared }, noted);
    return [{ fact_key: key, draft }];
  }
  const draft = draftOf(
    {
      event_type: "payment",
      payment_id: id,
      outcome,
      entry_mode: ENTRY[(of.text("entry_mode") ?? "").toLowerCase().replaceAll("_", " ")],
      last4: of.object("card")?.text("last_4_digits"),
      ...shared,
    },
    noted,
  );
  return [{ fact_key: key, draft }];
}

/** SumUp names no shop below the merchant, and no till: the account stands for the shop. */
function always(of: JsonReader, account: string) {
  const currency = needed(of.text("currency"), `${of.path}.currency`).toUpperCase();
  const paid = of.text("payment_type") ?? "";
  return {
    amount: needed(money(of, "amount", currency), `${of.path}.amount`),
    currency,
    tender_type: paid === "CASH" ? "cash" : CARDS.has(paid) ? "card" : undefined,
    store_id: account,
    cashier_id: emailDigest(of.text("user_email")),
  };
}

function about(of: JsonReader) {
  return {
    transaction_code: of.text("transaction_code"),
    payment_type: of.text("payment_type"),
    card_brand: of.text("card_type") ?? of.object("card")?.text("type"),
    entry: of.text("entry_mode"),
  };
}

const time = (of: JsonReader): number =>
  needed(isoTimeAt(of, "timestamp", parseIsoTime), `${of.path}.timestamp`);

/** Major units as a JSON number such as 10.1; its digits are read, and money that goes out is told by its type, not its sign. */
function money(of: JsonReader, name: string, currency: string): number | undefined {
  const value = of.raw(name);
  if (value === undefined || value === null) return undefined;
  const path = `${of.path}.${name}`;
  const decimals = isCurrency(currency) ? currencyDecimals(currency) : 2;
  if (typeof value !== "number") throw new ShapeFault(path, "a decimal amount");
  try {
    return parseDecimal(Math.abs(value).toFixed(6), decimals);
  } catch (fault) {
    if (fault instanceof AppError) throw new ShapeFault(path, "a decimal amount of its currency");
    throw fault;
  }
}
