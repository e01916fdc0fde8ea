// Square's payments, refunds and disputes.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf, emailDigest } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { deliveredAt, money, part, type SquareEvent, terminalId, time } from "./square-event.ts";

const ENTRY_MODES: Readonly<Record<string, string>> = {
  EMV: "chip",
  CONTACTLESS: "contactless",
  SWIPED: "swipe",
  KEYED: "keyed",
  ON_FILE: "online",
};
const TENDERS: Readonly<Record<string, string>> = { CARD: "card", CASH: "cash" };
const RISK: Readonly<Record<string, number>> = { NORMAL: 10, MODERATE: 50, HIGH: 90 };

/** Approved or completed is one fact, whichever comes first; pending says nothing yet. */
export function paymentFacts(event: SquareEvent): Fact[] {
  const payment = part(event, "payment");
  const id = needed(payment.text("id"), "data.object.payment.id");
  switch (payment.text("status")) {
    case "APPROVED":
    case "COMPLETED":
      return [{ fact_key: `payment:${id}:approved`, draft: paymentDraft(payment, "approved") }];
    case "FAILED":
      return [{ fact_key: `payment:${id}:declined`, draft: paymentDraft(payment, "declined") }];
    case "CANCELED":
      return [{ fact_key: `payment:${id}:canceled`, draft: voidDraft(payment, event) }];
    default:
      return [];
  }
}

function paymentDraft(payment: JsonReader, outcome: "approved" | "declined") {
  const card = payment.object("card_details");
  return draftOf(
    {
      event_type: "payment",
      ts: paidAt(payment),
      payment_id: payment.text("id"),
      outcome,
      decline_code: outcome === "declined" ? card?.first("errors")?.text("code") : undefined,
      ...needed(money(payment, "amount_money"), "data.object.payment.amount_money"),
      ...whoAndWhere(payment),
      ...cardFields(card),
      tender_type: TENDERS[payment.text("source_type") ?? ""],
      avs_result: card?.text("avs_status"),
      cvv_result: card?.text("cvv_status"),
      risk_score: RISK[payment.object("risk_evaluation")?.text("risk_level") ?? ""],
      email_hash: emailDigest(payment.text("buyer_email_address")),
      ...(payment.flag("is_offline_payment") === true
        ? { offline: true, auth_kind: "offline" }
        : {}),
    },
    { ...cardAttributes(card), ...paymentAttributes(payment) },
  );
}

/** A payment taken offline happened when the till took it, not when it reached Square. */
function paidAt(payment: JsonReader): number {
  const offline = payment.object("offline_payment_details");
  const taken =
    payment.flag("is_offline_payment") === true
      ? ((offline && time(offline, "client_created_at")) ?? time(payment, "client_created_at"))
      : undefined;
  return needed(taken ?? time(payment, "created_at"), "data.object.payment.created_at");
}

function whoAndWhere(payment: JsonReader) {
  const card = payment.object("card_details");
  const device = payment.object("device_details") ?? card?.object("device_details");
  return {
    store_id: payment.text("location_id"),
    terminal_id: terminalId(device?.text("device_id") ?? device?.text("device_installation_id")),
    cashier_id: payment.text("team_member_id") ?? payment.text("employee_id"),
    customer_id: payment.text("customer_id"),
  };
}

function cardFields(details: JsonReader | undefined) {
  const card = details?.object("card");
  const month = card?.whole("exp_month");
  const year = card?.whole("exp_year");
  const entry = details?.text("entry_method");
  return {
    card_token: card?.text("fingerprint"),
    bin: card?.text("bin"),
    last4: card?.text("last_4"),
    card_expiry:
      month === undefined || year === undefined
        ? undefined
        : `${year}-${String(month).padStart(2, "0")}`,
    entry_mode: ENTRY_MODES[entry ?? ""],
    card_has_chip: entry === "EMV" ? true : undefined,
  };
}

function cardAttributes(details: JsonReader | undefined) {
  const card = details?.object("card");
  return {
    card_brand: card?.text("card_brand"),
    card_funding: card?.text("card_type"),
    card_prepaid: card?.text("prepaid_type"),
    card_status: details?.text("status"),
    verified_by: details?.text("verification_method"),
  };
}

