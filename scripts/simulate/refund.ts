// A customer brings something back: the shop's rule is the receipt, the first tender, and not the one who sold it.
import { makeCard } from "./cards.ts";
import {
  aboutMs,
  type SaleRecord,
  type StoreState,
  say,
  type Till,
  tillPlace,
  type World,
} from "./world.ts";

const HOUR_MS = 3_600_000;
/** What a cashier may refund without a supervisor's approval. */
const REFUND_LIMIT_MINOR = 5_000;

/** A sale of this shop that was made at least an hour ago, was paid in one way and not reversed yet. */
function saleToReturn(state: StoreState, ts: number): SaleRecord | undefined {
  const { random, sales } = state;
  for (let i = 0; i < 12 && sales.length > 0; i += 1) {
    // People bring things back soon: the newer half of the sales is drawn more often.
    const sale = sales[Math.floor(Math.sqrt(random.next()) * sales.length)];
    if (sale === undefined || sale.reversed || ts - sale.ts < HOUR_MS) continue;
    if (sale.tender_type !== "gift_card") return sale;
  }
  return undefined;
}

function refundPart(state: StoreState, sale: SaleRecord): number {
  if (state.random.chance(0.45)) return sale.amount;
  return Math.max(1, Math.round(sale.amount * (0.2 + state.random.next() * 0.6)));
}

type Return = { till: Till; sale: SaleRecord; amount: number; ts: number };

function approve(world: World, state: StoreState, { till, amount, ts }: Return): number {
  if (amount <= REFUND_LIMIT_MINOR) return ts;
  const approver = world.shop.staff.find(
    ({ store_id, role }) => store_id === state.store.id && role === "supervisor",
  );
  if (approver === undefined) return ts;
  const at = ts + aboutMs(world, state.random, 15);
  say(world, { place: tillPlace(till), ts: at }, "approval_used", {
    approver_id: approver.cashier_id,
    approver_on_shift: true,
    action: "refund",
    amount,
  });
  return at;
}

/** The card of the sale, or now and then its owner's new one: the old is lost or expired. */
function refundCard(world: World, { random }: StoreState, sale: SaleRecord) {
  if (sale.card === undefined) return {};
  const card = random.chance(0.015) ? makeCard(random, world.shop.issuers) : sale.card;
  return { card_token: card.card_token, sale_card_token: sale.card.card_token };
}

function sayRefund(world: World, state: StoreState, { till, sale, amount, ts }: Return): void {
  say(world, { place: tillPlace(till), ts }, "refund", {
    refund_kind: "return",
    sale_id: sale.sale_id,
    amount,
    tender_type: sale.tender_type,
    limit_bp: Math.round((amount * 10_000) / REFUND_LIMIT_MINOR),
    sale_found: true,
    sale_tender_type: sale.tender_type,
    sale_age_ms: ts - sale.ts,
    sale_discount_bp: sale.discount_bp,
    ...(sale.staff === undefined ? {} : { sale_cashier_id: sale.staff.cashier_id }),
    ...refundCard(world, state, sale),
  });
}

/** Cash goes out of the drawer; the till is busy until it is shut. */
function handOutCash(
  world: World,
  state: StoreState,
  { till, amount, ts }: Omit<Return, "sale">,
): void {
  const open_ms = aboutMs(world, state.random, 8);
  say(world, { place: tillPlace(till), ts: ts + 1 }, "drawer_opened", { reason: "refund" });
  say(world, { place: tillPlace(till), ts: ts + 1 + open_ms }, "drawer_closed", { open_ms });
  till.drawer -= amount;
  till.busyUntilMs = ts + 2 + open_ms;
}

/** A regular without a receipt gets a small thing back in cash: shops do that. */
function takeBackWithoutReceipt(world: World, state: StoreState, till: Till, ts: number): void {
  const amount = state.random.int(3, 18) * 100;
  const at = Math.max(ts, till.busyUntilMs) + aboutMs(world, state.random, 40);
  say(world, { place: tillPlace(till), ts: at }, "refund", {
    refund_kind: "no_receipt",
    amount,
    tender_type: "cash",
    limit_bp: Math.round((amount * 10_000) / REFUND_LIMIT_MINOR),
    sale_found: false,
  });
  handOutCash(world, state, { till, amount, ts: at });
}

/** Refunds a sale at a till. Out: false when there was nothing to bring back. */
export function bringBack(
  world: World,
  state: StoreState,
  free: readonly Till[],
  ts: number,
): boolean {
  const sale = saleToReturn(state, ts);
  const till = free.find((one) => one.shift?.staff !== sale?.staff) ?? free[0];
  if (sale === undefined || till === undefined) return false;
  if (state.random.chance(0.05)) {
    takeBackWithoutReceipt(world, state, till, ts);
    return true;
  }
  const amount = refundPart(state, sale);
  const start = Math.max(ts, till.busyUntilMs) + aboutMs(world, state.random, 30);
  const approved = approve(world, state, { till, sale, amount, ts: start });
  const at = approved + aboutMs(world, state.random, 10);
  sayRefund(world, state, { till, sale, amount, ts: at });
  sale.reversed = true;
  till.busyUntilMs = at + 1;
  if (sale.tender_type === "cash") handOutCash(world, state, { till, amount, ts: at });
  return true;
}
