import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import type { EventDraft } from "../../core/event.ts";
import { EVENT_TYPES } from "../../core/event-fields.ts";
import { scrubDelivery } from "../steps/scrub-delivery.ts";
import { fixture, signShopify } from "../testing.ts";
import { SHOPIFY_KEPT } from "./shopify/kept-fields.ts";
import { shopify } from "./shopify.ts";

const SECRET = "hush-hush";
type Body = Record<string, unknown>;
/** A webhook's body is the inner object; newer versions name the currency of each transaction. */
const load = (name: string): Body => JSON.parse(fixture(`shopify/${name}.json`).toString())[name];
const transaction = (change: Body = {}): Body => ({
  ...load("transaction"),
  currency: "USD",
  ...change,
});
const bytes = (body: unknown) => Buffer.from(JSON.stringify(body));
const at = (body: unknown, topic?: string) => ({
  url: "",
  headers: (topic === undefined ? {} : { "x-shopify-topic": topic }) as Record<string, string>,
  body: bytes(body),
});
const translated = (body: unknown, topic?: string) => shopify.translate(at(body, topic));
const drafts = (body: unknown, topic?: string): EventDraft[] => {
  const answer = translated(body, topic);
  if (answer.outcome !== "events") throw new Error(JSON.stringify(answer));
  return answer.facts.map(({ draft }) => draft);
};

describe("verify", () => {
  const body = bytes(transaction());
  const signed = signShopify(body, SECRET);
  const verdict = (headers: Record<string, string>, of = body, secrets = [SECRET]) =>
    shopify.verify({ url: "", headers, body: of }, secrets, 0);

  it("takes any of the secrets, and the newer header", () => {
    expect(verdict(signed, body, ["old", SECRET])).toEqual({ ok: true });
    const newer = { "shopify-hmac-sha256": signed["x-shopify-hmac-sha256"] as string };
    expect(verdict(newer)).toEqual({ ok: true });
  });

  it("refuses one byte changed, another secret, no header and nonsense", () => {
    const changed = Buffer.from(body);
    changed[20] = (changed[20] ?? 0) ^ 1;
    expect(verdict(signed, changed)).toEqual({ ok: false, code: "SIGNATURE_INVALID" });
    expect(verdict(signed, body, ["other"])).toEqual({ ok: false, code: "SIGNATURE_INVALID" });
    expect(verdict(signed, body, [])).toEqual({ ok: false, code: "SIGNATURE_INVALID" });
    expect(verdict({})).toEqual({ ok: false, code: "SIGNATURE_MISSING" });
    const nonsense = { "x-shopify-hmac-sha256": "AAAA" };
    expect(verdict(nonsense)).toEqual({ ok: false, code: "SIGNATURE_INVALID" });
  });
});

describe("order transactions", () => {
  const TOPIC = "order_transactions/create";
  it("an approved card", () => {
    expect(drafts(transaction(), TOPIC)).toEqual([
      {
        event_type: "payment",
        payment_id: "389404469",
        outcome: "approved",
        amount: 40_994,
        currency: "USD",
        ts: Date.UTC(2005, 7, 1, 15, 57, 11),
        tender_type: "card",
        card_token: expect.stringMatching(/^[0-9a-f]{32}$/),
        last4: "4242",
        attributes: { order_id: "450789469", gateway: "bogus", card_brand: "Visa" },
      },
    ]);
  });

  it.each([
    [
      { status: "failure", error_code: "card_declined" },
      { outcome: "declined", decline_code: "card_declined" },
    ],
    [{ status: "error" }, { outcome: "declined" }],
    [{ kind: "void" }, { event_type: "void", sale_id: "450789469", amount: 40_994 }],
    [
      { gateway: "cash", kind: "sale" },
      { event_type: "tender", tender_type: "cash" },
    ],
    [
      { amount: "1234", currency: "JPY" },
      { amount: 1234, currency: "JPY" },
    ],
    [
      { amount: "1.234", currency: "KWD" },
      { amount: 1234, currency: "KWD" },
    ],
    [
      { user_id: 7, device_id: "t-1", location_id: 9 },
      { cashier_id: "7", terminal_id: "t-1", store_id: "9" },
    ],
  ])("%j", (change, expected) => {
    expect(drafts(transaction(change), TOPIC)[0]).toMatchObject(expected);
  });

  it.each([{ kind: "capture" }, { kind: "refund" }, { status: "pending" }])(
    "%j is no news",
    (change) => {
      expect(translated(transaction(change), TOPIC)).toMatchObject({ outcome: "ignored" });
    },
  );

  it.each([
    [{ amount: "12,50" }, "amount: expected a decimal amount of USD"],
    [{ amount: 12.5 }, "amount: expected a text"],
    [{ amount: "1.5", currency: "JPY" }, "amount: expected a decimal amount of JPY"],
    [{ currency: null }, "currency: expected a value"],
    [{ id: null }, "id: expected a value"],
    [{ created_at: "yesterday" }, "created_at"],
  ])("refuses %j", (change, says) => {
    const answer = translated(transaction(change), TOPIC);
    expect(answer).toMatchObject({ outcome: "refused", detail: expect.stringContaining(says) });
  });
});

