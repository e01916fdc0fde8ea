import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signZettle } from "../testing.ts";
import { ZETTLE_KEPT } from "./zettle/kept-fields.ts";
import { zettle } from "./zettle.ts";

const SECRET = "zLzClQLQN8yfH8aEjONeXzgJRAHR0zpD7RonFCpizujCUCectBlln0vFArTbLPYa";
const ORG = "d3f03ffa-4a18-4282-bbfa-efd5f642ffb7";
const NAMES = ["purchase-cash", "purchase-card", "purchase-refund", "connection-removed"];
type Body = Record<string, unknown>;
type Message = Body & { timestamp: string; payload: Body & { payments: Body[]; products: Body[] } };

const load = (name: string): Message => JSON.parse(fixture(`zettle/${name}.json`).toString());
const folded = (message: Message) => signZettle(message, SECRET).body;
const translated = (message: Message) =>
  zettle.translate({ url: "", headers: {}, body: folded(message) });
const facts = (message: Message) => {
  const answer = translated(message);
  if (answer.outcome !== "events") throw new Error(JSON.stringify(answer));
  return answer.facts;
};
const drafts = (message: Message): EventDraft[] => facts(message).map(({ draft }) => draft);
function changed(name: string, change: Body, part: "payments" | "products" | "self"): Message {
  const message = load(name);
  Object.assign(part === "self" ? message.payload : (message.payload[part][0] as Body), change);
  return message;
}

describe("verify", () => {
  const { body, headers: signed } = signZettle(load("purchase-cash"), SECRET);
  const sentMs = Date.UTC(2021, 3, 19, 13, 9, 40, 812);
  const verdict = (
    headers: Record<string, string>,
    { of = body, secrets = [SECRET], nowMs = sentMs } = {},
  ) => zettle.verify({ url: "", headers, body: of }, secrets, nowMs);
  const refused = (code: string) => ({ ok: false, code });

  it("takes the current and the previous key, in either case of the digits", () => {
    expect(verdict(signed)).toEqual({ ok: true });
    expect(verdict(signed, { secrets: ["new", SECRET] })).toEqual({ ok: true });
    const upper = String(signed["x-izettle-signature"]).toUpperCase();
    expect(verdict({ "x-izettle-signature": upper })).toEqual({ ok: true });
  });

  it("signs the payload as it reads, not as it is escaped, whatever the space around it", () => {
    const loose = Buffer.from(JSON.stringify(JSON.parse(body.toString()), null, 3));
    expect(verdict(signed, { of: loose })).toEqual({ ok: true });
  });

  it("refuses one byte of the payload or the time changed, another key, none, no header and nonsense", () => {
    const spoilt = (text: string, by: string) =>
      Buffer.from(body.toString().replace(text, () => by));
    expect(verdict(signed, { of: spoilt("35300", "35301") })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict(signed, { of: spoilt("40.812Z", "40.813Z") })).toEqual(
      refused("SIGNATURE_INVALID"),
    );
    expect(verdict(signed, { secrets: ["other"] })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict(signed, { secrets: [] })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict({})).toEqual(refused("SIGNATURE_MISSING"));
    expect(verdict({ "x-izettle-signature": "abc" })).toEqual(refused("SIGNATURE_INVALID"));
  });

  it.each([
    "",
    "[]",
    "{",
    '{"timestamp":"2021-04-19T13:09:40.812Z","payload":{}}',
    '{"payload":"{}"}',
  ])("refuses the body %j without a crash", (text) => {
    expect(verdict(signed, { of: Buffer.from(text) })).toEqual(refused("SIGNATURE_INVALID"));
  });

  it("refuses a signed time that is no time", () => {
    const message = { ...load("purchase-cash"), timestamp: "soon" };
    const { body: of, headers } = signZettle(message, SECRET);
    expect(verdict(headers, { of })).toEqual(refused("SIGNATURE_INVALID"));
  });

  const HOUR = 3_600_000;
  it.each([
    ["the last of Zettle's tries", 72 * HOUR, { ok: true }],
    ["exactly 74 hours", 74 * HOUR, { ok: true }],
    ["a millisecond more", 74 * HOUR + 1, refused("SIGNATURE_STALE")],
    ["a minute ahead", -60_000, { ok: true }],
    ["more than a minute ahead", -60_001, refused("SIGNATURE_STALE")],
  ])("%s", (_, afterMs, expected) => {
    expect(verdict(signed, { nowMs: sentMs + afterMs })).toEqual(expected);
  });

  it("answers the message that Zettle sends before there is a key, and believes nothing in it", () => {
    const test = { eventName: "TestMessage", organizationUuid: ORG, payload: { data: "payload" } };
    const of = Buffer.from(JSON.stringify(test));
    expect(verdict({}, { of })).toEqual({ ok: true });
    expect(zettle.translate({ url: "", headers: {}, body: of })).toEqual({
      ...{ outcome: "ignored", type: "TestMessage", account: null, delivery_key: "", live: null },
    });
    const posing = { ...load("purchase-card"), eventName: "TestMessage" };
    expect(translated(posing)).toMatchObject({ outcome: "ignored", account: null });
    const long = Buffer.from(JSON.stringify({ ...test, more: "x".repeat(2048) }));
    expect(verdict({}, { of: long })).toEqual(refused("SIGNATURE_MISSING"));
    expect(verdict({ "x-izettle-signature": "00" }, { of })).toEqual(refused("SIGNATURE_INVALID"));
  });

  it("the vendor's rule, written out by hand", () => {
    const text = '{"a":"é"}';
    const time = "2021-04-19T13:17:56.585Z";
    const of = Buffer.from(
      '{"eventName":"X","payload":"{\\"a\\":\\"\\u00e9\\"}","timestamp":"2021-04-19T13:17:56.585Z"}',
    );
    const hex = createHmac("sha256", SECRET).update(`${time}.${text}`, "utf8").digest("hex");
    expect(verdict({ "x-izettle-signature": hex }, { of, nowMs: Date.parse(time) })).toEqual({
      ok: true,
    });
  });
});

