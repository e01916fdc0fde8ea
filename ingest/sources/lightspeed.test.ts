import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signLightspeed } from "../testing.ts";
import { LIGHTSPEED_KEPT } from "./lightspeed/kept-fields.ts";
import { lightspeed } from "./lightspeed.ts";

const SECRET = "client-secret";
const NAMES = ["sale-closed", "sale-return", "sale-voided"];
type Body = Record<string, unknown>;
type Sale = Body & { register_sale_products: Body[]; register_sale_payments: Body[] };

const load = (name: string): Sale => JSON.parse(fixture(`lightspeed/${name}.json`).toString());
const formOf = (payload: unknown, more: Record<string, string> = {}): Buffer =>
  Buffer.from(
    new URLSearchParams({
      payload: JSON.stringify(payload),
      environment: "prod",
      domain_prefix: "corner-shop",
      ...more,
    }).toString(),
  );
const at = (body: Buffer) => lightspeed.translate({ url: "", headers: {}, body });
const facts = (sale: unknown) => {
  const answer = at(formOf(sale));
  if (answer.outcome !== "events") throw new Error(JSON.stringify(answer));
  return answer.facts;
};
const drafts = (sale: unknown): EventDraft[] => facts(sale).map(({ draft }) => draft);
function changed(change: Body, part: "products" | "payments" | "self", name = "sale-closed"): Sale {
  const sale = load(name);
  Object.assign(part === "self" ? sale : (sale[`register_sale_${part}`][0] as Body), change);
  return sale;
}

describe("verify", () => {
  const body = formOf(load("sale-closed"));
  const signed = signLightspeed(body, SECRET);
  const verdict = (headers: Record<string, string>, of = body, secrets = [SECRET]) =>
    lightspeed.verify({ url: "", headers, body: of }, secrets, 0);
  const INVALID = { ok: false, code: "SIGNATURE_INVALID" };

  it("takes the current and the previous secret, and the parts of the header in any order", () => {
    expect(verdict(signed)).toEqual({ ok: true });
    expect(verdict(signed, body, ["new", SECRET])).toEqual({ ok: true });
    const [signature, algorithm] = String(signed["x-signature"]).split(",");
    expect(verdict({ "x-signature": `${algorithm}, ${signature}` })).toEqual({ ok: true });
  });

  it("refuses one byte changed, another secret, none, and the form written in another way", () => {
    const spoilt = Buffer.from(body);
    spoilt[40] = (spoilt[40] ?? 0) ^ 1;
    expect(verdict(signed, spoilt)).toEqual(INVALID);
    expect(verdict(signed, body, ["other"])).toEqual(INVALID);
    expect(verdict(signed, body, [])).toEqual(INVALID);
    const loose = Buffer.from(body.toString().replaceAll("+", "%20"));
    expect(verdict(signed, Buffer.concat([loose, Buffer.from("&a=b")]))).toEqual(INVALID);
  });

  const hex = /signature=([0-9a-f]+)/.exec(String(signed["x-signature"]))?.[1] ?? "";
  it.each([
    ["no header", {}, "SIGNATURE_MISSING"],
    ["an empty one", { "x-signature": "" }, "SIGNATURE_MISSING"],
    ["the digest alone", { "x-signature": hex }, "SIGNATURE_INVALID"],
    ["no algorithm", { "x-signature": `signature=${hex}` }, "SIGNATURE_INVALID"],
    [
      "another algorithm",
      { "x-signature": `signature=${hex},algorithm=HMAC-MD5` },
      "SIGNATURE_INVALID",
    ],
    [
      "half a digest",
      { "x-signature": `signature=${hex.slice(32)},algorithm=HMAC-SHA256` },
      "SIGNATURE_INVALID",
    ],
    ["nonsense", { "x-signature": "=,=,=,," }, "SIGNATURE_INVALID"],
  ] as [string, Record<string, string>, string][])("refuses %s", (_, headers, code) => {
    expect(verdict(headers)).toEqual({ ok: false, code });
  });

  it("signs no time, so a delivery of long ago passes: its facts have the same ids again", () => {
    const late = lightspeed.verify({ url: "", headers: signed, body }, [SECRET], 4e12);
    expect(late).toEqual({ ok: true });
    expect(facts(load("sale-closed"))).toEqual(facts(load("sale-closed")));
  });
});

const U = (end: string) => `b8ca3a6e-7276-11e4-fd8a-e890${end}`;
const PLACE = {
  store_id: U("a0a98c15"),
  terminal_id: U("a8e057b8"),
  cashier_id: U("c303b609"),
  customer_id: U("0df29161"),
};
const SALE = "2ed7950a-a0fb-bcc7-11e4-f90f26de7276";
const part = (end: string) => `2ed7950a-a0fb-90ff-11e4-${end}`;

