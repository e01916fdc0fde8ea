// Toast's checks: a paid one is a sale with its lines and discounts; what was voided is told whether it was paid or not.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { paymentFacts, tenderOf } from "./payment.ts";
import type { ToastCheck } from "./toast-object.ts";
import { deviceAt, each, guidAt, money, shareBp, thousandths, time } from "./toast-object.ts";

/** Toast sends the whole order at every change, so each fact is named by the part that it is of. */
export function orderFacts(order: JsonReader, storeId: string): Fact[] {
  // Wasted food is booked as an order of its own, and a check that was moved leaves a deleted order behind.
  if (order.flag("excessFood") === true || order.flag("deleted") === true) return [];
  return each(order, "checks")
    .filter((check) => check.flag("deleted") !== true)
    .flatMap((check) => {
      const id = needed(check.text("guid"), `${check.path}.guid`);
      const place = {
        store_id: storeId,
        cashier_id: guidAt(order, "server"),
        terminal_id: deviceAt(check),
      };
      return checkFacts({ order, check, id, place });
    });
}

function checkFacts(of: ToastCheck): Fact[] {
  const payments = each(of.check, "payments").flatMap((payment) => paymentFacts(of, payment));
  if (of.check.flag("voided") === true) {
    // A payment that was voided tells it already, with who did it.
    const told = payments.some(({ draft }) => draft.event_type === "void");
    return told ? payments : [...payments, voidedFact(of)];
  }
  const removed = each(of.check, "selections").flatMap((line) => removedFacts(of, line));
  const status = of.check.text("paymentStatus");
  if (status !== "PAID" && status !== "CLOSED") return [...payments, ...removed];
  return [saleFact(of), ...lineFacts(of), ...discountFacts(of), ...payments, ...removed];
}

/** The customer's own doings; `paidDate` is when the last payment came. */
function soldAt({ check }: ToastCheck): number {
  const ts = time(check, "paidDate") ?? time(check, "closedDate") ?? time(check, "modifiedDate");
  return needed(ts, `${check.path}.paidDate`);
}

const sold = ({ check }: ToastCheck): JsonReader[] =>
  each(check, "selections").filter((line) => line.flag("voided") !== true);

function saleFact(of: ToastCheck): Fact {
  const { order, check, id, place } = of;
  const amount = needed(money(check, "totalAmount"), `${check.path}.totalAmount`);
  const discount = discountsOf(of).reduce((sum, { amount: off }) => sum + off, 0);
  const payments = each(check, "payments");
  const [only] = payments;
  return {
    fact_key: `check:${id}:sale`,
    draft: draftOf(
      {
        event_type: "sale",
        sale_id: id,
        ticket_id: id,
        amount,
        tax: money(check, "taxAmount"),
        discount,
        discount_bp: shareBp(discount, (money(check, "amount") ?? amount) + discount),
        line_count: sold(of).length,
        tender_type: payments.length === 1 && only !== undefined ? tenderOf(only) : undefined,
        customer_id: guidAt(check, "customer"),
        ts: soldAt(of),
        ...place,
      },
      {
        order_id: order.text("guid"),
        source_name: order.text("source"),
        display_number: check.text("displayNumber"),
      },
    ),
  };
}

function lineFacts(of: ToastCheck): Fact[] {
  return sold(of).map((line) => {
    const id = needed(line.text("guid"), `${line.path}.guid`);
    const price = money(line, "receiptLinePrice");
    const draft = draftOf({
      event_type: "line_item",
      ticket_id: of.id,
      line_id: id,
      sku: line.text("plu") || guidAt(line, "item"),
      is_open_department: line.text("selectionType") === "OPEN_ITEM" ? true : undefined,
      quantity_milli: thousandths(line, "quantity"),
      unit_price: price,
      list_price: price,
      line_amount: Math.max(0, money(line, "price") ?? 0),
      ts: soldAt(of),
      ...of.place,
    });
    return { fact_key: `selection:${id}:sold`, draft };
  });
}

function removedFacts(of: ToastCheck, line: JsonReader): Fact[] {
  if (line.flag("voided") !== true) return [];
  const id = needed(line.text("guid"), `${line.path}.guid`);
  const draft = draftOf(
    {
      event_type: "line_removed",
      ticket_id: of.id,
      line_id: id,
      sku: line.text("plu") || guidAt(line, "item"),
      line_amount: money(line, "preDiscountPrice") ?? money(line, "price"),
      ts: needed(time(line, "voidDate"), `${line.path}.voidDate`),
      ...of.place,
    },
    { void_reason: guidAt(line, "voidReason") },
  );
  return [{ fact_key: `selection:${id}:voided`, draft }];
}

type Discount = { applied: JsonReader; amount: number; before: number };

/** Of the check and of its lines; one that the loyalty programme took back is none. */
function discountsOf(of: ToastCheck): Discount[] {
  const found: Discount[] = [];
  const add = (on: JsonReader, priced: number) => {
    for (const applied of each(on, "appliedDiscounts")) {
      if (/VOID$/.test(applied.text("processingState") ?? "")) continue;
      const amount = money(applied, "discountAmount") ?? 0;
      if (amount > 0) found.push({ applied, amount, before: priced });
    }
  };
  const lines = sold(of).map((line) => ({ line, price: money(line, "preDiscountPrice") ?? 0 }));
  add(
    of.check,
    lines.reduce((sum, { price }) => sum + price, 0),
  );
  for (const { line, price } of lines) add(line, price);
  return found;
}

function discountFacts(of: ToastCheck): Fact[] {
  return discountsOf(of).flatMap(({ applied, amount, before }) => {
    const id = needed(applied.text("guid"), `${applied.path}.guid`);
    const code = applied.text("appliedPromoCode");
    const always = { ticket_id: of.id, amount, ts: soldAt(of), ...of.place };
    const draft = draftOf(
      {
        event_type: "discount",
        discount_kind: kindOf(applied),
        discount_bp: shareBp(amount, before),
        approver_id: guidAt(applied, "approver"),
        ...always,
      },
      { discount_id: guidAt(applied, "discount"), discount_type: applied.text("discountType") },
    );
    const discount: Fact = { fact_key: `discount:${id}`, draft };
    if (code === undefined || code === "") return [discount];
    const coupon = draftOf({
      event_type: "coupon_redeemed",
      coupon_code: code.slice(0, 128),
      ...always,
    });
    return [discount, { fact_key: `discount:${id}:coupon`, draft: coupon }];
  });
}

/** Offers that apply by themselves are promotions; what a person picks or types is manual. */
function kindOf(applied: JsonReader): string {
  if (applied.has("loyaltyDetails")) return "loyalty";
  const offer = /^(BOGO|FIXED_TOTAL)$/.test(applied.text("discountType") ?? "");
  return offer || applied.has("appliedPromoCode") ? "promo" : "manual";
}

/** A check with a payment was a sale; without one the guest's order was dropped before anybody paid. */
function voidedFact(of: ToastCheck): Fact {
  const { check, id, place } = of;
  const ts = needed(time(check, "voidDate"), `${check.path}.voidDate`);
  const always = { ticket_id: id, amount: money(check, "totalAmount"), ts, ...place };
  const paid = each(check, "payments").length > 0;
  return {
    fact_key: `check:${id}:voided`,
    draft: paid
      ? draftOf({ event_type: "void", sale_id: id, ...always })
      : draftOf({ event_type: "sale_cancelled", stage: "items", ...always }),
  };
}
