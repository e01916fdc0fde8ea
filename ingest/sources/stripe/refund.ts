// Stripe's refunds, disputes and early fraud warnings.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import {
  changedAt,
  createdAt,
  idAt,
  metadataFields,
  money,
  type StripeEvent,
  time,
} from "./stripe-event.ts";

/** A refund counts when it is made; one that already failed moved nothing. */
export function refundFacts(event: StripeEvent): Fact[] {
  const refund = event.object;
  const id = needed(refund.text("id"), "data.object.id");
  const status = refund.text("status");
  if (status === "failed" || status === "canceled") return [];
  const charge = idAt(refund, "charge");
  const destination = refund.object("destination_details");
  const type = destination?.text("type");
  const draft = draftOf(
    {
      event_type: "refund",
      ts: createdAt(event),
      refund_kind: charge === undefined ? "no_receipt" : "return",
      sale_id: charge,
      payment_id: charge,
      ...money(refund),
      ...metadataFields(refund),
      tender_type: type === "card" ? "card" : undefined,
      customer_id: idAt(refund, "customer"),
      reason: refund.text("reason"),
    },
    {
      refund_id: id,
      status,
      destination_type: type,
      card_refund_type: destination?.object("card")?.text("type"),
      payment_intent: idAt(refund, "payment_intent"),
    },
  );
  return [{ fact_key: `refund:${id}:created`, draft }];
}

/** One event for each state that a dispute takes. */
export function disputeFacts(event: StripeEvent): Fact[] {
  const dispute = event.object;
  const id = needed(dispute.text("id"), "data.object.id");
  const status = dispute.text("status") ?? "unknown";
  const card = dispute.object("payment_method_details")?.object("card");
  const reason = dispute.text("reason");
  const networkCode = card?.text("network_reason_code") ?? dispute.text("network_reason_code");
  const evidence = dispute.object("evidence_details");
  const isNew = event.type === "charge.dispute.created";
  const draft = draftOf(
    {
      event_type: "dispute",
      ts: isNew ? createdAt(event) : changedAt(event),
      dispute_kind: isInquiry(status, card) ? "inquiry" : "chargeback",
      payment_id: idAt(dispute, "charge"),
      card_token: card?.text("fingerprint"),
      ...money(dispute),
      reason_code: networkCode ?? reason,
      is_fraud: saysFraud(reason, networkCode),
      due_ts: evidence === undefined ? undefined : time(evidence, "due_by"),
    },
    {
      dispute_id: id,
      state: status,
      dispute_reason: reason,
      card_brand: card?.text("brand"),
      case_type: card?.text("case_type"),
      payment_intent: idAt(dispute, "payment_intent"),
    },
  );
  return [{ fact_key: `dispute:${id}:${status}`, draft }];
}

/** The schemes' own fraud codes: Visa 10.x, Mastercard 4837, 4840, 4849, 4863, 4870, 4871, Amex Fxx, Discover UAxx. */
const FRAUD_CODE = /^(?:10\.\d|48(?:37|40|49|63|70|71)$|F\d\d$|UA\d\d$)/;

function saysFraud(reason: string | undefined, code: string | undefined): boolean | undefined {
  if (reason === undefined && code === undefined) return undefined;
  return reason === "fraudulent" || FRAUD_CODE.test(code ?? "");
}

function isInquiry(status: string, card: JsonReader | undefined): boolean {
  return status.startsWith("warning_") || card?.text("case_type") === "inquiry";
}

/** The issuer's early word that a charge was fraud: one fact, however often the warning is updated. */
export function warningFacts(event: StripeEvent): Fact[] {
  const warning = event.object;
  const id = needed(warning.text("id"), "data.object.id");
  const draft = draftOf(
    {
      event_type: "dispute",
      ts: createdAt(event),
      dispute_kind: "warning",
      payment_id: needed(idAt(warning, "charge"), "data.object.charge"),
      reason_code: warning.text("fraud_type"),
      is_fraud: true,
    },
    {
      warning_id: id,
      actionable: warning.flag("actionable"),
      payment_intent: idAt(warning, "payment_intent"),
    },
  );
  return [{ fact_key: `warning:${id}`, draft }];
}
