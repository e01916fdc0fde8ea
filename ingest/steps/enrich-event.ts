// Adds what only ingest knows. After the fingerprint, since it compares cards; a till's own value stands where we cannot know better.
import type { EventDraft } from "../../core/event.ts";
import { addLocalTime } from "./add-local-time.ts";
import type { RecentFacts } from "./recent-facts.ts";
import type { ShopFacts } from "./shop-facts.ts";

/** Changes the draft in place. */
export function enrichEvent(draft: EventDraft, shop: ShopFacts, recent: RecentFacts): void {
  addLocalTime(draft, shop);
  addStaff(draft, shop, recent);
  switch (draft.event_type) {
    case "refund":
    case "void":
      addSale(draft, recent, shop.merchant.id);
      break;
    case "gift_card":
      addActivation(draft, recent, shop.merchant.id);
      break;
    case "cash_counted":
      addDifference(draft, draft.counted);
      break;
    case "deposit":
      addDifference(draft, draft.amount);
      break;
    case "tip_adjusted":
      addTip(draft);
      break;
    default:
  }
}

/** Only what the owner confirmed: a name that merely stood in an event has no role and has not left. */
function addStaff(draft: EventDraft, shop: ShopFacts, recent: RecentFacts): void {
  if (draft.cashier_id === undefined) return;
  const member = shop.staff.get(draft.cashier_id);
  if (member?.confirmed === true) {
    draft.staff_role = member.role;
    draft.cashier_active = member.active;
  }
  if (draft.event_type === "time_clock") return;
  const clockedIn = recent.clockedIn(shop.merchant.id, draft);
  if (clockedIn !== undefined) draft.clocked_in = clockedIn;
}

/** `sale_found` is only ever set to true: a sale that we have not seen may lie in a till that is offline. */
function addSale(draft: EventDraft, recent: RecentFacts, merchantId: string): void {
  const sale = recent.saleOf(merchantId, draft);
  if (sale === undefined) return;
  const age = draft.ts - sale.ts;
  draft.sale_cashier_id = sale.cashierId ?? draft.sale_cashier_id;
  draft.sale_discount_bp = sale.discountBp ?? draft.sale_discount_bp;
  if (draft.event_type === "void") {
    const since = draft.ts - (sale.tenderTs ?? sale.ts);
    if (since >= 0) draft.since_tender_ms = since;
    return;
  }
  draft.sale_found = true;
  draft.sale_card_token = sale.cardToken ?? draft.sale_card_token;
  draft.sale_tender_type = sale.tenderType ?? draft.sale_tender_type;
  if (age >= 0) draft.sale_age_ms = age;
}

function addActivation(draft: EventDraft, recent: RecentFacts, merchantId: string): void {
  if (draft.gift_card_id === undefined || draft.action === "activated") return;
  const activation = recent.activationOf(merchantId, draft.gift_card_id);
  if (activation === undefined) return;
  const age = draft.ts - activation.ts;
  if (age >= 0) draft.age_ms = age;
  draft.activated_store_id = activation.storeId ?? draft.activated_store_id;
  draft.activated_ip = activation.ip ?? draft.activated_ip;
}

function addDifference(draft: EventDraft, counted: number | undefined): void {
  if (counted === undefined || draft.expected === undefined) return;
  const difference = counted - draft.expected;
  if (draft.event_type === "cash_counted") draft.difference = difference;
  draft.abs_difference = Math.abs(difference);
}

/** Both shares are of the amount before the tip; a till that names the whole ticket in `amount` has tip_bp of that. */
function addTip(draft: EventDraft): void {
  const { authorised, tip, amount } = draft;
  if (tip === undefined) return;
  if (authorised) draft.over_auth_bp = Math.round((tip * 10_000) / authorised);
  const ticket = amount || authorised;
  if (ticket) draft.tip_bp = Math.round((tip * 10_000) / ticket);
}
