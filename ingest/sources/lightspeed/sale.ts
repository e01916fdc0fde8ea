// Lightspeed's sales: closed ones with their lines and payments, returns, and what was voided.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import {
  amountAt,
  each,
  fine,
  idAt,
  minor,
  type Sale,
  thousandths,
  time,
} from "./lightspeed-sale.ts";

/** Parked, laid-by and on-account sales come again when they are closed. */
export function saleFacts(of: JsonReader): Fact[] {
  const status = of.text("status") ?? "";
  const state = of.text("state") ?? "";
  const isVoid = status === "VOIDED" || state === "voided";
  const isClosed = /(^|_)CLOSED$/.test(status) || state === "closed";
  if (!isVoid && !isClosed) return [];
  const sale = readSale(of, isVoid ? "updated_at" : "sale_date");
  if (isVoid) return [voidFact(sale)];
  const total = totalOf(of);
  const payments = each(of, "register_sale_payments");
  if (total < 0 || of.has("return_for")) return refundFacts(sale, { total, payments });
  const lines = each(of, "register_sale_products");
  return [
    saleFact(sale, { total, lines, payments }),
    ...lines.flatMap((line) => lineFacts(sale, line)),
    ...discountFact(sale, { total, lines }),
    ...payments.map((payment) => tenderFact(sale, payment)),
  ];
}

function readSale(of: JsonReader, when: string): Sale {
  const user = of.object("user");
  return {
    of,
    id: needed(idAt(of, "id"), "payload.id"),
    ts: needed(time(of, when) ?? time(of, "updated_at"), `payload.${when}`),
    place: {
      store_id: idAt(of, "outlet_id") ?? idAt(user, "outlet_id"),
      terminal_id: idAt(of, "register_id"),
      cashier_id: idAt(of, "user_id"),
      customer_id: idAt(of, "customer_id"),
    },
  };
}

/** Prices are before tax; older versions hold the totals in an object of their own. */
function totalOf(of: JsonReader): number {
  const totals = of.object("totals") ?? of;
  const price = needed(fine(totals, "total_price"), `${totals.path}.total_price`);
  return minor(price + (fine(totals, "total_tax") ?? 0));
}

const saleTax = (of: JsonReader): number | undefined =>
  amountAt(of.object("totals") ?? of, "total_tax");

type Parts = { total: number; lines: readonly JsonReader[]; payments: readonly JsonReader[] };

function saleFact(sale: Sale, { total, lines, payments }: Parts): Fact {
  const { of, id, ts, place } = sale;
  const discount = discountOf(lines);
  const [only] = payments;
  const invoice = idAt(of, "invoice_number");
  const draft = draftOf(
    {
      event_type: "sale",
      sale_id: id,
      ticket_id: id,
      receipt_no: invoice !== undefined && /^\d{1,12}$/.test(invoice) ? Number(invoice) : undefined,
      amount: total,
      tax: saleTax(of),
      discount,
      discount_bp: shareBp(discount, total + discount),
      line_count: lines.length,
      tender_type: payments.length === 1 && only !== undefined ? tenderOf(only) : undefined,
      ts,
      ...place,
    },
    { invoice_number: invoice, status: of.text("status") },
  );
  return { fact_key: `sale:${id}:closed`, draft };
}

const shareBp = (part: number, whole: number): number =>
  whole <= 0 ? 0 : Math.min(10_000, Math.round((part * 10_000) / whole));

const lineTotal = (line: JsonReader): number =>
  minor((fine(line, "price_total") ?? 0) + (fine(line, "tax_total") ?? 0));

/** A line that takes goods back within a sale is an exchange. */
function lineFacts({ id, ts, place }: Sale, line: JsonReader): Fact[] {
  const lineId = needed(idAt(line, "id"), `${line.path}.id`);
  const sku = idAt(line, "product_id");
  const quantity = needed(thousandths(line, "quantity"), `${line.path}.quantity`);
  const always = { ticket_id: id, ts, ...place };
  if (quantity < 0) {
    const draft = draftOf(
      {
        event_type: "refund",
        refund_kind: "exchange",
        amount: Math.abs(lineTotal(line)),
        ...always,
      },
      { sku },
    );
    return [{ fact_key: `line:${lineId}:returned`, draft }];
  }
  const price = minor((fine(line, "price") ?? 0) + (fine(line, "tax") ?? 0));
  const draft = draftOf(
    {
      event_type: "line_item",
      line_id: lineId,
      sku,
      quantity_milli: quantity,
      unit_price: price,
      line_amount: Math.max(0, lineTotal(line)),
      ...always,
    },
    { price_set: isSet(line.raw("price_set")) ? true : undefined },
  );
  return [{ fact_key: `line:${lineId}:sold`, draft }];
}

