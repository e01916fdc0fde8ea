import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import { EVENT_TYPES } from "../../core/event-fields.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signToast } from "../testing.ts";
import { TOAST_KEPT } from "./toast/kept-fields.ts";
import { toast } from "./toast.ts";

const SECRET = "hush-hush";
const NAMES = ["order-opened", "order-paid", "order-voided", "partner-removed"];
type Body = Record<string, unknown>;
type Order = Body & { checks: (Body & { payments: Body[]; selections: Body[] })[] };
type Message = Body & { details: Body & { order: Order } };

const load = (name: string): Message => JSON.parse(fixture(`toast/${name}.json`).toString());
const bytes = (body: unknown) => Buffer.from(JSON.stringify(body));
const translated = (body: unknown) => toast.translate({ url: "", headers: {}, body: bytes(body) });
const facts = (body: unknown) => {
  const answer = translated(body);
  if (answer.outcome !== "events") throw new Error(JSON.stringify(answer));
  return answer.facts;
};
const drafts = (body: unknown): EventDraft[] => facts(body).map(({ draft }) => draft);
/** The paid order with its card payment changed. */
function paid(change: Body): Message {
  const body = load("order-paid");
  Object.assign(body.details.order.checks[0]?.payments[1] ?? {}, change);
  return body;
}
const check = (body: Message) => body.details.order.checks[0] as Order["checks"][number];

describe("verify", () => {
  const body = bytes(load("order-paid"));
  const signed = signToast(body, SECRET);
  const sentMs = Date.UTC(2026, 10, 25, 19, 10, 1, 50);
  const verdict = (
    headers: Record<string, string>,
    { of = body, secrets = [SECRET], nowMs = sentMs } = {},
  ) => toast.verify({ url: "", headers, body: of }, secrets, nowMs);
  const refused = (code: string) => ({ ok: false, code });

  it("takes the current and the previous secret", () => {
    expect(verdict(signed)).toEqual({ ok: true });
    expect(verdict(signed, { secrets: ["new", SECRET] })).toEqual({ ok: true });
  });

  it("refuses one byte changed, another secret, none, no header and nonsense", () => {
    const changed = Buffer.from(body);
    const at = changed.indexOf("Lobster");
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(verdict(signed, { of: changed })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict(signed, { secrets: ["other"] })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict(signed, { secrets: [] })).toEqual(refused("SIGNATURE_INVALID"));
    expect(verdict({})).toEqual(refused("SIGNATURE_MISSING"));
    expect(verdict({ "toast-signature": "" })).toEqual(refused("SIGNATURE_MISSING"));
    expect(verdict({ "toast-signature": "AAAA" })).toEqual(refused("SIGNATURE_INVALID"));
  });

  it("refuses a signature over the body alone, and another time in the same body", () => {
    const alone = signToast(Buffer.from('{"timestamp":""}'), SECRET);
    expect(verdict(alone)).toEqual(refused("SIGNATURE_INVALID"));
    const later = bytes({ ...load("order-paid"), timestamp: "2026-11-25T19:20:00.000Z" });
    expect(verdict(signed, { of: later })).toEqual(refused("SIGNATURE_INVALID"));
  });

  it.each([
    ["the third try, 15 minutes later", 15 * 60_000, { ok: true }],
    ["exactly 30 minutes", 30 * 60_000, { ok: true }],
    ["a millisecond more", 30 * 60_000 + 1, refused("SIGNATURE_STALE")],
    ["a minute ahead", -60_000, { ok: true }],
    ["more than a minute ahead", -60_001, refused("SIGNATURE_STALE")],
  ])("%s", (_, afterMs, expected) => {
    expect(verdict(signed, { nowMs: sentMs + afterMs })).toEqual(expected);
  });

  it.each(["", "[]", "{", '{"timestamp":7}', '{"timestamp":"yesterday"}', '{"guid":"x"}'])(
    "refuses the body %j without a crash",
    (text) => {
      const of = Buffer.from(text);
      const time = /"timestamp":("[^"]*")/.exec(text)?.[1] ?? '""';
      const headers = signToast(Buffer.from(`{"timestamp":${time}}`), SECRET);
      expect(verdict(headers, { of })).toEqual(refused("SIGNATURE_INVALID"));
      if (text.includes("yesterday"))
        expect(verdict(signToast(of, SECRET), { of })).toEqual(refused("SIGNATURE_INVALID"));
    },
  );
});

