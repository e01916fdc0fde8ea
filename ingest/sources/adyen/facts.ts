// What each Adyen event code means to us.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf, emailDigest } from "../../../core/event-draft.ts";
import { type AdyenItem, happenedAt, money } from "./adyen-item.ts";

const ENTRY: Readonly<Record<string, string>> = {
  Ecommerce: "online",
  ContAuth: "online",
  Moto: "keyed",
};

/** Stores, tills and people by our convention in the payment's metadata; `store` and `terminalId` are hints that nobody signs. */
function placeOf({ more, item }: AdyenItem) {
  const said = (name: string) => more?.text(`metadata.${name}`);
  return {
    store_id: said("store_id") ?? more?.text("store") ?? item.text("merchantAccountCode"),
    terminal_id: said("terminal_id") ?? more?.text("terminalId"),
    cashier_id: said("cashier_id"),
    customer_id: more?.text("shopperReference"),
    ip: more?.text("shopperIP"),
  };
}

function cardOf({ more }: AdyenItem) {
  const expiry = /^(\d{1,2})\/(\d{4})$/.exec(more?.text("expiryDate") ?? "");
  return {
    card_token:
      more?.text("PaymentAccountReference") ??
      more?.text("alias") ??
      more?.text("recurring.recurringDetailReference"),
    bin: more?.text("cardBin"),
    last4: more?.text("cardSummary"),
    card_expiry: expiry === null ? undefined : `${expiry[2]}-${expiry[1]?.padStart(2, "0")}`,
    issuer_country: more?.text("cardIssuingCountry"),
    avs_result: more?.text("avsResult"),
    cvv_result: more?.text("cvcResult"),
  };
}

const wholeText = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,3}$/.test(text) ? Math.min(100, Number(text)) : undefined;

export function paymentFacts(of: AdyenItem): Fact[] {
  const { item, more, id, success } = of;
  const outcome = success ? "approved" : "declined";
  const draft = draftOf(
    {
      event_type: "payment",
      payment_id: id,
      outcome,
      decline_code: success ? undefined : (more?.text("refusalReasonRaw") ?? item.text("reason")),
      ...money(of),
      ts: happenedAt(of),
      tender_type: "card",
      entry_mode: ENTRY[more?.text("shopperInteraction") ?? ""],
      risk_score: wholeText(more?.text("totalFraudScore")),
      email_hash: emailDigest(more?.text("shopperEmail")),
      ...placeOf(of),
      ...cardOf(of),
    },
    {
      payment_method: item.text("paymentMethod"),
      card_funding: more?.text("fundingSource"),
      merchant_reference: item.text("merchantReference"),
    },
  );
  return [{ fact_key: `payment:${id}:${outcome}`, draft }];
}

export function voidFacts(of: AdyenItem): Fact[] {
  if (!of.success) return [];
  const draft = draftOf({
    event_type: "void",
    sale_id: of.item.text("originalReference"),
    ...money(of),
    ts: happenedAt(of),
    ...placeOf(of),
  });
  return [{ fact_key: `void:${of.id}`, draft }];
}

/** Without an original payment it is money that goes out by itself. */
export function refundFacts(of: AdyenItem): Fact[] {
  if (!of.success) return [];
  const original = of.item.text("originalReference");
  const hasOriginal = original !== undefined && original !== "";
  const { card_token } = cardOf(of);
  const draft = draftOf({
    event_type: "refund",
    refund_kind: hasOriginal ? "return" : "no_receipt",
    sale_id: hasOriginal ? original : undefined,
    ...money(of),
    ts: happenedAt(of),
    tender_type: "card",
    card_token,
    ...placeOf(of),
  });
  return [{ fact_key: `refund:${of.id}`, draft }];
}

export function disputeFacts(of: AdyenItem): Fact[] {
  const { item, more, code, id } = of;
  const due = more?.text("defensePeriodEndsAt");
  const dueTs = due === undefined ? Number.NaN : Date.parse(due);
  const kind =
    code === "NOTIFICATION_OF_FRAUD"
      ? "warning"
      : code === "REQUEST_FOR_INFORMATION"
        ? "inquiry"
        : "chargeback";
  const reason = (more?.text("chargebackReasonCode") ?? more?.text("nofReasonCode"))?.trim();
  const draft = draftOf(
    {
      event_type: "dispute",
      dispute_kind: kind,
      payment_id: item.text("originalReference") ?? id,
      ...money(of),
      reason_code: reason,
      is_fraud: kind === "warning" ? true : undefined,
      due_ts: Number.isNaN(dueTs) ? undefined : dueTs,
      ts: happenedAt(of),
    },
    { event_code: code, reason: item.text("reason") },
  );
  return [{ fact_key: `dispute:${id}:${code}`, draft }];
}
