import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signStripe, stripeEvent } from "../testing.ts";
import { STRIPE_KEPT } from "./stripe/kept-fields.ts";
import { stripe } from "./stripe.ts";

const NOW = 1_700_000_200_000;
const SECRET = "whsec_test";
const load = (name: string) => JSON.parse(fixture(`stripe/${name}.json`).toString());
const expected = JSON.parse(fixture("expected/stripe.json").toString()) as Record<string, unknown>;
const at = (body: Buffer, headers: Record<string, string> = {}) => ({ url: "", headers, body });
const OBJECTS: [RegExp, string][] = [
  [/^charge\.refund\.|^refund\./, "refund"],
  [/^charge\.dispute\./, "dispute"],
  [/^charge\./, "charge"],
  [/^radar\./, "radar.early_fraud_warning"],
  [/^terminal\./, "terminal.reader"],
];
const bodyOf = (type: string) => {
  const object = OBJECTS.find(([pattern]) => pattern.test(type))?.[1];
  return object === undefined ? fixture("stripe/event.json") : stripeEvent(type, load(object));
};
const short = (body: Buffer) => {
  const t = stripe.translate(at(body));
  if (t.outcome === "events") return t.facts;
  return t.outcome === "refused" ? { refused: t.detail } : `ignored:${t.type}`;
};
const draftOf = (body: Buffer) => {
  const facts = short(body);
  if (!Array.isArray(facts)) throw new Error(JSON.stringify(facts));
  return facts[0]?.draft as unknown as Record<string, unknown>;
};

describe("verify", () => {
  const body = stripeEvent("charge.succeeded", load("charge"));
  const signed = signStripe(body, SECRET, NOW);
  const header = signed["stripe-signature"] as string;
  it("takes any v1 of any secret", () => {
    expect(stripe.verify(at(body, signed), ["other", SECRET], NOW)).toEqual({ ok: true });
    const two = header.replace(",v1=", `,v0=${"a".repeat(64)},v1=${"b".repeat(64)},v1=`);
    expect(stripe.verify(at(body, { "stripe-signature": two }), [SECRET], NOW)).toEqual({
      ok: true,
    });
  });
  it.each([
    ["300 s old", NOW + 300_000, true],
    ["301 s old", NOW + 301_000, false],
    ["60 s ahead", NOW - 60_000, true],
    ["61 s ahead", NOW - 61_000, false],
  ])("%s: taken %s", (_name, nowMs, ok) => {
    expect(stripe.verify(at(body, signed), [SECRET], nowMs)).toEqual(
      ok ? { ok } : { ok, code: "SIGNATURE_STALE" },
    );
  });
  it.each([
    ["no header", undefined, "SIGNATURE_MISSING"],
    ["an empty one", "", "SIGNATURE_MISSING"],
    ["no time", header.replace(/t=\d+,/, ""), "SIGNATURE_INVALID"],
    ["another time", header.replace(/t=\d+/, "t=1700000201"), "SIGNATURE_INVALID"],
    ["only v0", header.replace("v1=", "v0="), "SIGNATURE_INVALID"],
    ["another length", header.slice(0, -2), "SIGNATURE_INVALID"],
    ["nonsense", "t=x,v1=y", "SIGNATURE_INVALID"],
  ])("%s is refused", (_name, value, code) => {
    const headers = value === undefined ? {} : { "stripe-signature": value };
    expect(stripe.verify(at(body, headers as never), [SECRET], NOW)).toEqual({ ok: false, code });
  });
  it("one byte changed is refused", () => {
    const changed = Buffer.from(body);
    changed[40] = (changed[40] ?? 0) ^ 1;
    expect(stripe.verify(at(changed, signed), [SECRET], NOW)).toMatchObject({
      code: "SIGNATURE_INVALID",
    });
  });
});