const PLACE = {
  store_id: "0cd990c9-fd74-461d-8468-de2a0919ccbb",
  cashier_id: "909523c3-5bf9-4bad-a3b9-68c4ce3c05e9",
  terminal_id: "9b5185224a27ab72",
};
const CHECK = "3b3efd41-5b71-476f-9119-ac2eca247444";
const SOLD = { ticket_id: CHECK, ts: Date.UTC(2026, 10, 25, 18, 40), ...PLACE };
const some = (end: string) => `1a2b3c4d-0000-4000-8000-00000000000${end}`;
const pay = (end: string) => `361d140a-aa0b-43ad-98d6-516c4165550${end}`;

describe("a paid check", () => {
  const made = facts(load("order-paid"));
  const of = (key: string) => made.find(({ fact_key }) => fact_key === key)?.draft;

  it("gives exactly these facts, each by the part that it is of", () => {
    expect(made.map(({ fact_key, draft }) => `${draft.event_type} ${fact_key}`)).toEqual([
      `sale check:${CHECK}:sale`,
      `line_item selection:${some("1")}:sold`,
      `line_item selection:${some("2")}:sold`,
      `line_item selection:${some("3")}:sold`,
      `discount discount:${some("d")}`,
      `discount discount:${some("f")}`,
      `coupon_redeemed discount:${some("f")}:coupon`,
      `payment payment:${pay("2")}:declined`,
      `payment payment:${pay("1")}:approved`,
      `tip_adjusted payment:${pay("1")}:tip`,
      `refund payment:${pay("1")}:refund:${some("7")}`,
      `tender payment:${pay("3")}:tender`,
      `line_removed selection:${some("4")}:voided`,
    ]);
  });

  it("the sale", () => {
    expect(of(`check:${CHECK}:sale`)).toEqual({
      ...SOLD,
      ...{ event_type: "sale", sale_id: CHECK, amount: 2576, tax: 191, line_count: 3 },
      ...{ discount: 375, discount_bp: 1359, customer_id: some("c") },
      attributes: {
        order_id: "f6d98b95-2816-4f54-b1ab-7a5d71e83769",
        source_name: "In Store",
        display_number: "1",
      },
    });
  });

  it("its lines: by the piece, by weight, and rung up without an article", () => {
    const line = { event_type: "line_item", ...SOLD };
    expect(of(`selection:${some("1")}:sold`)).toEqual({
      ...{ ...line, line_id: some("1"), sku: "e8f0a4d1-23b1-4d4f-9ad1-6a1d3f5c0001" },
      ...{ quantity_milli: 1000, unit_price: 1250, list_price: 1250, line_amount: 1000 },
    });
    expect(of(`selection:${some("2")}:sold`)).toEqual({
      ...{ ...line, line_id: some("2"), sku: "4711" },
      ...{ quantity_milli: 750, unit_price: 2000, list_price: 2000, line_amount: 1375 },
    });
    expect(of(`selection:${some("3")}:sold`)).toMatchObject({
      ...{ is_open_department: true, line_amount: 10 },
    });
    expect(of(`selection:${some("4")}:voided`)).toEqual({
      ...{ event_type: "line_removed", ticket_id: CHECK, line_id: some("4") },
      ...{ ...PLACE, sku: "e8f0a4d1-23b1-4d4f-9ad1-6a1d3f5c0001", line_amount: 4400 },
      ...{ ts: Date.UTC(2026, 10, 25, 18, 30), attributes: { void_reason: some("9") } },
    });
  });

  it("its discounts: one typed in with who approved it, one by a code", () => {
    expect(of(`discount:${some("d")}`)).toEqual({
      ...{ event_type: "discount", ...SOLD, discount_kind: "manual", amount: 250 },
      ...{ discount_bp: 906, approver_id: some("a") },
      attributes: { discount_id: some("e"), discount_type: "OPEN_FIXED" },
    });
    expect(of(`discount:${some("f")}`)).toMatchObject({
      ...{ discount_kind: "promo", amount: 125, discount_bp: 1000 },
    });
    expect(of(`discount:${some("f")}:coupon`)).toEqual({
      ...{ event_type: "coupon_redeemed", ...SOLD, coupon_code: "AUTUMN26", amount: 125 },
    });
  });

  it("its payments: declined, approved, cash, the tip, and what went back", () => {
    expect(of(`payment:${pay("2")}:declined`)).toMatchObject({
      ...{ outcome: "declined", amount: 2576, entry_mode: "keyed", bin: "400000", last4: "0002" },
    });
    expect(of(`payment:${pay("1")}:approved`)).toEqual({
      ...{ event_type: "payment", payment_id: pay("1"), outcome: "approved", amount: 2010 },
      ...{ ...SOLD, tender_type: "card", entry_mode: "chip", customer_id: some("c") },
      ...{ card_token: expect.stringMatching(/^[0-9a-f]{32}$/), bin: "411111", last4: "1111" },
      attributes: { card_brand: "VISA", tip: "400" },
    });
    expect(of(`payment:${pay("1")}:tip`)).toEqual({
      ...{ event_type: "tip_adjusted", ...SOLD, authorised: 2010, tip: 400 },
      attributes: { payment_id: pay("1") },
    });
    expect(of(`payment:${pay("1")}:refund:${some("7")}`)).toEqual({
      ...{ event_type: "refund", refund_kind: "return", sale_id: CHECK, amount: 500 },
      ...{ tender_type: "card", card_token: of(`payment:${pay("1")}:approved`)?.card_token },
      ...{ ts: Date.UTC(2026, 10, 25, 19, 10), store_id: PLACE.store_id },
      attributes: { payment_id: pay("1"), server_id: PLACE.cashier_id, tip_refund: "100" },
    });
    expect(of(`payment:${pay("3")}:tender`)).toEqual({
      ...{ event_type: "tender", tender_type: "cash", amount: 566, ...SOLD },
      attributes: { payment_id: pay("3"), payment_type: "CASH" },
    });
  });

  it.each([
    [{ cardPaymentId: "card-9" }, { card_token: "card-9" }],
    [{ cardEntryMode: "CONTACTLESS" }, { entry_mode: "contactless" }],
    [{ cardEntryMode: "APPLE_PAY_CNP" }, { entry_mode: "online" }],
    [{ paymentStatus: "AUTHORIZED" }, { outcome: "approved" }],
    [{ amount: 21.990000000000002 }, { amount: 2199 }],
    [{ amount: 1_000_000.07 }, { amount: 100_000_007 }],
    [
      { type: "TOAST_SV" },
      { event_type: "tender", tender_type: "gift_card", attributes: { payment_type: "TOAST_SV" } },
    ],
  ])("a card payment with %j", (change, expected) => {
    const one = drafts(paid(change)).find(
      (draft) => draft.payment_id === pay("1") || draft.attributes?.payment_id === pay("1"),
    );
    expect(one).toMatchObject(expected);
  });

  it.each(["OPEN", "PROCESSING", "ERROR_NETWORK", "VOIDED"])(
    "a card payment that is %s is no news yet",
    (paymentStatus) => {
      const keys = facts(paid({ paymentStatus })).map(({ fact_key }) => fact_key);
      expect(keys.filter((key) => key.startsWith(`payment:${pay("1")}`))).toEqual([
        `payment:${pay("1")}:refund:${some("7")}`,
      ]);
    },
  );

  it("a card known by its last digits alone has no token: strangers would share it", () => {
    const one = drafts(paid({ first6Digits: null })).find((d) => d.payment_id === pay("1"));
    expect(one).not.toHaveProperty("card_token");
  });
});

