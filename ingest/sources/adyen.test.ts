import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { signAdyen } from "../testing.ts";
import { ADYEN_KEPT } from "./adyen/kept-fields.ts";
import { adyen } from "./adyen.ts";

const KEY = "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056";
type Item = Record<string, unknown> & { additionalData?: Record<string, unknown> };

/** Written after the vendor's documentation; no real delivery was at hand. */
const AUTHORISATION: Item = {
  eventCode: "AUTHORISATION",
  success: "true",
  eventDate: "2026-11-25T10:15:30+01:00",
  merchantAccountCode: "ShopECOM",
  merchantReference: "order:17",
  pspReference: "7914073381342284",
  originalReference: "",
  paymentMethod: "visa",
  reason: "033899:1111:03/2030",
  amount: { value: 1130, currency: "EUR" },
  additionalData: {
    cardSummary: "1111",
    cardBin: "411111",
    expiryDate: "3/2030",
    alias: "H167852639363479",
    cardIssuingCountry: "NL",
    shopperInteraction: "Ecommerce",
    shopperIP: "203.0.113.9",
    shopperName: "Ann Example",
    shopperEmail: "Ann@Example.com",
    iban: "NL13TEST0123456789",
    totalFraudScore: "30",
    fundingSource: "CREDIT",
  },
};
const item = (change: Item = {}): Item => ({
  ...AUTHORISATION,
  ...change,
  additionalData: { ...AUTHORISATION.additionalData, ...change.additionalData },
});
const delivery = (...items: Item[]) => ({ url: "", headers: {}, body: signAdyen(items, KEY) });
const verdict = (body: Buffer, secrets = [KEY]) =>
  adyen.verify({ url: "", headers: {}, body }, secrets, 0);
const drafts = (...items: Item[]): EventDraft[] => {
  const answer = adyen.translate(delivery(...items));
  if (answer.outcome !== "events") throw new Error(JSON.stringify(answer));
  return answer.facts.map(({ draft }) => draft);
};