describe("sales", () => {
  it("a closed one: with tax, its lines, discount and payment", () => {
    const always = { ticket_id: SALE, ts: Date.UTC(2026, 10, 25, 1, 28, 55), ...PLACE };
    expect(facts(load("sale-closed"))).toEqual([
      {
        fact_key: `sale:${SALE}:closed`,
        draft: {
          ...{ event_type: "sale", sale_id: SALE, receipt_no: 3, amount: 1795, tax: 234 },
          ...{ discount: 200, discount_bp: 1003, line_count: 2, tender_type: "cash", ...always },
          attributes: { invoice_number: "3", status: "CLOSED" },
        },
      },
      {
        fact_key: `line:${part("f90f6138e1c1")}:sold`,
        draft: {
          ...{ event_type: "line_item", line_id: part("f90f6138e1c1"), quantity_milli: 1000 },
          ...{ sku: "bc305bf5-da20-11e4-f3a2-b575f2cb0159", unit_price: 300, line_amount: 300 },
          ...always,
        },
      },
      {
        fact_key: `line:${part("f90f6249a7ea")}:sold`,
        draft: {
          ...{ event_type: "line_item", line_id: part("f90f6249a7ea"), quantity_milli: 1000 },
          ...{ sku: "bc305bf5-da20-11e4-f3a2-b575f2c817d5", unit_price: 1495, line_amount: 1495 },
          ...always,
          attributes: { price_set: "true" },
        },
      },
      {
        fact_key: `sale:${SALE}:discount`,
        draft: {
          ...{ event_type: "discount", discount_kind: "manual", amount: 200, discount_bp: 1003 },
          ...always,
        },
      },
      {
        fact_key: `payment:${part("f90f6b8ec5eb")}:tender`,
        draft: {
          ...{ event_type: "tender", tender_type: "cash", amount: 1795, ...always },
          ts: Date.UTC(2026, 10, 25, 1, 28, 50),
          attributes: { payment_id: part("f90f6b8ec5eb"), payment_type: "Cash" },
        },
      },
    ]);
  });

  it("a return is what went back, and names its sale", () => {
    expect(facts(load("sale-return"))).toEqual([
      {
        fact_key: `payment:${part("f90f6b8ec5ec")}:refund`,
        draft: {
          ...{ event_type: "refund", refund_kind: "return", sale_id: SALE, amount: 1495 },
          ...{ currency: "NZD", tender_type: "card", ts: Date.UTC(2026, 10, 25, 3), ...PLACE },
          store_id: U("a0a98c16"),
          attributes: {
            return_id: "06bf537b-c783-11e6-f6b9-7ea7909ffedd",
            payment_id: part("f90f6b8ec5ec"),
            payment_type: "Visa EFTPOS",
          },
        },
      },
    ]);
    const alone = { return_for: null, register_sale_payments: [] };
    expect(facts(changed(alone, "self", "sale-return"))).toMatchObject([
      {
        fact_key: "sale:06bf537b-c783-11e6-f6b9-7ea7909ffedd:refund",
        draft: { refund_kind: "no_receipt", amount: 1495 },
      },
    ]);
  });

  it("a voided one, at the time of the change, which has no zone and is in UTC", () => {
    expect(facts(load("sale-voided"))).toEqual([
      {
        fact_key: `sale:${SALE}:voided`,
        draft: {
          ...{ event_type: "void", sale_id: SALE, amount: 1795, ...PLACE },
          ts: Date.UTC(2026, 10, 25, 2),
        },
      },
    ]);
  });

  it.each([
    [{ status: "ONACCOUNT_CLOSED" }, "sale"],
    [{ status: "LAYBY_CLOSED" }, "sale"],
    [{ status: null, state: "closed" }, "sale"],
    [{ status: null, state: "voided" }, "void"],
  ])("%j is a %s", (change, type) => {
    expect(drafts(changed(change, "self"))[0]).toMatchObject({ event_type: type });
  });

  it.each([
    [{ quantity: "0.75", price_total: "1.95653", tax_total: "0.29348" }, { line_amount: 225 }],
    [{ quantity: 0.75 }, { quantity_milli: 750 }],
    [{ price: 2.1249999, tax: 0 }, { unit_price: 212 }],
    [{ price: 2.125, tax: 0 }, { unit_price: 213 }],
  ])("line %j", (change, expected) => {
    expect(drafts(changed(change, "products"))[1]).toMatchObject(expected);
  });

  it("a line that takes goods back within a sale is an exchange", () => {
    const back = { quantity: -1, price_total: "-2.6087", tax_total: "-0.39131" };
    expect(facts(changed(back, "products"))[1]).toMatchObject({
      fact_key: `line:${part("f90f6138e1c1")}:returned`,
      draft: { event_type: "refund", refund_kind: "exchange", amount: 300 },
    });
  });

  it.each([
    ["Gift Card", "gift_card"],
    ["Store Credit", "voucher"],
    ["On Account", "account"],
    ["Lightspeed Payments", "card"],
    ["Credit Card", "card"],
    ["Cash Rounding", "cash"],
    ["Barter", undefined],
  ])("paid by %s", (name, expected) => {
    const type = { payment_type_id: 9, retailer_payment_type: { name }, payment_type: null };
    const tender = drafts(changed(type, "payments")).at(-1);
    expect([tender?.event_type, tender?.tender_type]).toEqual(["tender", expected]);
  });

  it("change given back is no money taken", () => {
    expect(drafts(changed({ amount: "-2.05" }, "payments")).at(-1)).toMatchObject({ amount: 0 });
  });
});

