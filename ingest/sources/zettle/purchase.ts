// Zettle's purchases: a sale with its lines, discount and payments, or, with negative amounts, what was paid back.
import type { Fact } from "../../../core/delivery.ts";
import { draftOf } from "../../../core/event-draft.ts";
import { type JsonReader, needed } from "../../../core/json-reader.ts";
import { parseIsoTime } from "../../../core/time.ts";
import { paymentFact, refundFact } from "./payment.ts";
import { decimal, each, money, type Purchase } from "./zettle-purchase.ts";

export function purchaseFacts(of: JsonReader): Fact[] {
  const id = needed(of.text("purchaseUuid") ?? of.text("purchaseUUID1"), "payload.purchaseUuid");
  const purchase: Purchase = {
    of,
    id,
    currency: needed(of.text("currency"), "payload.currency").toUpperCase(),
    ts: happenedAt(of),
    place: {
      store_id: of.text("organizationUuid"),
      terminal_id: of.text("udid") ?? of.object("cashRegister")?.text("uuid"),
      cashier_id: of.text("userUuid"),
    },
  };
  const total = needed(money(purchase, of, "amount"), "payload.amount");
  const payments = each(of, "payments");
  if (total < 0 || of.has("refundsPurchaseUuid") || of.has("refundsPurchaseUUID1"))
    return payments.map((payment) => refundFact(purchase, payment));
  const lines = each(of, "products").map((line, nth) => readLine(purchase, line, nth));
  const discount = discountOf(purchase, lines);
  return [
    saleFact(purchase, { total, discount, lines }),
    ...lines.flatMap((line) => lineFacts(purchase, line)),
    ...discountFact(purchase, { discount, lines }),
    ...payments.map((payment) => paymentFact(purchase, payment)),
  ];
}

/** Milliseconds in webhooks, ISO text elsewhere. */
function happenedAt(of: JsonReader): number {
  const time = of.raw("timestamp");
  if (typeof time === "number") return needed(of.whole("timestamp"), "payload.timestamp");
  const text = of.text("timestamp") ?? of.text("created");
  const ts = text === undefined ? undefined : parseIsoTime(text);
  return needed(ts, "payload.timestamp (milliseconds, or an ISO 8601 time with a zone)");
}

type Line = {
  of: JsonReader;
  id: string;
  price: number;
  milli: number;
  before: number;
  off: number;
};

function readLine(purchase: Purchase, of: JsonReader, nth: number): Line {
  const price = needed(money(purchase, of, "unitPrice"), `${of.path}.unitPrice`);
  const milli = decimal(of, "quantity", 3) ?? 1000;
  return {
    of,
    id: of.text("id") ?? String(nth),
    price,
    milli,
    before: Math.round((price * milli) / 1000),
    off: money(purchase, of, "discountValue") ?? 0,
  };
}

/** Of the lines first, then of what is left, as Zettle counts. */
function discountOf(purchase: Purchase, lines: readonly Line[]): number {
  const onLines = lines.reduce((sum, { off }) => sum + off, 0);
  const left = lines.reduce((sum, { before, off }) => sum + before - off, 0);
  const onAll = each(purchase.of, "discounts").reduce((sum, one) => {
    const times = decimal(one, "quantity", 0) ?? 1;
    const fixed = money(purchase, one, "amount");
    const share = decimal(one, "percentage", 4) ?? 0;
    return sum + times * (fixed ?? Math.round((left * share) / 1_000_000));
  }, 0);
  return onLines + onAll;
}

const shareBp = (part: number, whole: number): number =>
  whole <= 0 ? 0 : Math.min(10_000, Math.round((part * 10_000) / whole));
const beforeDiscount = (lines: readonly Line[]) =>
  lines.reduce((sum, { before }) => sum + before, 0);

function saleFact(
  purchase: Purchase,
  { total, discount, lines }: { total: number; discount: number; lines: readonly Line[] },
): Fact {
  const { of, id, currency, ts, place } = purchase;
  const draft = draftOf(
    {
      event_type: "sale",
      sale_id: id,
      ticket_id: id,
      receipt_no: of.whole("purchaseNumber"),
      amount: total,
      tax: money(purchase, of, "vatAmount"),
      discount,
      discount_bp: shareBp(discount, beforeDiscount(lines)),
      line_count: lines.length,
      currency,
      ts,
      ...place,
    },
    { source_name: of.text("source") },
  );
  return { fact_key: `purchase:${id}:sale`, draft };
}

function lineFacts({ id, currency, ts, place }: Purchase, line: Line): Fact[] {
  const kind = line.of.text("type");
  const always = { ticket_id: id, currency, ts, ...place };
  const draft = draftOf({
    event_type: "line_item",
    line_id: line.id,
    sku: line.of.text("sku") || line.of.text("variantUuid") || line.of.text("productUuid"),
    is_open_department: kind === "CUSTOM_AMOUNT" ? true : undefined,
    quantity_milli: line.milli,
    unit_price: line.price,
    list_price: line.price,
    line_amount: Math.max(0, line.before - line.off),
    ...always,
  });
  const item: Fact = { fact_key: `purchase:${id}:line:${line.id}`, draft };
  if (kind !== "GIFTCARD") return [item];
  const card = draftOf({
    event_type: "gift_card",
    action: "activated",
    gift_card_id: line.of.object("details")?.text("giftcardUuid"),
    amount: Math.max(0, line.before - line.off),
    ...always,
  });
  return [item, { fact_key: `purchase:${id}:gift_card:${line.id}`, draft: card }];
}

function discountFact(
  { id, currency, ts, place }: Purchase,
  { discount, lines }: { discount: number; lines: readonly Line[] },
): Fact[] {
  if (discount <= 0) return [];
  const draft = draftOf({
    event_type: "discount",
    discount_kind: "manual",
    ticket_id: id,
    amount: discount,
    discount_bp: shareBp(discount, beforeDiscount(lines)),
    currency,
    ts,
    ...place,
  });
  return [{ fact_key: `purchase:${id}:discount`, draft }];
}
