// How a Zettle purchase was paid, or paid back. Declined cards never make a purchase, so none are seen here.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { money, type Purchase } from "./zettle-purchase.ts";

/** Wallets and bank transfers of single countries have no type of ours: their own name is noted. */
const TENDER: Readonly<Record<string, string>> = {
  IZETTLE_CASH: "cash",
  IZETTLE_CARD: "card",
  IZETTLE_CARD_ONLINE: "card",
  GIFTCARD: "gift_card",
  STORE_CREDIT: "voucher",
  IZETTLE_INVOICE: "account",
};

const ENTRY: Readonly<Record<string, string>> = {
  EMV: "chip",
  ICC: "chip",
  CONTACTLESS_EMV: "contactless",
  MAGSTRIPE_CONTACTLESS: "contactless",
  MAGSTRIPE: "swipe",
  MSR: "swipe",
  MANUAL: "keyed",
  ECOMMERCE: "online",
};

type Paid = { payment: JsonReader; id: string; kind: string; amount: number; tip: number };

function readPayment(purchase: Purchase, payment: JsonReader): Paid {
  return {
    payment,
    id: needed(payment.text("uuid"), `${payment.path}.uuid`),
    kind: needed(payment.text("type"), `${payment.path}.type`),
    amount: needed(money(purchase, payment, "amount"), `${payment.path}.amount`),
    tip: money(purchase, payment, "gratuityAmount") ?? 0,
  };
}

/** The amount without the tip, which Zettle counts in. */
export function paymentFact(purchase: Purchase, one: JsonReader): Fact {
  const { payment, id, kind, amount, tip } = readPayment(purchase, one);
  const always = {
    tender_type: TENDER[kind],
    ticket_id: purchase.id,
    amount: Math.max(0, amount - tip),
    currency: purchase.currency,
    ts: purchase.ts,
    ...purchase.place,
  };
  const tipped = { tip: tip > 0 ? tip : undefined };
  if (TENDER[kind] !== "card") {
    const draft = draftOf(
      { event_type: "tender", ...always },
      { payment_id: id, payment_type: kind, ...tipped },
    );
    return { fact_key: `payment:${id}:tender`, draft };
  }
  const about = payment.object("attributes");
  const mode = ENTRY[about?.text("cardPaymentEntryMode") ?? ""];
  const draft = draftOf(
    {
      event_type: "payment",
      payment_id: id,
      outcome: "approved",
      entry_mode: mode ?? (kind === "IZETTLE_CARD_ONLINE" ? "online" : undefined),
      ...always,
      ...cardOf(about),
    },
    {
      card_brand: about?.text("cardType"),
      verified_by: about?.text("cardHolderVerificationMethod"),
      ...tipped,
    },
  );
  return { fact_key: `payment:${id}:approved`, draft };
}

/** A refund that names no purchase is money that goes out by itself. */
export function refundFact(purchase: Purchase, one: JsonReader): Fact {
  const { payment, id, kind, amount } = readPayment(purchase, one);
  const { of, currency, ts, place } = purchase;
  const original = of.text("refundsPurchaseUuid") ?? of.text("refundsPurchaseUUID1");
  const isCard = TENDER[kind] === "card";
  const draft = draftOf(
    {
      event_type: "refund",
      refund_kind: original === undefined ? "no_receipt" : "return",
      sale_id: original,
      amount: Math.abs(amount),
      currency,
      ts,
      tender_type: TENDER[kind],
      card_token: isCard ? cardOf(payment.object("attributes")).card_token : undefined,
      ...place,
    },
    { purchase_id: purchase.id, payment_id: id, payment_type: kind },
  );
  return { fact_key: `payment:${id}:refund`, draft };
}

/** Zettle sends no fingerprint: brand, range and last digits name a card, weakly. Without the range they name too many. */
function cardOf(about: JsonReader | undefined) {
  const pan = about?.text("maskedPan") ?? "";
  const bin = /^\d{6}/.exec(pan)?.[0];
  const last4 = /(?:^|\D)(\d{4})$/.exec(pan)?.[1];
  const card_token =
    bin === undefined || last4 === undefined
      ? undefined
      : contentId("weak card", about?.text("cardType") ?? "", bin, last4);
  return { card_token, bin, last4 };
}