describe("other bodies", () => {
  it.each([
    ["SAVED", undefined, "SAVED"],
    ["ONACCOUNT", undefined, "ONACCOUNT"],
    ["LAYBY", "sale.update", "sale.update"],
  ])("a sale that is %s comes again", (status, type, says) => {
    const more = type === undefined ? {} : { type };
    const body = formOf(changed({ status }, "self"), more as Record<string, string>);
    expect(at(body)).toMatchObject({ outcome: "ignored", type: says, account: "corner-shop" });
  });

  it("what is no sale is ignored by the name that the form gives it", () => {
    expect(at(formOf(load("product"), { type: "product.update" }))).toMatchObject({
      ...{ outcome: "ignored", type: "product.update", live: null },
    });
    expect(at(formOf(load("product")))).toMatchObject({ outcome: "ignored", type: "other" });
  });

  it.each([
    [{ id: null }, "self", "payload.id: expected a value"],
    [{ sale_date: "today" }, "self", "payload.sale_date: expected a time"],
    [{ totals: "17.95" }, "self", "payload.totals: expected an object"],
    [{ totals: {} }, "self", "payload.totals.total_price: expected a value"],
    [{ totals: { total_price: "12,50" } }, "self", "total_price: expected a decimal amount"],
    [{ register_sale_products: "none" }, "self", "register_sale_products: expected an array"],
    [{ quantity: null }, "products", "register_sale_products[0].quantity: expected a value"],
    [{ id: null }, "products", "register_sale_products[0].id: expected a value"],
    [{ amount: null }, "payments", "register_sale_payments[0].amount: expected a value"],
    [{ amount: {} }, "payments", "register_sale_payments[0].amount: expected a decimal amount"],
    [{ id: null }, "payments", "register_sale_payments[0].id: expected a value"],
  ] as const)("refuses %j in %s by the field, never by its value", (change, where, says) => {
    expect(at(formOf(changed(change, where)))).toMatchObject({
      outcome: "refused",
      detail: expect.stringContaining(says),
    });
  });

  it.each(["", "{", "a=b", "payload=%7B", "payload=7", '{"payload":7}', "payload=null"])(
    "refuses the body %j",
    (text) => {
      expect(at(Buffer.from(text))).toMatchObject({ outcome: "refused" });
    },
  );
});

it("the door takes every draft, with no field that we do not know", () => {
  for (const draft of NAMES.flatMap((name) => drafts(load(name)))) {
    const checked = checkEvent(
      { currency: "NZD", ...draft, event_id: "e1" },
      { nowMs: Date.UTC(2026, 10, 26), merchantId: "m" },
    );
    expect(checked).toMatchObject({ ok: true, notes: [] });
  }
});

it("what rests of a body translates to the same facts again, and holds no customer and no colleague", () => {
  for (const name of NAMES) {
    const kept = scrubDelivery(formOf(load(name)), LIGHTSPEED_KEPT);
    expect(JSON.parse(kept.body)).toHaveProperty("payload.id");
    expect(kept.body).not.toMatch(/Jim|Bob|jimbob|ann995|Ann|shop\.example|customer_code/);
    const again = at(Buffer.from(kept.body));
    const first = at(formOf(load(name)));
    expect(again.outcome === "events" && again.facts).toEqual(
      first.outcome === "events" && first.facts,
    );
    expect(again.account).toBe("corner-shop");
  }
});