describe("other orders", () => {
  it("a voided check: by whom it was, where a payment says so; a cancelled one where nobody had paid", () => {
    expect(facts(load("order-voided"))).toEqual([
      {
        fact_key: `payment:${pay("4")}:tender`,
        draft: expect.objectContaining({ event_type: "tender", amount: 3240 }),
      },
      {
        fact_key: `payment:${pay("4")}:voided`,
        draft: {
          ...{ event_type: "void", sale_id: "cd39b62e-363b-4029-98f1-f3dc91f00df4" },
          ...{ ...PLACE, cashier_id: some("b"), amount: 3240, tender_type: "cash" },
          ts: Date.UTC(2026, 10, 25, 20),
          attributes: { payment_id: pay("4"), approver_id: some("a"), void_reason: some("9") },
        },
      },
      {
        fact_key: "check:3b3efd41-5b71-476f-9119-ac2eca247445:voided",
        draft: {
          ...{ event_type: "sale_cancelled", stage: "items", amount: 972, ...PLACE },
          ticket_id: "3b3efd41-5b71-476f-9119-ac2eca247445",
          ts: Date.UTC(2026, 10, 25, 20, 1),
        },
      },
    ]);
  });

  it("our access taken away is a failed control", () => {
    expect(facts(load("partner-removed"))).toEqual([
      {
        fact_key: "partner_removed:534bf25a-b657-45aa-9a63-47f8f35400d9",
        draft: {
          ...{ event_type: "control_failed", control: "source", store_id: PLACE.store_id },
          ts: Date.UTC(2026, 10, 25, 21, 22, 12, 825),
          attributes: { source_kind: "toast", cause: "access removed" },
        },
      },
    ]);
  });

  it.each([
    ["an open order", load("order-opened"), "order_updated"],
    ["a stock message", { ...load("order-opened"), eventType: "low_quantity" }, "low_quantity"],
    ["a type that we never heard of", { eventType: "x".repeat(200), guid: "g" }, "x".repeat(100)],
  ])("%s is ignored", (_, body, type) => {
    if (type.startsWith("x")) Object.assign(body, { details: {} });
    expect(translated(body)).toMatchObject({ outcome: "ignored", type });
  });

  it.each([{ excessFood: true }, { deleted: true }])("an order with %j is ignored", (change) => {
    const body = load("order-paid");
    Object.assign(body.details.order, change);
    expect(translated(body)).toMatchObject({ outcome: "ignored" });
  });

  it("a check that was deleted is left out, and a loyalty discount that was taken back", () => {
    const body = load("order-paid");
    check(body).appliedDiscounts = [{ guid: "d", discountAmount: 9, processingState: "VOID" }];
    expect(drafts(body)[0]).toMatchObject({ event_type: "sale", discount: 125 });
    check(body).deleted = true;
    expect(translated(body)).toMatchObject({ outcome: "ignored" });
  });

  it("names the restaurant, the message and test mode", () => {
    const head = { account: PLACE.store_id, delivery_key: "534bf25a-b657-45aa-9a63-47f8f35400d7" };
    expect(translated(load("order-paid"))).toMatchObject({ ...head, live: true });
    const body = load("order-paid");
    body.details.order.createdInTestMode = true;
    expect(translated(body)).toMatchObject({ ...head, live: false });
  });
});