describe("translate", () => {
  it.each(Object.keys(expected))("%s", (type) => {
    expect(short(bodyOf(type))).toEqual(expected[type]);
  });
  it.each(Object.keys(expected))("%s: passes the check, and what rests says the same", (type) => {
    const facts = short(bodyOf(type));
    if (!Array.isArray(facts)) return;
    for (const { draft } of facts)
      expect(checkEvent(draft, { nowMs: NOW, merchantId: "" })).toMatchObject({
        ok: true,
        notes: [],
      });
    const scrubbed = scrubDelivery(bodyOf(type), STRIPE_KEPT);
    expect(scrubbed.body).not.toMatch(/Jenny|receipts|client_secret/);
    expect(short(Buffer.from(scrubbed.body))).toEqual(facts);
  });
  it.each([
    "payment_intent.succeeded",
    "charge.captured",
    "payout.failed",
    "customer.created",
    "toString",
    "constructor",
  ])("%s is ignored", (type) => {
    expect(short(stripeEvent(type, {}))).toBe(`ignored:${type}`);
  });
  it("a thin event is refused", () => {
    expect(short(stripeEvent("charge.succeeded", {}, { object: "v2.core.event" }))).toMatchObject({
      refused: expect.stringContaining("object"),
    });
  });
  it.each([
    ["null amount", { amount: null }],
    ["text amount", { amount: "100" }],
    ["no currency", { currency: null }],
    ["a number as status", { status: 1 }],
    ["half a króna", { currency: "isk", amount: 150 }],
    ["no time", { created: "x" }],
  ])("%s is refused with the field's name", (_name, over) => {
    expect(short(stripeEvent("charge.succeeded", { ...load("charge"), ...over }))).toMatchObject({
      refused: expect.stringContaining("data.object."),
    });
  });
});

describe("a charge in person", () => {
  const present = {
    brand: "visa",
    fingerprint: "fp1",
    iin: "424242",
    last4: "4242",
    country: "DE",
    funding: "credit",
    exp_month: 8,
    exp_year: 2030,
    read_method: "contact_emv",
    reader: "tmr_1",
    location: "tml_1",
    receipt: { cardholder_verification_method: "offline_pin" },
  };
  const charge = (over: object = {}, card: object = {}) => ({
    ...load("charge"),
    customer: { id: "cus_1", object: "customer" },
    billing_details: { email: "Jenny@Example.com" },
    metadata: { cashier_id: "c7", terminal_id: "till-3", ticket_id: "T9" },
    outcome: { type: "authorized", risk_level: "elevated", network_status: "approved_by_network" },
    payment_method_details: { type: "card_present", card_present: { ...present, ...card } },
    ...over,
  });
  it("every field of the map", () => {
    const draft = draftOf(stripeEvent("charge.succeeded", charge()));
    expect(draft).toMatchObject({
      outcome: "approved",
      card_token: "fp1",
      bin: "424242",
      last4: "4242",
      issuer_country: "DE",
      card_expiry: "2030-08",
      entry_mode: "chip",
      card_has_chip: true,
      terminal_id: "tmr_1",
      store_id: "tml_1",
      cashier_id: "c7",
      ticket_id: "T9",
      customer_id: "cus_1",
      risk_score: 65,
      tender_type: "card",
      attributes: {
        card_brand: "visa",
        card_funding: "credit",
        verified_by: "offline_pin",
        reader_id: "tmr_1",
        read_method: "contact_emv",
      },
    });
    expect(draft.email_hash).toMatch(/^[0-9a-f]{32}$/);
  });
  it.each([
    ["contact_emv", "chip", true],
    ["contactless_emv", "contactless", true],
    ["contactless_magstripe_mode", "contactless", undefined],
    ["magnetic_stripe_track2", "swipe", undefined],
    ["magnetic_stripe_fallback", "fallback", true],
    ["new_method", undefined, undefined],
  ])("%s is %s", (read_method, mode, chip) => {
    const draft = draftOf(stripeEvent("charge.succeeded", charge({}, { read_method })));
    expect([draft.entry_mode, draft.card_has_chip]).toEqual([mode, chip]);
  });
  it("a reader that is written out", () => {
    const reader = {
      id: "tmr_2",
      object: "terminal.reader",
      serial_number: "WSC-1",
      ip_address: "10.0.0.5",
    };
    expect(draftOf(stripeEvent("charge.succeeded", charge({}, { reader })))).toMatchObject({
      terminal_id: "tmr_2",
      attributes: { reader_id: "tmr_2", serial_number: "WSC-1", ip_address: "10.0.0.5" },
    });
  });
  it("stored offline, it happened when the reader stored it", () => {
    expect(
      draftOf(
        stripeEvent(
          "charge.succeeded",
          charge({}, { offline: { stored_at: 1_600_000_000, type: "deferred" } }),
        ),
      ),
    ).toMatchObject({ ts: 1_600_000_000_000, offline: true, auth_kind: "offline" });
  });
  it("declined", () => {
    const over = {
      status: "failed",
      failure_code: "card_declined",
      outcome: {
        type: "issuer_declined",
        network_decline_code: "51",
        reason: "insufficient_funds",
        risk_score: 12,
      },
    };
    expect(draftOf(stripeEvent("charge.failed", charge(over)))).toMatchObject({
      outcome: "declined",
      decline_code: "card_declined",
      risk_score: 12,
      attributes: {
        network_decline_code: "51",
        decline_reason: "insufficient_funds",
        outcome_type: "issuer_declined",
      },
    });
  });
  it("expired: a void of that charge", () => {
    expect(
      draftOf(stripeEvent("charge.expired", charge({ created: 1_699_999_100 }))),
    ).toMatchObject({ event_type: "void", sale_id: load("charge").id, since_tender_ms: 1_000_000 });
  });
});