/** The vendor does not say whether only a person sets a price: it is noted, and no override is told. */
const isSet = (value: unknown): boolean => value === true || value === 1 || value === "1";

/** `discount` is that of one piece. */
function discountOf(lines: readonly JsonReader[]): number {
  const sum = lines.reduce((all, line) => {
    const whole = fine(line, "discount_total");
    const each = ((fine(line, "discount") ?? 0) * (thousandths(line, "quantity") ?? 0)) / 1000;
    return all + Math.max(0, whole ?? each);
  }, 0);
  return minor(sum);
}

function discountFact(
  { id, ts, place }: Sale,
  { total, lines }: { total: number; lines: readonly JsonReader[] },
): Fact[] {
  const amount = discountOf(lines);
  if (amount === 0) return [];
  const draft = draftOf({
    event_type: "discount",
    discount_kind: "manual",
    ticket_id: id,
    amount,
    discount_bp: shareBp(amount, total + amount),
    ts,
    ...place,
  });
  return [{ fact_key: `sale:${id}:discount`, draft }];
}

const TENDERS: readonly [RegExp, string][] = [
  [/\bcash\b/i, "cash"],
  [/gift/i, "gift_card"],
  [/store credit|voucher/i, "voucher"],
  [/account/i, "account"],
  [/card|eftpos|visa|lightspeed payments/i, "card"],
];

/** The shop names its own ways to pay; the built-in cash has number 1. */
function tenderOf(payment: JsonReader): string | undefined {
  if (idAt(payment, "payment_type_id") === "1") return "cash";
  const name = nameOf(payment) ?? "";
  return TENDERS.find(([pattern]) => pattern.test(name))?.[1];
}

const nameOf = (payment: JsonReader): string | undefined =>
  payment.object("retailer_payment_type")?.text("name") ??
  payment.object("payment_type")?.text("name") ??
  payment.text("name");

function readPayment(payment: JsonReader) {
  return {
    id: needed(idAt(payment, "id"), `${payment.path}.id`),
    amount: needed(amountAt(payment, "amount"), `${payment.path}.amount`),
    currency: payment.text("currency")?.toUpperCase(),
    tender_type: tenderOf(payment),
  };
}

/** What a till notes of a payment: no provider stands behind it, so it is a tender and never declined. */
function tenderFact({ id: saleId, ts, place }: Sale, payment: JsonReader): Fact {
  const { id, amount, currency, tender_type } = readPayment(payment);
  const draft = draftOf(
    {
      event_type: "tender",
      tender_type,
      ticket_id: saleId,
      // Change that was given is booked as a payment below zero.
      amount: Math.max(0, amount),
      currency,
      ts: time(payment, "payment_date") ?? ts,
      ...place,
    },
    { payment_id: id, payment_type: nameOf(payment) },
  );
  return { fact_key: `payment:${id}:tender`, draft };
}

function refundFacts(
  sale: Sale,
  { total, payments }: { total: number; payments: readonly JsonReader[] },
): Fact[] {
  const original = idAt(sale.of, "return_for");
  const about = {
    event_type: "refund",
    refund_kind: original === undefined ? "no_receipt" : "return",
    sale_id: original,
    ts: sale.ts,
    ...sale.place,
  } as const;
  const returned = { return_id: sale.id };
  if (payments.length === 0) {
    const draft = draftOf({ ...about, amount: Math.abs(total) }, returned);
    return [{ fact_key: `sale:${sale.id}:refund`, draft }];
  }
  return payments.map((payment) => {
    const { id, amount, currency, tender_type } = readPayment(payment);
    const draft = draftOf(
      { ...about, amount: Math.abs(amount), currency, tender_type },
      { ...returned, payment_id: id, payment_type: nameOf(payment) },
    );
    return { fact_key: `payment:${id}:refund`, draft };
  });
}

function voidFact({ of, id, ts, place }: Sale): Fact {
  const draft = draftOf({
    event_type: "void",
    sale_id: id,
    amount: Math.abs(totalOf(of)),
    ts,
    ...place,
  });
  return { fact_key: `sale:${id}:voided`, draft };
}
