import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { Delivery } from "../../core/delivery.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signSquare, squareFixtures } from "../testing.ts";
import { SQUARE_KEPT } from "./square/kept-fields.ts";
import { square } from "./square.ts";

const URL_AT_SQUARE = "https://shop.example/in/square/src_1";
const SECRET = "a-signature-key";
const delivery = (
  body: Buffer | object | string,
  headers: Record<string, string> = {},
): Delivery => ({
  url: URL_AT_SQUARE,
  headers,
  body: Buffer.isBuffer(body)
    ? body
    : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
});
const expected = JSON.parse(fixture("expected/square.json").toString()) as Record<string, unknown>;
type Vector = { url: string; key: string; body: string; signature: string };
const load = (name: string) => JSON.parse(fixture(`square/${name}.json`).toString());

function outcome(body: Buffer | object) {
  const translation = square.translate(delivery(body));
  switch (translation.outcome) {
    case "events":
      return translation.facts;
    case "ask":
      return { ask: translation.object };
    case "refused":
      return { refused: translation.detail };
    case "ignored":
      return `ignored:${translation.type}`;
  }
}
const one = (body: object) => {
  const facts = outcome(body);
  if (!Array.isArray(facts)) throw new Error(`no events: ${JSON.stringify(facts)}`);
  expect(facts).toHaveLength(1);
  return facts[0] as { fact_key: string; draft: Record<string, unknown> };
};

describe("verify", () => {
  const body = fixture("square/payment.created.json");
  const signed = signSquare(URL_AT_SQUARE, body, SECRET);
  const vectors = JSON.parse(fixture("square/signature-vectors.json").toString()).vectors;

  it.each(vectors as Vector[])("Square's own vector at $url", (vector) => {
    const headers = { "x-square-hmacsha256-signature": vector.signature };
    const given = { url: vector.url, headers, body: Buffer.from(vector.body) };
    expect(square.verify(given, [vector.key], 0)).toEqual({ ok: true });
    expect(square.verify({ ...given, url: `${vector.url}/` }, [vector.key], 0).ok).toBe(false);
  });

  it("takes the current and the previous secret, and no third", () => {
    expect(square.verify(delivery(body, signed), ["new", SECRET], 0)).toEqual({ ok: true });
    expect(square.verify(delivery(body, signed), ["new"], 0)).toEqual({
      ok: false,
      code: "SIGNATURE_INVALID",
    });
    expect(square.verify(delivery(body, signed), [], 0)).toMatchObject({ ok: false });
  });

  it.each([
    [
      "one byte changed",
      { body: Buffer.from(body.toString().replace('"amount": 100', '"amount": 101')) },
      signed,
      "SIGNATURE_INVALID",
    ],
    [
      "formatted again",
      { body: Buffer.from(JSON.stringify(load("payment.created"))) },
      signed,
      "SIGNATURE_INVALID",
    ],
    ["an empty body", { body: Buffer.alloc(0) }, signed, "SIGNATURE_INVALID"],
    [
      "http for https",
      { url: URL_AT_SQUARE.replace("https", "http") },
      signed,
      "SIGNATURE_INVALID",
    ],
    ["a slash more", { url: `${URL_AT_SQUARE}/` }, signed, "SIGNATURE_INVALID"],
    ["an empty signature", {}, { "x-square-hmacsha256-signature": "" }, "SIGNATURE_MISSING"],
    ["no signature but the old SHA-1 one", {}, { "x-square-signature": "x" }, "SIGNATURE_MISSING"],
    [
      "a signature of another length",
      {},
      { "x-square-hmacsha256-signature": "AAAA" },
      "SIGNATURE_INVALID",
    ],
    [
      "a signature that is no base64",
      {},
      { "x-square-hmacsha256-signature": "!".repeat(44) },
      "SIGNATURE_INVALID",
    ],
  ])("refuses %s", (_name, change, ...rest) => {
    const [headers, code] = rest;
    expect(square.verify({ ...delivery(body, headers as never), ...change }, [SECRET], 0)).toEqual({
      ok: false,
      code,
    });
  });
});

describe("translate", () => {
  it("has an expected outcome for every sample body", () => {
    expect(squareFixtures().sort()).toEqual(Object.keys(expected).sort());
    expect(squareFixtures().length).toBe(78);
  });
  it.each(squareFixtures())("%s", (name) => {
    expect(outcome(fixture(`square/${name}.json`))).toEqual(expected[name]);
  });

  it.each(squareFixtures())("%s: what rests is clean and says the same", (name) => {
    const body = fixture(`square/${name}.json`);
    const scrubbed = scrubDelivery(body, SQUARE_KEPT);
    expect(scrubbed.found).toEqual([]);
    expect(scrubbed.body).not.toMatch(/@|Earhart|Amelia|Electric Ave|7783320007480908/);
    const again = square.translate(delivery(Buffer.from(scrubbed.body)));
    const first = square.translate(delivery(body));
    const keys = (t: typeof first) =>
      t.outcome === "events" ? t.facts.map((f) => [f.fact_key, { ...f.draft, attributes: {} }]) : t;
    expect(keys(again)).toEqual(keys(first));
  });

  it.each(squareFixtures())("%s: its events pass the door's check", (name) => {
    const translation = square.translate(delivery(fixture(`square/${name}.json`)));
    const facts = translation.outcome === "events" ? translation.facts : [];
    for (const { draft } of facts)
      expect(checkEvent(draft, { nowMs: Date.UTC(2026, 0, 1), merchantId: "" })).toMatchObject({
        ok: true,
        notes: [],
      });
  });
});