const PLACE = {
  store_id: ORG,
  terminal_id: "692e074e16fb8e99cafbce1c975582c1ce8dbd8f",
  cashier_id: "7a1abbf4-b5e2-4c70-8b21-f4ec5b00c463",
};

describe("purchases", () => {
  it("cash: a sale, its lines and its tender", () => {
    const id = "7cdf4ae2-a110-11eb-a7f9-24cfef8c2970";
    const always = { ticket_id: id, currency: "GBP", ts: 1_618_837_780_798, ...PLACE };
    expect(facts(load("purchase-cash"))).toEqual([
      {
        fact_key: `purchase:${id}:sale`,
        draft: {
          ...{ event_type: "sale", sale_id: id, receipt_no: 12_776, amount: 35_300, tax: 3_656 },
          ...{ discount: 0, discount_bp: 0, line_count: 2, ...always },
          attributes: { source_name: "POS" },
        },
      },
      {
        fact_key: `purchase:${id}:line:0`,
        draft: {
          ...{ event_type: "line_item", line_id: "0", sku: "987", quantity_milli: 2_000 },
          ...{ unit_price: 1_200, list_price: 1_200, line_amount: 2_400, ...always },
        },
      },
      {
        fact_key: `purchase:${id}:line:1`,
        draft: {
          ...{ event_type: "line_item", line_id: "1", sku: "The Whiskey - Small" },
          ...{ quantity_milli: 1_000, unit_price: 32_900, list_price: 32_900 },
          ...{ line_amount: 32_900, ...always },
        },
      },
      {
        fact_key: "payment:8031c38c-a110-11eb-a6f8-25ceee8d2871:tender",
        draft: {
          ...{ event_type: "tender", tender_type: "cash", amount: 35_300, ...always },
          attributes: {
            payment_id: "8031c38c-a110-11eb-a6f8-25ceee8d2871",
            payment_type: "IZETTLE_CASH",
          },
        },
      },
    ]);
  });

  it("a card and a transfer, with discounts counted as the vendor's worked example counts them", () => {
    const made = drafts(load("purchase-card"));
    expect(made.map(({ event_type }) => event_type)).toEqual([
      ...["sale", "line_item", "line_item", "discount", "payment", "tender"],
    ]);
    expect(made[0]).toMatchObject({ amount: 10_000, discount: 4_000, discount_bp: 2_857 });
    expect(made[1]).toMatchObject({ sku: "4a98a671-7c2e-11eb-bb38-e398536ff6aa" });
    expect(made[1]).toMatchObject({ line_amount: 3_500, quantity_milli: 2_000 });
    expect(made[2]).toMatchObject({ is_open_department: true, line_amount: 9_000 });
    expect(made[2]).not.toHaveProperty("sku");
    expect(made[3]).toMatchObject({ discount_kind: "manual", amount: 4_000, discount_bp: 2_857 });
    expect(made[4]).toEqual({
      ...{ event_type: "payment", payment_id: "41fad608-358b-11eb-a9cf-adce2fdbc505" },
      ...{ outcome: "approved", amount: 8_000, currency: "GBP", ts: 1_618_838_000_000, ...PLACE },
      ...{ ticket_id: "6e2a95e0-e893-11e6-bafa-56ab480140ef", tender_type: "card" },
      ...{ entry_mode: "chip", bin: "535583", last4: "0000" },
      card_token: expect.stringMatching(/^[0-9a-f]{32}$/),
      attributes: { card_brand: "MASTERCARD", verified_by: "PIN", tip: "500" },
    });
    expect(made[5]).toMatchObject({ amount: 2_000, attributes: { payment_type: "SWISH" } });
    expect(made[5]).not.toHaveProperty("tender_type");
  });

  it("a refund is what went back, to the same card, and names its sale", () => {
    const [paid] = drafts(load("purchase-card")).filter((one) => one.event_type === "payment");
    expect(facts(load("purchase-refund"))).toEqual([
      {
        fact_key: "payment:1ca7c4f0-8ec4-11e6-93fb-440a20c6bcbf:refund",
        draft: {
          ...{ event_type: "refund", refund_kind: "return", amount: 2_000, currency: "GBP" },
          ...{ sale_id: "6e2a95e0-e893-11e6-bafa-56ab480140ef", tender_type: "card" },
          ...{ card_token: paid?.card_token, ts: 1_618_841_400_000, ...PLACE },
          attributes: {
            purchase_id: "1ca5c42a-8ec4-11e6-aaff-4186f29705b6",
            payment_id: "1ca7c4f0-8ec4-11e6-93fb-440a20c6bcbf",
            payment_type: "IZETTLE_CARD",
          },
        },
      },
    ]);
    const alone = changed("purchase-refund", { refundsPurchaseUuid: null }, "self");
    expect(drafts(alone)).toMatchObject([{ refund_kind: "no_receipt" }]);
    expect(drafts(alone)[0]).not.toHaveProperty("sale_id");
  });

  it.each([
    [{ attributes: { cardPaymentEntryMode: "CONTACTLESS_EMV" } }, { entry_mode: "contactless" }],
    [{ attributes: { cardPaymentEntryMode: "MAGSTRIPE" } }, { entry_mode: "swipe" }],
    [{ type: "IZETTLE_CARD_ONLINE", attributes: {} }, { entry_mode: "online" }],
    [{ type: "GIFTCARD" }, { event_type: "tender", tender_type: "gift_card" }],
    [{ type: "IZETTLE_INVOICE" }, { event_type: "tender", tender_type: "account" }],
    [{ type: "A_NEW_ONE" }, { event_type: "tender", attributes: { payment_type: "A_NEW_ONE" } }],
  ])("payment %j", (change, expected) => {
    expect(drafts(changed("purchase-card", change, "payments"))[4]).toMatchObject(expected);
  });

  it("a card known by its last digits alone has no token: strangers would share it", () => {
    const pan = { attributes: { maskedPan: "**** **** **** 1111", cardType: "VISA" } };
    const payment = drafts(changed("purchase-card", pan, "payments"))[4];
    expect(payment).toMatchObject({ last4: "1111" });
    expect(payment).not.toHaveProperty("card_token");
  });

  it.each([
    [{ quantity: "0.75" }, { quantity_milli: 750, line_amount: 900 }],
    [{ quantity: "1.5", unitPrice: 333 }, { line_amount: 500 }],
    [{ sku: null, variantUuid: null }, { sku: "4a98a670-7c2e-11eb-bb38-e398536ff6aa" }],
  ])("line %j", (change, expected) => {
    expect(drafts(changed("purchase-cash", change, "products"))[1]).toMatchObject(expected);
  });

  it("a gift card sold is activated too", () => {
    const sold = { type: "GIFTCARD", details: { giftcardUuid: "g-1" } };
    expect(drafts(changed("purchase-cash", sold, "products"))[2]).toMatchObject({
      ...{ event_type: "gift_card", action: "activated", gift_card_id: "g-1", amount: 2_400 },
    });
  });

  it.each([
    [{ timestamp: null }, Date.UTC(2021, 3, 19, 13, 9, 40, 798)],
    [{ timestamp: "2021-04-19T13:09:41.000+0000" }, Date.UTC(2021, 3, 19, 13, 9, 41)],
  ])("time %j", (change, ts) => {
    expect(drafts(changed("purchase-cash", change, "self"))[0]?.ts).toBe(ts);
  });
});