describe("money and refunds", () => {
  it.each([
    ["usd", 1234, 1234],
    ["jpy", 500, 500],
    ["isk", 500, 5],
    ["ugx", 500, 5],
    ["mga", 500, 50_000],
    ["kwd", 1234, 1234],
  ])("%s %d is %d in ISO minor units", (currency, amount, minor) => {
    expect(
      draftOf(stripeEvent("charge.succeeded", { ...load("charge"), currency, amount })),
    ).toMatchObject({ amount: minor, currency: currency.toUpperCase() });
  });
  it("a refund without a charge has no receipt; a failed one moved nothing", () => {
    expect(
      draftOf(stripeEvent("refund.created", { ...load("refund"), charge: null })),
    ).toMatchObject({ refund_kind: "no_receipt" });
    expect(short(stripeEvent("refund.created", { ...load("refund"), status: "failed" }))).toBe(
      "ignored:refund.created",
    );
  });
  it("a dispute's states are events of their own; fraud is said by reason or by the scheme's code", () => {
    const dispute = {
      ...load("dispute"),
      status: "needs_response",
      reason: "fraudulent",
      payment_method_details: {
        type: "card",
        card: { brand: "visa", network_reason_code: "13.1" },
      },
    };
    const open = short(stripeEvent("charge.dispute.created", dispute));
    const lost = short(stripeEvent("charge.dispute.closed", { ...dispute, status: "lost" }));
    expect(
      Array.isArray(open) && Array.isArray(lost) && open[0]?.fact_key !== lost[0]?.fact_key,
    ).toBe(true);
    expect(draftOf(stripeEvent("charge.dispute.created", dispute))).toMatchObject({
      dispute_kind: "chargeback",
      is_fraud: true,
      reason_code: "13.1",
    });
    expect(
      draftOf(stripeEvent("charge.dispute.created", { ...dispute, reason: "duplicate" })),
    ).toMatchObject({ is_fraud: false });
  });
  it("payout and external account", () => {
    expect(
      draftOf(
        stripeEvent("payout.paid", {
          id: "po_1",
          amount: -500,
          currency: "eur",
          created: 1_600_000_000,
        }),
      ),
    ).toMatchObject({ event_type: "settlement", amount: 500, attributes: { direction: "debit" } });
    expect(
      draftOf(
        stripeEvent(
          "account.external_account.created",
          {
            id: "ba_1",
            object: "bank_account",
            account: "acct_1",
            currency: "eur",
            fingerprint: "f",
            last4: "6789",
          },
          { account: "acct_1" },
        ),
      ),
    ).toMatchObject({
      event_type: "setting_changed",
      setting: "payout_account",
      account_id: "acct_1",
    });
  });
});