describe("payments beyond the samples", () => {
  const payment = (over: object, type = "payment.updated") => {
    const body = load("payment.created");
    body.type = type;
    body.data.object.payment = { ...body.data.object.payment, ...over };
    return body;
  };
  it("approved and completed are one fact", () => {
    expect(one(payment({ status: "COMPLETED" })).fact_key).toBe(
      one(payment({ status: "APPROVED" })).fact_key,
    );
  });
  it("pending says nothing yet", () => {
    expect(outcome(payment({ status: "PENDING" }))).toBe("ignored:payment.updated");
  });
  it("failed is a declined payment with the bank's code", () => {
    const card = {
      ...payment({}).data.object.payment.card_details,
      status: "FAILED",
      errors: [{ category: "PAYMENT_METHOD_ERROR", code: "CVV_FAILURE" }],
    };
    expect(one(payment({ status: "FAILED", card_details: card })).draft).toMatchObject({
      event_type: "payment",
      outcome: "declined",
      decline_code: "CVV_FAILURE",
    });
  });
  it("cancelled is a void of that payment", () => {
    const { draft } = one(payment({ status: "CANCELED", updated_at: "2020-11-22T21:17:51.086Z" }));
    expect(draft).toMatchObject({
      event_type: "void",
      amount: 100,
      currency: "USD",
      sale_id: "hYy9pRFVxpDsO1FB05SunFWUe9JZY",
      since_tender_ms: 60_000,
    });
  });
  it("every field of the map", () => {
    const { draft } = one(
      payment({
        tip_money: { amount: 20, currency: "USD" },
        total_money: { amount: 120, currency: "USD" },
        team_member_id: "TM1",
        employee_id: "OLD",
        customer_id: "CUS",
        buyer_email_address: "Amelia@Example.com",
        device_details: { device_id: "device:D1", device_installation_id: "I1" },
        is_offline_payment: true,
        offline_payment_details: { client_created_at: "2020-11-22T20:00:00.000Z" },
        terminal_checkout_id: "TC1",
        risk_evaluation: { risk_level: "HIGH" },
      }),
    );
    expect(draft).toMatchObject({
      ts: Date.UTC(2020, 10, 22, 20),
      cashier_id: "TM1",
      customer_id: "CUS",
      terminal_id: "D1",
      offline: true,
      auth_kind: "offline",
      risk_score: 90,
      amount: 100,
      attributes: {
        tip: "20",
        total: "120",
        terminal_checkout_id: "TC1",
        device_installation_id: "I1",
      },
    });
    expect(draft.email_hash).toMatch(/^[0-9a-f]{32}$/);
  });
  it.each([
    ["EMV", "chip"],
    ["CONTACTLESS", "contactless"],
    ["SWIPED", "swipe"],
    ["KEYED", "keyed"],
    ["ON_FILE", "online"],
    ["NEW_METHOD", undefined],
  ])("entry method %s is %s", (entry_method, mode) => {
    expect(one(payment({ card_details: { entry_method } })).draft.entry_mode).toBe(mode);
  });
  it("JPY and KWD keep their minor units", () => {
    expect(one(payment({ amount_money: { amount: 500, currency: "JPY" } })).draft).toMatchObject({
      amount: 500,
      currency: "JPY",
    });
    expect(one(payment({ amount_money: { amount: 1234, currency: "KWD" } })).draft).toMatchObject({
      amount: 1234,
      currency: "KWD",
    });
  });
  it.each([
    ["missing amount", { amount_money: undefined }, /amount_money/],
    ["null amount", { amount_money: null }, /amount_money/],
    [
      "text for a number",
      { amount_money: { amount: "100", currency: "USD" } },
      /amount_money.amount: expected a whole number/,
    ],
    ["a float", { amount_money: { amount: 1.5, currency: "USD" } }, /whole number/],
    ["a number for a text", { location_id: 7 }, /location_id: expected a text/],
    ["a broken time", { created_at: "yesterday" }, /created_at/],
    ["an array for an object", { card_details: [] }, /card_details: expected an object/],
    ["no id", { id: null }, /payment.id/],
  ])("%s is refused with the field's name", (_name, over, detail) => {
    expect((outcome(payment(over)) as { refused: string }).refused).toMatch(detail);
  });
  it("an unknown field does no harm", () => {
    expect(one(payment({ brand_new: { deep: [1] } })).draft.amount).toBe(100);
  });
});