describe("what nobody signed", () => {
  it("our access taken away is a failed control, by the payload's own word", () => {
    expect(facts(load("connection-removed"))).toEqual([
      {
        fact_key: `ApplicationConnectionRemoved:${Date.UTC(2021, 3, 19, 15)}`,
        draft: {
          ...{ event_type: "control_failed", control: "source", ts: Date.UTC(2021, 3, 19, 15) },
          attributes: { source_kind: "zettle", cause: "ApplicationConnectionRemoved" },
        },
      },
    ]);
  });

  it("a captured payload under another name is refused; a name that we do not know is ignored", () => {
    const named = (file: string, eventName: string) => translated({ ...load(file), eventName });
    const says = { outcome: "refused", detail: "payload: expected what its event is of" };
    expect(named("purchase-cash", "ApplicationConnectionRemoved")).toMatchObject(says);
    expect(named("tracking-started", "PurchaseCreated")).toMatchObject(says);
    expect(translated(load("tracking-started"))).toMatchObject({
      ...{ outcome: "ignored", type: "InventoryTrackingStarted", account: ORG },
    });
  });

  it("the organisation is the payload's own, and other message ids make no other delivery", () => {
    const other = { ...load("purchase-cash"), organizationUuid: "another", messageUuid: "m-2" };
    expect(translated(other)).toEqual(translated(load("purchase-cash")));
    expect(translated(other).account).toBe(ORG);
  });
});

