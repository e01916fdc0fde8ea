// Shopify's order transactions (payments, voids), refunds and disputes.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { contentId } from "../../../core/ids.ts";
import { type JsonReader, needed, readJson } from "../../../core/json-reader.ts";
import { each, idAt, money, tenderOf, time } from "./shopify-object.ts";

/** Captures add nothing, refunds come as refunds, and what is pending comes again. */
export function transactionFacts(transaction: JsonReader): Fact[] {
  const id = needed(idAt(transaction, "id"), "id");
  const kind = transaction.text("kind");
  const status = transaction.text("status");
  if (kind === "void" && status === "success") {
    return [{ fact_key: `payment:${id}:void`, draft: voidDraft(transaction) }];
  }
  if (kind !== "sale" && kind !== "authorization") return [];
  const outcome = status === "success" ? "approved" : declinedBy(status);
  if (outcome === undefined) return [];
  if (tenderOf(transaction.text("gateway")) === "cash") {
    // Cash is no payment that a provider could decline.
    return outcome === "approved"
      ? [{ fact_key: `payment:${id}:cash`, draft: cashDraft(transaction) }]
      : [];
  }
  return [{ fact_key: `payment:${id}:${outcome}`, draft: paymentDraft(transaction, outcome) }];
}

const declinedBy = (status: string | undefined) =>
  status === "failure" || status === "error" ? "declined" : undefined;

function paymentDraft(transaction: JsonReader, outcome: "approved" | "declined") {
  const currency = needed(transaction.text("currency"), "currency").toUpperCase();
  const gateway = transaction.text("gateway");
  return draftOf(
    {
      event_type: "payment",
      payment_id: idAt(transaction, "id"),
      outcome,
      decline_code: outcome === "declined" ? transaction.text("error_code") : undefined,
      amount: money(transaction, "amount", currency),
      currency,
      ts: happenedAt(transaction),
      tender_type: tenderOf(gateway),
      entry_mode: transaction.text("source_name") === "web" ? "online" : undefined,
      ...placeOf(transaction),
      ...cardOf(transaction.object("payment_details")),
    },
    {
      order_id: idAt(transaction, "order_id"),
      gateway,
      source_name: transaction.text("source_name"),
      card_brand: transaction.object("payment_details")?.text("credit_card_company"),
    },
  );
}

function cashDraft(transaction: JsonReader) {
  const currency = needed(transaction.text("currency"), "currency").toUpperCase();
  return draftOf({
    event_type: "tender",
    tender_type: "cash",
    ticket_id: idAt(transaction, "order_id"),
    amount: money(transaction, "amount", currency),
    currency,
    ts: happenedAt(transaction),
    ...placeOf(transaction),
  });
}

/** A till's card is known by brand, range, last digits and expiry only: weak, and said so. */
function cardOf(details: JsonReader | undefined) {
  const last4 = /(\d{4})$/.exec(details?.text("credit_card_number") ?? "")?.[1];
  if (details === undefined || last4 === undefined) return {};
  const bin = details.text("credit_card_bin");
  const month = details.whole("credit_card_expiration_month");
  const year = details.whole("credit_card_expiration_year");
  const expiry =
    month === undefined || year === undefined
      ? undefined
      : `${year}-${String(month).padStart(2, "0")}`;
  const brand = details.text("credit_card_company") ?? "";
  return {
    card_token: contentId("weak card", brand, bin ?? "", last4, expiry ?? ""),
    bin,
    last4,
    card_expiry: expiry,
    avs_result: details.text("avs_result_code"),
    cvv_result: details.text("cvv_result_code"),
  };
}

const happenedAt = (of: JsonReader): number =>
  needed(time(of, "processed_at") ?? time(of, "created_at"), "created_at");

function placeOf(of: JsonReader) {
  return {
    cashier_id: idAt(of, "user_id"),
    terminal_id: idAt(of, "device_id"),
    store_id: idAt(of, "location_id"),
  };
}

function voidDraft(transaction: JsonReader) {
  const currency = needed(transaction.text("currency"), "currency").toUpperCase();
  return draftOf({
    event_type: "void",
    sale_id: idAt(transaction, "order_id"),
    amount: money(transaction, "amount", currency),
    currency,
    ts: happenedAt(transaction),
    tender_type: tenderOf(transaction.text("gateway")),
    ...placeOf(transaction),
  });
}

/** The money that went back: the refund's own transactions that succeeded. Goods alone make no refund. */
export function refundFacts(refund: JsonReader): Fact[] {
  const id = needed(idAt(refund, "id"), "id");
  const wrap = (value: unknown) => readJson(value, "transactions[]");
  const paid = each(refund, "transactions", wrap).filter(
    (one) => one.text("kind") === "refund" && one.text("status") !== "failure",
  );
  return paid.map((one, nth) => {
    const currency = needed(one.text("currency"), "transactions[].currency").toUpperCase();
    const lines = refund.raw("refund_line_items");
    const hasGoods = Array.isArray(lines) && lines.length > 0;
    return {
      fact_key: `refund:${id}:${idAt(one, "id") ?? nth}`,
      draft: draftOf(
        {
          event_type: "refund",
          refund_kind: hasGoods ? "return" : "price_adjust",
          sale_id: idAt(refund, "order_id"),
          amount: money(one, "amount", currency),
          currency,
          ts: happenedAt(refund),
          tender_type: tenderOf(one.text("gateway")),
          cashier_id: idAt(refund, "user_id") ?? idAt(one, "user_id"),
          terminal_id: idAt(one, "device_id"),
          store_id: idAt(one, "location_id"),
          ...cardOf(one.object("payment_details")),
        },
        { restock: refund.flag("restock") },
      ),
    };
  });
}

export function disputeFacts(dispute: JsonReader): Fact[] {
  const id = needed(idAt(dispute, "id"), "id");
  const currency = needed(dispute.text("currency"), "currency").toUpperCase();
  const kind = dispute.text("type") === "inquiry" ? "inquiry" : "chargeback";
  const reason = dispute.text("reason");
  const status = dispute.text("status") ?? "";
  const draft = draftOf(
    {
      event_type: "dispute",
      dispute_kind: kind,
      amount: money(dispute, "amount", currency),
      currency,
      reason_code: dispute.text("network_reason_code") ?? reason,
      is_fraud: reason === "fraudulent",
      due_ts: time(dispute, "evidence_due_by"),
      ts: needed(time(dispute, "initiated_at"), "initiated_at"),
    },
    { dispute_id: id, order_id: idAt(dispute, "order_id"), dispute_status: status, reason },
  );
  return [{ fact_key: `dispute:${id}:${status}`, draft }];
}