describe("other types beyond the samples", () => {
  const with_ = (name: string, type: string, object: object) => ({
    ...load(name),
    type,
    data: { ...load(name).data, object },
  });
  it("a completed order must be asked for", () => {
    expect(
      outcome(
        with_("order.updated", "order.updated", {
          order_updated: { order_id: "O1", state: "COMPLETED" },
        }),
      ),
    ).toEqual({ ask: "O1" });
  });
  it("a completed refund, linked", () => {
    const refund = {
      ...load("refund.created").data.object.refund,
      status: "COMPLETED",
      team_member_id: "TM1",
      destination_type: "CARD",
      destination_details: { card_details: { card: { fingerprint: "sq-1-x", last_4: "1111" } } },
    };
    expect(one(with_("refund.created", "refund.updated", { refund })).draft).toMatchObject({
      event_type: "refund",
      refund_kind: "return",
      sale_id: refund.payment_id,
      amount: 1000,
      cashier_id: "TM1",
      tender_type: "card",
      card_token: "sq-1-x",
      last4: "1111",
    });
  });
  it("an unlinked refund is never lost", () => {
    const refund = {
      ...load("refund.created").data.object.refund,
      status: "COMPLETED",
      unlinked: true,
      payment_id: undefined,
      destination_type: "CASH",
    };
    expect(one(with_("refund.created", "refund.updated", { refund })).draft).toMatchObject({
      refund_kind: "no_receipt",
      tender_type: "cash",
      attributes: { unlinked: "true" },
    });
  });
  it.each(["PENDING", "REJECTED", "FAILED"])("a %s refund moved no money", (status) => {
    const refund = { ...load("refund.created").data.object.refund, status };
    expect(outcome(with_("refund.created", "refund.updated", { refund }))).toBe(
      "ignored:refund.updated",
    );
  });
  it.each([
    ["UNLINKED_ACTIVITY_REFUND", "loaded", "refund"],
    ["REFUND", "loaded", "refund"],
    ["ADJUST_INCREMENT", "loaded", "adjustment"],
    ["REDEEM", "redeemed", undefined],
    ["LOAD", "loaded", "sale"],
    ["BLOCK", undefined, undefined],
  ])("gift card %s", (type, action, issued_by) => {
    const details = {
      [`${type.toLowerCase()}_activity_details`]: {
        amount_money: { amount: 700, currency: "USD" },
      },
    };
    const gift_card_activity = {
      id: "a1",
      type,
      gift_card_id: "g1",
      gift_card_gan: "7783320007480908",
      created_at: "2020-12-17T01:41:35.157Z",
      ...details,
    };
    const { draft } = one(
      with_("gift_card.activity.created", "gift_card.activity.created", { gift_card_activity }),
    );
    expect([draft.action, draft.issued_by, draft.amount]).toEqual([action, issued_by, 700]);
    expect(draft.attributes).toMatchObject({
      activity_type: type,
      gift_card_number: "************0908",
    });
  });
  it("shift and timecard are twins", () => {
    const key = (name: string) => one(load(name)).fact_key;
    expect(key("labor.shift.updated")).toBe(key("labor.timecard.updated"));
  });
  it("a deleted timecard says nothing", () => {
    expect(
      outcome({
        type: "labor.timecard.deleted",
        event_id: "e",
        data: { type: "labor", id: "T", deleted: true },
      }),
    ).toBe("ignored:labor.timecard.deleted");
  });
  it("an inactive team member is disabled; another change is not guessed", () => {
    const member = (status: string) => ({
      team_member: { ...load("team_member.created").data.object.team_member, status },
    });
    expect(
      one(with_("team_member.created", "team_member.updated", member("INACTIVE"))).draft.change,
    ).toBe("disabled");
    expect(
      one(with_("team_member.created", "team_member.updated", member("ACTIVE"))).draft.change,
    ).toBeUndefined();
  });
  it("a new device is a terminal under the id that payments use", () => {
    const device = {
      id: "device:995CS397A6475287",
      attributes: { type: "TERMINAL", manufacturers_id: "995CS397A6475287", version: "5.41.0085" },
      status: { category: "AVAILABLE" },
    };
    expect(one(with_("device.code.paired", "device.created", { device })).draft).toMatchObject({
      event_type: "setting_changed",
      setting: "terminal",
      terminal_id: "995CS397A6475287",
      software_version: "5.41.0085",
    });
  });
  it("a payout to Square is a debit of a positive amount", () => {
    const payout = {
      ...load("payout.paid").data.object.payout,
      amount_money: { amount: -457, currency: "EUR" },
    };
    expect(one(with_("payout.paid", "payout.paid", { payout })).draft).toMatchObject({
      amount: 457,
      attributes: { direction: "debit" },
    });
  });
  it.each([
    ["an array", "[]"],
    ["no JSON", "{"],
    ["no type", "{}"],
    ["a text", '"x"'],
    ["data missing", '{"type":"payment.created"}'],
    ["object missing", '{"type":"payment.created","data":{}}'],
  ])("%s is refused, not thrown", (_name, body) =>
    expect(square.translate(delivery(body)).outcome).toBe("refused"),
  );
});
