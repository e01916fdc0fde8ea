// Clover's payments, with what was voided or paid back of each. Amounts are hundredths of the shop's own currency.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";

const OUTCOME: Readonly<Record<string, string>> = {
  SUCCESS: "approved",
  AUTH: "approved",
  AUTH_COMPLETED: "approved",
  VOIDED: "approved",
  FAIL: "declined",
};
const ENTRY: Readonly<Record<string, string>> = {
  EMV_CONTACT: "chip",
  EMV_CONTACTLESS: "contactless",
  MSD_CONTACTLESS: "contactless",
  SWIPED: "swipe",
  KEYED: "keyed",
  MANUAL: "keyed",
};
const TENDER: Readonly<Record<string, string>> = {
  "com.clover.tender.cash": "cash",
  "com.clover.tender.credit_card": "card",
  "com.clover.tender.debit_card": "card",
  "com.clover.tender.gift_card": "gift_card",
};

type Payment = { of: JsonReader; id: string; tender: string | undefined; account: string };

export function paymentFacts(
  of: JsonReader,
  refunds: readonly JsonReader[],
  account: string,
): Fact[] {
  const id = needed(of.text("id"), `${of.path}.id`);
  const result = of.text("result") ?? "";
  const outcome = OUTCOME[result];
  if (outcome === undefined) return [];
  const card = of.object("cardTransaction");
  const named = TENDER[of.object("tender")?.text("labelKey") ?? ""];
  const payment = { of, id, account, tender: named ?? (card === undefined ? undefined : "card") };
  return [
    ...paidFact(payment, outcome, card),
    ...(result === "VOIDED" ? [voidFact(payment)] : []),
    ...refunds.map((refund) => refundFact(payment, refund)),
  ];
}

/** Clover names no shop below the merchant: the account stands for it. */
function always({ tender, account }: Payment, at: JsonReader) {
  return {
    amount: needed(at.whole("amount"), `${at.path}.amount`),
    tender_type: tender,
    store_id: account,
    terminal_id: at.object("device")?.text("id"),
    cashier_id: at.object("employee")?.text("id"),
  };
}

function paidFact(payment: Payment, outcome: string, card: JsonReader | undefined): Fact[] {
  const { of, id, tender } = payment;
  const offline = of.flag("offline") === true;
  // A payment taken offline happened when the till took it.
  const ts = needed(
    (offline ? of.whole("clientCreatedTime") : undefined) ?? of.whole("createdTime"),
    `${of.path}.createdTime`,
  );
  const ticket = of.object("order")?.text("id");
  const shared = { ticket_id: ticket, ts, ...always(payment, of) };
  const noted = {
    tip: of.whole("tipAmount"),
    tax: of.whole("taxAmount"),
    card_brand: card?.text("cardType"),
  };
  if (tender !== "card") {
    if (outcome !== "approved") return [];
    const draft = draftOf({ event_type: "tender", ...shared }, { payment_id: id, ...noted });
    return [{ fact_key: `payment:${id}:tender`, draft }];
  }
  const draft = draftOf(
    {
      ...{ event_type: "payment", payment_id: id, outcome, ...shared, ...cardOf(card) },
      ...(offline ? { offline: true, auth_kind: "offline" } : {}),
    },
    noted,
  );
  return [{ fact_key: `payment:${id}:${outcome}`, draft }];
}

/** No fingerprint: brand, range and last digits name a card, weakly. */
function cardOf(card: JsonReader | undefined) {
  const bin = card?.text("first6");
  const last4 = card?.text("last4");
  const brand = card?.text("cardType") ?? "";
  return {
    bin,
    last4,
    card_token:
      bin === undefined || last4 === undefined
        ? undefined
        : contentId("weak card", brand, bin, last4),
    entry_mode: ENTRY[card?.text("entryType") ?? ""],
  };
}

function voidFact(payment: Payment): Fact {
  const { of, id } = payment;
  const ts = needed(of.whole("modifiedTime") ?? of.whole("createdTime"), `${of.path}.modifiedTime`);
  const draft = draftOf(
    {
      event_type: "void",
      sale_id: of.object("order")?.text("id") ?? id,
      ts,
      ...always(payment, of),
    },
    { payment_id: id, reason: of.text("voidReason") },
  );
  return { fact_key: `payment:${id}:voided`, draft };
}

function refundFact(payment: Payment, refund: JsonReader): Fact {
  const id = needed(refund.text("id"), `${refund.path}.id`);
  const draft = draftOf(
    {
      ...{ event_type: "refund", refund_kind: "return" },
      sale_id: payment.of.object("order")?.text("id") ?? payment.id,
      ts: needed(refund.whole("createdTime"), `${refund.path}.createdTime`),
      ...always(payment, refund),
    },
    { payment_id: payment.id },
  );
  return { fact_key: `refund:${id}`, draft };
}