describe("wrong shapes are refused with the field, never with its value", () => {
  it.each([
    [{ amount: 12.5 }, "self", "payload.amount: expected a whole number"],
    [{ amount: "100" }, "self", "payload.amount: expected a whole number"],
    [{ purchaseUuid: null }, "self", "payload.purchaseUuid: expected a value"],
    [{ payments: "cash" }, "self", "payload.payments: expected an array"],
    [{ products: [7] }, "self", "payload.products[0]: expected an object"],
    [{ timestamp: true }, "self", "timestamp: expected a text"],
    [{ timestamp: "noon" }, "self", "payload.timestamp"],
    [{ uuid: null }, "payments", "payload.payments[0].uuid: expected a value"],
    [{ type: null }, "payments", "payload.payments[0].type: expected a value"],
    [{ unitPrice: null }, "products", "payload.products[0].unitPrice: expected a value"],
    [{ quantity: "a few" }, "products", "payload.products[0].quantity: expected a number"],
    [{ quantity: "0.0005" }, "products", "payload.products[0].quantity: expected a number"],
  ] as const)("%j in %s", (change, part, says) => {
    expect(translated(changed("purchase-cash", change, part))).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining(says),
    });
  });

  it("the card's attributes as a text", () => {
    const detail = "payload.payments[0].attributes: expected an object";
    const answer = translated(changed("purchase-card", { attributes: "chip" }, "payments"));
    expect(answer).toMatchObject({ outcome: "refused", detail });
  });

  it.each([
    ["{", "body: expected JSON"],
    ['{"eventName":"PurchaseCreated","payload":"{"}', "body: expected JSON"],
    ["[]", "expected an object"],
    ['{"eventName":"PurchaseCreated"}', "payload: expected a value"],
    ['{"eventName":"PurchaseCreated","payload":"7"}', "payload: expected an object"],
    ['{"payload":"{}"}', "eventName: expected a value"],
  ])("body %j", (text, says) => {
    const answer = zettle.translate({ url: "", headers: {}, body: Buffer.from(text) });
    expect(answer).toMatchObject({ outcome: "refused", detail: expect.stringContaining(says) });
  });
});

it("the door takes every draft, with no field that we do not know", () => {
  for (const draft of NAMES.flatMap((name) => drafts(load(name)))) {
    const checked = checkEvent(
      { ...draft, event_id: "e1" },
      { nowMs: Date.UTC(2026, 10, 26), merchantId: "m" },
    );
    expect(checked).toMatchObject({ ok: true, notes: [] });
  }
});

it("what rests of a body translates to the same facts again, and holds no name or place", () => {
  for (const name of NAMES) {
    const kept = scrubDelivery(folded(load(name)), ZETTLE_KEPT);
    expect(kept.body).not.toMatch(/John|Whiskey"|testproduct|18\.1|gpsCoordinates/);
    const again = zettle.translate({ url: "", headers: {}, body: Buffer.from(kept.body) });
    const first = translated(load(name));
    expect(again.outcome === "events" && again.facts).toEqual(
      first.outcome === "events" && first.facts,
    );
  }
});