function paymentAttributes(payment: JsonReader) {
  const device =
    payment.object("device_details") ?? payment.object("card_details")?.object("device_details");
  return {
    tip: money(payment, "tip_money")?.amount,
    total: money(payment, "total_money")?.amount,
    source_type: payment.text("source_type"),
    status: payment.text("status"),
    order_id: payment.text("order_id"),
    risk_level: payment.object("risk_evaluation")?.text("risk_level"),
    terminal_checkout_id: payment.text("terminal_checkout_id"),
    device_installation_id: device?.text("device_installation_id"),
  };
}

function voidDraft(payment: JsonReader, event: SquareEvent) {
  const canceledAt = time(payment, "updated_at") ?? deliveredAt(event);
  const approvedAt = time(payment, "created_at");
  return draftOf(
    {
      event_type: "void",
      ts: canceledAt,
      sale_id: payment.text("id"),
      payment_id: payment.text("id"),
      ...needed(money(payment, "amount_money"), "data.object.payment.amount_money"),
      ...whoAndWhere(payment),
      ...cardFields(payment.object("card_details")),
      tender_type: TENDERS[payment.text("source_type") ?? ""],
      since_tender_ms: approvedAt === undefined ? undefined : Math.max(0, canceledAt - approvedAt),
    },
    { ...cardAttributes(payment.object("card_details")), ...paymentAttributes(payment) },
  );
}

/** Only a completed refund moved money. Unlinked ones (no payment behind them) are a sign by themselves. */
export function refundFacts(event: SquareEvent): Fact[] {
  const refund = part(event, "refund");
  const id = needed(refund.text("id"), "data.object.refund.id");
  if (refund.text("status") !== "COMPLETED") return [];
  const paymentId = refund.text("payment_id");
  const unlinked = refund.flag("unlinked") === true;
  const destination = refund.object("destination_details")?.object("card_details");
  const draft = draftOf(
    {
      event_type: "refund",
      ts: time(refund, "created_at") ?? deliveredAt(event),
      refund_kind: unlinked || paymentId === undefined ? "no_receipt" : "return",
      sale_id: paymentId,
      payment_id: paymentId,
      ...needed(money(refund, "amount_money"), "data.object.refund.amount_money"),
      store_id: refund.text("location_id"),
      cashier_id: refund.text("team_member_id"),
      tender_type: TENDERS[refund.text("destination_type") ?? ""],
      ...cardFields(destination),
      reason: refund.text("reason"),
    },
    {
      ...cardAttributes(destination),
      refund_id: id,
      order_id: refund.text("order_id"),
      destination_type: refund.text("destination_type"),
      unlinked: refund.flag("unlinked"),
      terminal_refund_id: refund.text("terminal_refund_id"),
    },
  );
  return [{ fact_key: `refund:${id}:completed`, draft }];
}

/** Reasons by which the cardholder says: that was not me. */
const FRAUD_REASONS = new Set(["NO_KNOWLEDGE", "EMV_LIABILITY_SHIFT"]);

export function disputeFacts(event: SquareEvent): Fact[] {
  const dispute = part(event, "dispute");
  const id = needed(dispute.text("id") ?? dispute.text("dispute_id"), "data.object.dispute.id");
  const state = dispute.text("state") ?? "UNKNOWN";
  const reason = dispute.text("reason");
  const at = event.type === "dispute.created" ? "created_at" : "updated_at";
  const draft = draftOf(
    {
      event_type: "dispute",
      ts: time(dispute, at) ?? deliveredAt(event),
      dispute_kind: state.startsWith("INQUIRY") ? "inquiry" : "chargeback",
      payment_id: dispute.object("disputed_payment")?.text("payment_id"),
      ...needed(money(dispute, "amount_money"), "data.object.dispute.amount_money"),
      reason_code: reason,
      is_fraud: reason === undefined ? undefined : FRAUD_REASONS.has(reason),
      due_ts: time(dispute, "due_at"),
      store_id: dispute.text("location_id"),
    },
    {
      dispute_id: id,
      state,
      card_brand: dispute.text("card_brand"),
      brand_dispute_id: dispute.text("brand_dispute_id"),
    },
  );
  return [{ fact_key: `dispute:${id}:${state}`, draft }];
}
