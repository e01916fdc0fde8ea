// Shopify's orders: a sale with its lines, discount and coupons; a cancelled one is a void.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed, readJson } from "../../../core/json-reader.ts";
import { each, idAt, money, time } from "./shopify-object.ts";

/** `orders/create` and `orders/paid` tell of the same sale, so it has one key. */
export function orderFacts(order: JsonReader): Fact[] {
  const id = needed(idAt(order, "id"), "id");
  const currency = needed(order.text("currency"), "currency").toUpperCase();
  const about = { order, id, currency, where: whereOf(order) };
  if (order.has("cancelled_at")) return [cancelled(about)];
  return [saleFact(about), ...lineFacts(about), ...discountFacts(about)];
}

type About = {
  order: JsonReader;
  id: string;
  currency: string;
  where: Record<
    "cashier_id" | "store_id" | "terminal_id" | "customer_id" | "ip",
    string | undefined
  >;
};

function whereOf(order: JsonReader): About["where"] {
  const ip = order.text("browser_ip") ?? order.object("client_details")?.text("browser_ip");
  const customer = order.object("customer");
  return {
    cashier_id: idAt(order, "user_id"),
    store_id: idAt(order, "location_id"),
    terminal_id: idAt(order, "device_id"),
    customer_id: customer === undefined ? undefined : idAt(customer, "id"),
    ip: ip === "0.0.0.0" ? undefined : ip,
  };
}

const madeAt = ({ order }: About): number =>
  needed(time(order, "processed_at") ?? time(order, "created_at"), "created_at");

function saleFact(about: About): Fact {
  const { order, id, currency, where } = about;
  const amount = money(order, "total_price", currency);
  const discount = order.has("total_discounts") ? money(order, "total_discounts", currency) : 0;
  const lines = order.raw("line_items");
  return {
    fact_key: `order:${id}:sale`,
    draft: draftOf(
      {
        event_type: "sale",
        sale_id: id,
        ticket_id: id,
        receipt_no: order.whole("order_number"),
        amount,
        tax: order.has("total_tax") ? money(order, "total_tax", currency) : undefined,
        discount,
        discount_bp: shareBp(discount, amount + discount),
        line_count: Array.isArray(lines) ? lines.length : undefined,
        currency,
        ts: madeAt(about),
        ...where,
      },
      {
        source_name: order.text("source_name"),
        financial_status: order.text("financial_status"),
      },
    ),
  };
}

const shareBp = (part: number, whole: number): number =>
  whole <= 0 ? 0 : Math.round((part * 10_000) / whole);

function lineFacts(about: About): Fact[] {
  const { order, id, currency, where } = about;
  const wrap = (value: unknown) => readJson(value, "line_items[]");
  return each(order, "line_items", wrap).map((line, nth) => {
    const lineId = idAt(line, "id") ?? String(nth);
    const price = money(line, "price", currency);
    const quantity = line.whole("quantity") ?? 1;
    const off = line.has("total_discount") ? money(line, "total_discount", currency) : 0;
    return {
      fact_key: `order:${id}:line:${lineId}`,
      draft: draftOf({
        event_type: "line_item",
        ticket_id: id,
        line_id: lineId,
        sku: line.text("sku"),
        quantity_milli: quantity * 1000,
        unit_price: price,
        list_price: price,
        line_amount: Math.max(0, price * quantity - off),
        currency,
        ts: madeAt(about),
        ...where,
      }),
    };
  });
}

function discountFacts(about: About): Fact[] {
  const { order, id, currency, where } = about;
  const discount = order.has("total_discounts") ? money(order, "total_discounts", currency) : 0;
  const wrap = (value: unknown) => readJson(value, "discount_codes[]");
  const codes = each(order, "discount_codes", wrap).flatMap((one) => one.text("code") ?? []);
  const always = { ticket_id: id, currency, ts: madeAt(about), ...where };
  const coupons = codes.map((code) => ({
    fact_key: `order:${id}:coupon:${code}`,
    draft: draftOf({ event_type: "coupon_redeemed", coupon_code: code.slice(0, 128), ...always }),
  }));
  if (discount === 0) return coupons;
  const before = money(order, "total_price", currency) + discount;
  const draft = draftOf({
    event_type: "discount",
    discount_kind: codes.length > 0 ? "promo" : "manual",
    amount: discount,
    discount_bp: shareBp(discount, before),
    ...always,
  });
  return [{ fact_key: `order:${id}:discount`, draft }, ...coupons];
}

function cancelled({ order, id, currency, where }: About): Fact {
  const draft = draftOf(
    {
      event_type: "void",
      sale_id: id,
      amount: money(order, "total_price", currency),
      currency,
      ts: needed(time(order, "cancelled_at"), "cancelled_at"),
      ...where,
    },
    { cancel_reason: order.text("cancel_reason") },
  );
  return { fact_key: `order:${id}:cancelled`, draft };
}
