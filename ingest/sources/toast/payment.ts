// Toast's payments on a check: cards, other tenders, voids, refunds and tips.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { deviceAt, guidAt, money, type ToastCheck, time } from "./toast-object.ts";

/** Source: https://doc.toasttab.com/openapi/orders/tag/Data-definitions/schema/Payment/ */
const TENDER: Readonly<Record<string, string>> = {
  CASH: "cash",
  CREDIT: "card",
  GIFTCARD: "gift_card",
  TOAST_SV: "gift_card",
  REWARDCARD: "voucher",
  HOUSE_ACCOUNT: "account",
};

/** Pre-authorised and tokenised cards are not said to be present or not. */
const ENTRY: Readonly<Record<string, string>> = {
  SWIPED: "swipe",
  KEYED: "keyed",
  EMV_CHIP_SIGN: "chip",
  CONTACTLESS: "contactless",
  ONLINE: "online",
  SAVED_CARD: "online",
  APPLE_PAY_CNP: "online",
  GOOGLE_PAY_CNP: "online",
  CLICK_TO_PAY_CNP: "online",
  PARTNER_ECOM_COF: "online",
};

/** What is in the works comes again; an error on the line is not the bank's word. */
const OUTCOME: Readonly<Record<string, "approved" | "declined">> = {
  AUTHORIZED: "approved",
  CAPTURE_IN_PROGRESS: "approved",
  CAPTURED: "approved",
  DENIED: "declined",
};

export const tenderOf = (payment: JsonReader): string | undefined =>
  TENDER[payment.text("type") ?? ""];

type Paid = ToastCheck & { payment: JsonReader; paymentId: string };

export function paymentFacts(of: ToastCheck, payment: JsonReader): Fact[] {
  const paymentId = needed(payment.text("guid"), `${payment.path}.guid`);
  const paid = { ...of, payment, paymentId };
  const first = payment.text("type") === "CREDIT" ? cardFacts(paid) : tenderFacts(paid);
  return [...first, ...voidFacts(paid), ...refundFacts(paid)];
}

/** Who took the money and on which device, where that is said; else as the check says. */
const placeOf = ({ place, payment }: Paid) => ({
  store_id: place.store_id,
  cashier_id: guidAt(payment, "server") ?? place.cashier_id,
  terminal_id: deviceAt(payment) ?? place.terminal_id,
});

const amountOf = ({ payment }: Paid) => needed(money(payment, "amount"), `${payment.path}.amount`);
const paidAt = ({ payment }: Paid) => needed(time(payment, "paidDate"), `${payment.path}.paidDate`);

function cardFacts(paid: Paid): Fact[] {
  const { payment, paymentId, check } = paid;
  const status = payment.text("paymentStatus") ?? "";
  const outcome = OUTCOME[status];
  if (outcome === undefined) return [];
  const amount = amountOf(paid);
  const tip = money(payment, "tipAmount") ?? 0;
  const draft = draftOf(
    {
      event_type: "payment",
      payment_id: paymentId,
      ticket_id: paid.id,
      outcome,
      amount,
      ts: paidAt(paid),
      tender_type: "card",
      entry_mode: ENTRY[payment.text("cardEntryMode") ?? ""],
      customer_id: guidAt(check, "customer"),
      ...placeOf(paid),
      ...cardOf(payment),
    },
    { card_brand: payment.text("cardType"), tip: tip > 0 ? tip : undefined },
  );
  const fact: Fact = { fact_key: `payment:${paymentId}:${outcome}`, draft };
  // Until the capture a tip may still be corrected.
  return status === "CAPTURED" && tip > 0 ? [fact, tipFact(paid, { amount, tip })] : [fact];
}

function tipFact(paid: Paid, { amount, tip }: { amount: number; tip: number }): Fact {
  const draft = draftOf(
    {
      event_type: "tip_adjusted",
      ticket_id: paid.id,
      authorised: amount,
      tip,
      ts: paidAt(paid),
      ...placeOf(paid),
    },
    { payment_id: paid.paymentId },
  );
  return { fact_key: `payment:${paid.paymentId}:tip`, draft };
}

/** The vendor's own id of the card, in some restaurants; else brand, range and last digits: weak, and said so. */
function cardOf(payment: JsonReader) {
  const last4 = payment.text("last4Digits");
  const bin = payment.text("first6Digits");
  const own = payment.text("cardPaymentId");
  const weak =
    last4 === undefined || bin === undefined
      ? undefined
      : contentId("weak card", payment.text("cardType") ?? "", bin, last4);
  return { card_token: own ?? weak, bin, last4 };
}

function tenderFacts(paid: Paid): Fact[] {
  const type = paid.payment.text("type");
  const draft = draftOf(
    {
      event_type: "tender",
      tender_type: tenderOf(paid.payment),
      ticket_id: paid.id,
      amount: amountOf(paid),
      ts: paidAt(paid),
      ...placeOf(paid),
    },
    { payment_id: paid.paymentId, payment_type: type },
  );
  return [{ fact_key: `payment:${paid.paymentId}:tender`, draft }];
}

function voidFacts(paid: Paid): Fact[] {
  const info = paid.payment.object("voidInfo");
  const ts = info === undefined ? undefined : time(info, "voidDate");
  if (info === undefined || ts === undefined) return [];
  const draft = draftOf(
    {
      event_type: "void",
      sale_id: paid.id,
      amount: amountOf(paid),
      tender_type: tenderOf(paid.payment),
      ts,
      ...placeOf(paid),
      cashier_id: guidAt(info, "voidUser"),
    },
    {
      payment_id: paid.paymentId,
      approver_id: guidAt(info, "voidApprover"),
      void_reason: guidAt(info, "voidReason"),
    },
  );
  return [{ fact_key: `payment:${paid.paymentId}:voided`, draft }];
}

/** Toast does not say who paid money back: the server of the payment is not blamed for it. */
function refundFacts(paid: Paid): Fact[] {
  const refund = paid.payment.object("refund");
  const status = paid.payment.text("refundStatus");
  if (refund === undefined || (status !== "PARTIAL" && status !== "FULL")) return [];
  const ts = needed(time(refund, "refundDate"), `${refund.path}.refundDate`);
  const tip = money(refund, "tipRefundAmount") ?? 0;
  const draft = draftOf(
    {
      event_type: "refund",
      refund_kind: "return",
      sale_id: paid.id,
      amount: needed(money(refund, "refundAmount"), `${refund.path}.refundAmount`),
      tender_type: tenderOf(paid.payment),
      card_token:
        paid.payment.text("type") === "CREDIT" ? cardOf(paid.payment).card_token : undefined,
      ts,
      store_id: paid.place.store_id,
    },
    {
      payment_id: paid.paymentId,
      server_id: guidAt(paid.payment, "server"),
      tip_refund: tip > 0 ? tip : undefined,
    },
  );
  const which = guidAt(refund, "refundTransaction") ?? ts;
  return [{ fact_key: `payment:${paid.paymentId}:refund:${which}`, draft }];
}