describe("verify", () => {
  it("knows the signature of the vendor's documentation", () => {
    const documented = {
      pspReference: "7914073381342284",
      originalReference: "",
      merchantAccountCode: "TestMerchant",
      merchantReference: "TestPayment-1407325143704",
      amount: { value: 1130, currency: "EUR" },
      eventCode: "AUTHORISATION",
      success: "true",
      additionalData: { hmacSignature: "coqCmt/IZ4E3CzPvMY8zTjQVL5hYJUiBRg8UU+iCWo0=" },
    };
    const body = { live: "false", notificationItems: [{ NotificationRequestItem: documented }] };
    expect(verdict(Buffer.from(JSON.stringify(body)))).toEqual({ ok: true });
  });

  it.each(["pspReference", "merchantReference", "merchantAccountCode", "eventCode", "success"])(
    "%s is signed",
    (field) => {
      const text = signAdyen([item()], KEY).toString();
      const value = String(AUTHORISATION[field]);
      const changed = Buffer.from(text.replace(`"${field}":"${value}"`, `"${field}":"${value}x"`));
      expect(verdict(changed)).toEqual({ ok: false, code: "SIGNATURE_INVALID" });
    },
  );

  it("the amount is signed, the card is not", () => {
    const text = signAdyen([item()], KEY).toString();
    expect(verdict(Buffer.from(text.replace("1130", "1131"))).ok).toBe(false);
    expect(verdict(Buffer.from(text.replace('"411111"', '"422222"'))).ok).toBe(true);
  });

  it("a colon in a value signs like a border between two, as the vendor's library has it", () => {
    const [a, b] = [
      item({ merchantAccountCode: "a:b", merchantReference: "c" }),
      item({ merchantAccountCode: "a", merchantReference: "b:c" }),
    ].map((one) => signAdyen([one], KEY));
    const signature = (body: Buffer | undefined) =>
      /hmacSignature":"([^"]+)/.exec(String(body))?.[1];
    expect(signature(a)).toBe(signature(b));
  });

  it("every item must fit; any of the keys will do; keys that are no hex never fit", () => {
    expect(verdict(signAdyen([item(), item({ pspReference: "p2" })], KEY), ["00", KEY])).toEqual({
      ok: true,
    });
    const forged = signAdyen([item(), item({ pspReference: "p2" })], KEY).toString();
    expect(verdict(Buffer.from(forged.replace('"p2"', '"p3"'))).ok).toBe(false);
    expect(verdict(signAdyen([item()], KEY), ["nonsense"]).ok).toBe(false);
  });

  it.each([
    ["no JSON", "{"],
    ["no items", "{}"],
    ["an empty list", '{"notificationItems":[]}'],
    ["no signature", '{"notificationItems":[{"NotificationRequestItem":{"pspReference":"p"}}]}'],
  ])("%s: nothing is signed", (_, text) => {
    expect(verdict(Buffer.from(text))).toEqual({ ok: false, code: "SIGNATURE_MISSING" });
  });
});

describe("translate", () => {
  it("an approved payment", () => {
    expect(drafts(item())).toEqual([
      {
        event_type: "payment",
        payment_id: "7914073381342284",
        outcome: "approved",
        ...{ amount: 1130, currency: "EUR", ts: Date.UTC(2026, 10, 25, 9, 15, 30) },
        ...{ tender_type: "card", entry_mode: "online", risk_score: 30 },
        email_hash: expect.stringMatching(/^[0-9a-f]{32}$/),
        ...{ store_id: "ShopECOM", ip: "203.0.113.9" },
        ...{ card_token: "H167852639363479", bin: "411111", last4: "1111" },
        ...{ card_expiry: "2030-03", issuer_country: "NL" },
        attributes: {
          ...{ payment_method: "visa", card_funding: "CREDIT", merchant_reference: "order:17" },
        },
      },
    ]);
  });

  it.each<[Item, object]>([
    [
      { success: "false", reason: "Refused" },
      { outcome: "declined", decline_code: "Refused" },
    ],
    [
      { eventCode: "REFUND", originalReference: "p0" },
      { event_type: "refund", refund_kind: "return", sale_id: "p0" },
    ],
    [{ eventCode: "REFUND_WITH_DATA" }, { event_type: "refund", refund_kind: "no_receipt" }],
    [
      { eventCode: "CANCELLATION", originalReference: "p0" },
      { event_type: "void", sale_id: "p0" },
    ],
    [
      { eventCode: "CHARGEBACK", additionalData: { chargebackReasonCode: " 10.4" } },
      { event_type: "dispute", dispute_kind: "chargeback", reason_code: "10.4" },
    ],
    [
      { eventCode: "NOTIFICATION_OF_FRAUD" },
      { event_type: "dispute", dispute_kind: "warning", is_fraud: true },
    ],
    [
      { additionalData: { "metadata.cashier_id": "k7", terminalId: "V400m-1", store: "s1" } },
      { cashier_id: "k7", terminal_id: "V400m-1", store_id: "s1" },
    ],
    [{ amount: { value: 100, currency: "ISK" } }, { amount: 1, currency: "ISK" }],
    [{ eventDate: "2026-11-25T10:15:30+0100" }, { ts: Date.UTC(2026, 10, 25, 9, 15, 30) }],
  ])("%j", (change, expected) => {
    expect(drafts(item(change))[0]).toMatchObject(expected);
  });

  it("several items of one delivery, those that mean nothing to us left out", () => {
    expect(
      drafts(item(), item({ eventCode: "REPORT_AVAILABLE" }), item({ pspReference: "p2" })),
    ).toHaveLength(2);
    expect(adyen.translate(delivery(item({ eventCode: "REPORT_AVAILABLE" })))).toMatchObject({
      ...{ outcome: "ignored", type: "REPORT_AVAILABLE", account: "ShopECOM" },
    });
    expect(adyen.translate(delivery(item({ eventCode: "REFUND", success: "false" }))).outcome).toBe(
      "ignored",
    );
  });

  it.each<[Item, string]>([
    [{ eventDate: "yesterday" }, "eventDate"],
    [{ amount: { value: 1.5, currency: "EUR" } }, "value: expected a whole number"],
    [{ amount: { value: 101, currency: "ISK" } }, "whole number of ISK"],
    [{ pspReference: 7 }, "pspReference: expected a text"],
  ])("refuses %j", (change, says) => {
    const body = Buffer.from(
      JSON.stringify({ notificationItems: [{ NotificationRequestItem: item(change) }] }),
    );
    expect(adyen.translate({ url: "", headers: {}, body })).toMatchObject({
      ...{ outcome: "refused", detail: expect.stringContaining(says) },
    });
  });

  it("the door takes every draft, and what rests holds no name, address or account", () => {
    for (const code of ["AUTHORISATION", "REFUND", "CANCELLATION", "CHARGEBACK"]) {
      const [draft] = drafts(item({ eventCode: code }));
      const now = { nowMs: Date.UTC(2026, 10, 25, 12), merchantId: "m" };
      expect(checkEvent({ ...draft, event_id: "e1" }, now)).toMatchObject({ ok: true });
    }
    const kept = scrubDelivery(delivery(item()).body, ADYEN_KEPT);
    expect(kept.body).not.toMatch(/Ann|xample|NL13TEST|hmacSignature/);
    const again = adyen.translate({ url: "", headers: {}, body: Buffer.from(kept.body) });
    expect(again.outcome === "events" && again.facts[0]?.draft).toEqual(drafts(item())[0]);
  });
});