describe("orders, refunds, disputes", () => {
  it("an order is a sale with its lines and coupon, the same when it is created and when it is paid", () => {
    const made = drafts(load("order"), "orders/create");
    expect(made.map(({ event_type }) => event_type)).toEqual([
      ...["sale", "line_item", "line_item", "line_item", "coupon_redeemed"],
    ]);
    expect(made[0]).toMatchObject({
      ...{ sale_id: "450789469", amount: 40_994, tax: 1_194, discount: 0, line_count: 3 },
      ...{ currency: "USD", customer_id: "207119551" },
    });
    expect(made[0]).not.toHaveProperty("ip");
    const keys = (topic: string) => {
      const answer = translated(load("order"), topic);
      return answer.outcome === "events" ? answer.facts.map(({ fact_key }) => fact_key) : [];
    };
    expect(keys("orders/paid")).toEqual(keys("orders/create"));
  });

  it("a discount in basis points, and a cancelled order as a void", () => {
    const order = { ...load("order"), total_discounts: "100.00", discount_codes: [] };
    const discount = drafts(order).find(({ event_type }) => event_type === "discount");
    expect(discount).toMatchObject({ discount_kind: "manual", amount: 10_000, discount_bp: 1_961 });
    const cancelled = { ...order, cancelled_at: "2026-11-25T10:00:00Z", cancel_reason: "fraud" };
    expect(drafts(cancelled, "orders/cancelled")).toMatchObject([
      { event_type: "void", sale_id: "450789469", attributes: { cancel_reason: "fraud" } },
    ]);
  });

  it("a refund is what went back", () => {
    const refund = load("refund") as { transactions: Body[] };
    const body = {
      ...refund,
      transactions: refund.transactions.map((one) => ({ ...one, currency: "USD" })),
    };
    expect(drafts(body, "refunds/create")).toMatchObject([
      {
        event_type: "refund",
        refund_kind: "return",
        sale_id: "450789469",
        cashier_id: "799407056",
      },
    ]);
    expect(translated({ ...body, transactions: [] }, "refunds/create").outcome).toBe("ignored");
  });

  it("a dispute with its reason and the day by which to answer", () => {
    expect(drafts(load("dispute"), "disputes/create")).toMatchObject([
      {
        ...{ event_type: "dispute", dispute_kind: "chargeback", amount: 10_000, is_fraud: true },
        ...{ reason_code: "4827", due_ts: Date.UTC(2013, 6, 3, 23) },
      },
    ]);
  });

  it("the app taken out of the shop is a failed control", () => {
    const shop = {
      myshopify_domain: "a.myshopify.com",
      plan_name: "basic",
      updated_at: "2026-11-25T10:00:00Z",
    };
    expect(drafts(shop, "app/uninstalled")).toMatchObject([
      { event_type: "control_failed", control: "source" },
    ]);
  });
});

describe("what nobody signed", () => {
  it("a captured body under another topic is refused; a topic that we do not know is ignored", () => {
    expect(translated(transaction(), "refunds/create")).toMatchObject({ outcome: "refused" });
    expect(translated(transaction(), "products/update")).toMatchObject({
      ...{ outcome: "ignored", type: "products/update" },
    });
    expect(translated({ hello: 1 }, "orders/create")).toMatchObject({ outcome: "refused" });
    expect(shopify.translate({ url: "", headers: {}, body: Buffer.from("{") })).toMatchObject({
      detail: "body: expected JSON",
    });
  });

  it("test orders are told apart, the same body under two topics is two deliveries", () => {
    expect(translated(transaction({ test: true })).live).toBe(false);
    expect(translated(transaction()).live).toBe(true);
    expect(translated(transaction(), "a").delivery_key).not.toBe(
      translated(transaction(), "b").delivery_key,
    );
  });
});

const SAMPLES: Body[] = [
  load("order"),
  transaction(),
  transaction({ kind: "void" }),
  transaction({ gateway: "cash" }),
  load("dispute"),
];

it("the door takes every draft, with no field that its type does not know", () => {
  for (const draft of SAMPLES.flatMap((body) => drafts(body))) {
    const checked = checkEvent(
      { ...draft, event_id: "e1" },
      { nowMs: Date.UTC(2026, 10, 25), merchantId: "m" },
    );
    expect(checked).toMatchObject({ ok: true });
    expect(Object.keys(EVENT_TYPES)).toContain(draft.event_type);
  }
});

it("what rests of a body translates to the same again, and holds no name, address or e-mail", () => {
  for (const body of SAMPLES) {
    const kept = scrubDelivery(bytes(body), SHOPIFY_KEPT);
    expect(kept.body).not.toMatch(/Bob|Norman|Chestnut|hostmail|555-625/);
    const again = shopify.translate({ url: "", headers: {}, body: Buffer.from(kept.body) });
    const first = translated(body);
    expect(again.outcome === "events" && again.facts).toEqual(
      first.outcome === "events" && first.facts,
    );
  }
});
