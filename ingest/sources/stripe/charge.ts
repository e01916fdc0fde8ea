// Stripe's charges: approved, declined, or expired before they were captured.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf, emailDigest } from "../../../core/event-draft.ts";
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

const READ_METHODS: Readonly<Record<string, string>> = {
  contact_emv: "chip",
  contactless_emv: "contactless",
  contactless_magstripe_mode: "contactless",
  magnetic_stripe_track2: "swipe",
  magnetic_stripe_fallback: "fallback",
};
/** A fallback is a chip card that was swiped, so its chip is known too. */
const CHIP_METHODS = new Set(["contact_emv", "contactless_emv", "magnetic_stripe_fallback"]);
const RISK: Readonly<Record<string, number>> = { normal: 10, elevated: 65, highest: 75 };

/** Stripe's three kinds of card details have one shape; only those of a reader say how the card was read. */
type Card = { details: JsonReader; present: boolean };

export function chargeFacts(event: StripeEvent): Fact[] {
  const id = needed(event.object.text("id"), "data.object.id");
  switch (event.type) {
    case "charge.succeeded":
      return [{ fact_key: `payment:${id}:approved`, draft: paymentDraft(event, "approved") }];
    case "charge.failed":
      return [{ fact_key: `payment:${id}:declined`, draft: paymentDraft(event, "declined") }];
    default:
      return [{ fact_key: `payment:${id}:expired`, draft: voidDraft(event) }];
  }
}

function cardOf(charge: JsonReader): Card | undefined {
  const method = charge.object("payment_method_details");
  const present = method?.object("card_present") ?? method?.object("interac_present");
  if (present !== undefined) return { details: present, present: true };
  const details = method?.object("card");
  return details === undefined ? undefined : { details, present: false };
}

function paymentDraft(event: StripeEvent, outcome: "approved" | "declined") {
  const charge = event.object;
  const card = cardOf(charge);
  const checks = card?.details.object("checks");
  const verdict = charge.object("outcome");
  const declined = outcome === "declined";
  return draftOf(
    {
      event_type: "payment",
      payment_id: charge.text("id"),
      outcome,
      decline_code: declined
        ? (charge.text("failure_code") ?? verdict?.text("network_decline_code"))
        : undefined,
      ...money(charge),
      ...metadataFields(charge),
      ...whereRead(charge, card),
      ...cardFields(card),
      ...offlineFields(event, card),
      avs_result: checks?.text("address_postal_code_check") ?? checks?.text("address_line1_check"),
      cvv_result: checks?.text("cvc_check"),
      customer_id: idAt(charge, "customer"),
      risk_score: verdict?.whole("risk_score") ?? RISK[verdict?.text("risk_level") ?? ""],
      email_hash: emailDigest(
        charge.object("billing_details")?.text("email") ?? charge.text("receipt_email"),
      ),
    },
    { ...cardAttributes(card), ...readerAttributes(card), ...chargeAttributes(charge) },
  );
}

/** The reader's own location and id stand over what the till wrote into `metadata`. */
function whereRead(charge: JsonReader, card: Card | undefined) {
  const said = metadataFields(charge);
  if (card?.present !== true) return {};
  return {
    store_id: idAt(card.details, "location") ?? said.store_id,
    terminal_id: idAt(card.details, "reader") ?? said.terminal_id,
  };
}

function cardFields(card: Card | undefined) {
  if (card === undefined) return { entry_mode: "online" };
  const { details } = card;
  const month = details.whole("exp_month");
  const year = details.whole("exp_year");
  const read = details.text("read_method") ?? "";
  return {
    card_token: details.text("fingerprint"),
    bin: details.text("iin"),
    last4: details.text("last4"),
    card_expiry:
      month === undefined || year === undefined
        ? undefined
        : `${year}-${String(month).padStart(2, "0")}`,
    issuer_country: details.text("country"),
    entry_mode: card.present ? READ_METHODS[read] : "online",
    card_has_chip: card.present && CHIP_METHODS.has(read) ? true : undefined,
    tender_type: "card",
  };
}

/** A charge that a reader stored happened when it was stored, not when it was forwarded. */
function offlineFields(event: StripeEvent, card: Card | undefined) {
  const offline = card?.details.object("offline");
  const storedAt = offline === undefined ? undefined : time(offline, "stored_at");
  const isOffline = storedAt !== undefined || offline?.text("type") === "deferred";
  if (!isOffline) return { ts: createdAt(event) };
  return { ts: storedAt ?? createdAt(event), offline: true, auth_kind: "offline" };
}

function cardAttributes(card: Card | undefined) {
  const details = card?.details;
  const checks = details?.object("checks");
  return {
    card_brand: details?.text("brand"),
    card_funding: details?.text("funding"),
    card_network: details?.text("network"),
    verified_by: details?.object("receipt")?.text("cardholder_verification_method"),
    avs_line1: checks?.text("address_line1_check"),
    wallet: details?.object("wallet")?.text("type"),
    three_d_secure: details?.object("three_d_secure")?.text("result"),
  };
}

function readerAttributes(card: Card | undefined) {
  if (card?.present !== true) return {};
  const reader =
    typeof card.details.raw("reader") === "object" ? card.details.object("reader") : undefined;
  return {
    reader_id: idAt(card.details, "reader"),
    serial_number: reader?.text("serial_number"),
    ip_address: reader?.text("ip_address"),
    read_method: card.details.text("read_method"),
  };
}

function chargeAttributes(charge: JsonReader) {
  const verdict = charge.object("outcome");
  return {
    status: charge.text("status"),
    payment_intent: idAt(charge, "payment_intent"),
    payment_method_type: charge.object("payment_method_details")?.text("type"),
    outcome_type: verdict?.text("type"),
    network_status: verdict?.text("network_status"),
    network_decline_code: verdict?.text("network_decline_code"),
    decline_reason: verdict?.text("reason"),
    risk_level: verdict?.text("risk_level"),
  };
}

function voidDraft(event: StripeEvent) {
  const charge = event.object;
  const card = cardOf(charge);
  const ts = changedAt(event);
  return draftOf(
    {
      event_type: "void",
      ts,
      sale_id: charge.text("id"),
      payment_id: charge.text("id"),
      ...money(charge),
      ...metadataFields(charge),
      ...whereRead(charge, card),
      ...cardFields(card),
      customer_id: idAt(charge, "customer"),
      since_tender_ms: Math.max(0, ts - createdAt(event)),
    },
    { ...cardAttributes(card), ...readerAttributes(card), ...chargeAttributes(charge) },
  );
}