describe("wrong shapes are refused with the field, never with its value", () => {
  const AT = "details.order.checks[0]";
  it.each([
    [{ amount: "20.10" }, `${AT}.payments[1].amount: expected a decimal amount`],
    [{ amount: 20.105 }, `${AT}.payments[1].amount: expected a decimal amount`],
    [{ amount: null }, `${AT}.payments[1].amount: expected a value`],
    [{ guid: null }, `${AT}.payments[1].guid: expected a value`],
    [{ paidDate: "today" }, `${AT}.payments[1].paidDate`],
    [{ paidDate: null }, `${AT}.payments[1].paidDate: expected a value`],
    [{ refund: "all" }, `${AT}.payments[1].refund: expected an object`],
    [{ server: "Ann" }, `${AT}.payments[1].server: expected an object`],
  ])("payment %j", (change, says) => {
    expect(translated(paid(change))).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining(says),
    });
  });

  it.each([
    [{ eventType: null }, "eventType: expected a value"],
    [{ guid: 7 }, "guid: expected a text"],
    [{ details: null }, "details: expected a value"],
    [{ details: { restaurantGuid: "r" } }, "details.order: expected a value"],
    [{ details: { order: { checks: "none" }, restaurantGuid: "r" } }, "details.order.checks"],
    [{ details: { order: { checks: [] } } }, "details.restaurantGuid: expected a value"],
  ])("message %j", (change, says) => {
    expect(translated({ ...load("order-paid"), ...change })).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining(says),
    });
  });

  it("a body that is no JSON, or no object", () => {
    const refused = (text: string) =>
      toast.translate({ url: "", headers: {}, body: Buffer.from(text) });
    expect(refused("{")).toMatchObject({ outcome: "refused", detail: "body: expected JSON" });
    expect(refused("[]")).toMatchObject({ outcome: "refused" });
  });
});

it("the door takes every draft, with no field that we do not know", () => {
  for (const draft of NAMES.slice(1).flatMap((name) => drafts(load(name)))) {
    const checked = checkEvent(
      { ...draft, event_id: "e1", currency: "USD" },
      { nowMs: Date.UTC(2026, 10, 26), merchantId: "m" },
    );
    expect(checked).toMatchObject({ ok: true, notes: [] });
    expect(Object.keys(EVENT_TYPES)).toContain(draft.event_type);
  }
});

it("what rests of a body translates to the same again, and holds no name or address", () => {
  for (const name of NAMES) {
    const kept = scrubDelivery(bytes(load(name)), TOAST_KEPT);
    expect(kept.body).not.toMatch(/Ann|Burger|Regular guest|Grill|Boston|555-0100/);
    const again = toast.translate({ url: "", headers: {}, body: Buffer.from(kept.body) });
    expect(again).toEqual(translated(load(name)));
  }
});
