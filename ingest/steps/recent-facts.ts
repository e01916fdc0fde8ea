// What passed through this door lately: sales that a refund may name, gift cards activated, who is clocked in. In memory, bounded.
import type { EventDraft } from "../../core/event.ts";

export type Sale = {
  ts: number;
  tenderTs?: number;
  cashierId?: string;
  cardToken?: string;
  tenderType?: string;
  discountBp?: number;
};
export type Activation = { ts: number; storeId?: string; ip?: string };
type ClockState = { ts: number; open: boolean };

export type RecentFacts = {
  /** Notes a new event; call it once the event is known to be new. */
  remember(merchantId: string, event: EventDraft): void;
  saleOf(merchantId: string, event: EventDraft): Sale | undefined;
  activationOf(merchantId: string, giftCardId: string): Activation | undefined;
  clockedIn(merchantId: string, event: EventDraft): boolean | undefined;
};

/** How many entries of each sort are held over all merchants; the oldest go first. */
const MOST = 200_000;

export function recentFacts(most = MOST): RecentFacts {
  const sales = boundedMap<Sale>(most);
  const activations = boundedMap<Activation>(most);
  const clocks = boundedMap<ClockState>(most);
  return {
    remember(merchantId, event) {
      const { event_type: type } = event;
      if (type === "sale" || type === "tender" || isPaid(event)) noteSale(sales, merchantId, event);
      else if (type === "gift_card" && event.action === "activated" && event.gift_card_id) {
        const { ts, store_id: storeId, ip } = event;
        activations.set(`${merchantId}\0${event.gift_card_id}`, { ts, storeId, ip });
      } else if (type === "time_clock" && event.cashier_id) noteClock(clocks, merchantId, event);
    },
    saleOf(merchantId, event) {
      return knownSale(sales, saleKeys(merchantId, event), event);
    },
    activationOf: (merchantId, giftCardId) => activations.get(`${merchantId}\0${giftCardId}`),
    clockedIn(merchantId, event) {
      if (event.cashier_id === undefined) return undefined;
      const state = clocks.get(`${merchantId}\0${event.cashier_id}`);
      return state === undefined || state.ts > event.ts ? undefined : state.open;
    },
  };
}

function isPaid(event: EventDraft): boolean {
  return event.event_type === "payment" && event.outcome === "approved";
}

/**
 * Names under which one sale goes: its own, its ticket's, its payment's. A provider's refund names the payment as its
 * sale, so a payment is found under both.
 */
function saleKeys(merchantId: string, event: EventDraft): string[] {
  const keys: string[] = [];
  if (event.sale_id !== undefined) keys.push(`${merchantId}\0s${event.sale_id}`);
  if (event.payment_id !== undefined) keys.push(`${merchantId}\0s${event.payment_id}`);
  if (event.ticket_id !== undefined) keys.push(`${merchantId}\0t${event.ticket_id}`);
  return keys;
}

const DAY_MS = 86_400_000;

/** Tills begin their ticket numbers again each day, so a ticket of another day is another ticket. */
function knownSale(
  sales: BoundedMap<Sale>,
  keys: readonly string[],
  event: EventDraft,
): Sale | undefined {
  for (const key of keys) {
    const sale = sales.get(key);
    if (sale === undefined) continue;
    const byTicket = key.includes("\0t");
    if (!byTicket || Math.abs(event.ts - sale.ts) < DAY_MS) return sale;
  }
  return undefined;
}

function noteSale(sales: BoundedMap<Sale>, merchantId: string, event: EventDraft): void {
  const keys = saleKeys(merchantId, event);
  const sale = knownSale(sales, keys, event) ?? { ts: event.ts };
  sale.cashierId ??= event.cashier_id;
  sale.cardToken ??= event.card_token;
  sale.tenderType ??= event.tender_type ?? (event.event_type === "payment" ? "card" : undefined);
  sale.discountBp ??= discountOf(event);
  if (event.event_type === "sale") sale.ts = event.ts;
  else sale.tenderTs = event.ts;
  for (const key of keys) sales.set(key, sale);
}

function discountOf(event: EventDraft): number | undefined {
  if (event.discount_bp !== undefined) return event.discount_bp;
  const { discount, amount } = event;
  if (discount === undefined || amount === undefined || discount + amount === 0) return undefined;
  return Math.round((discount * 10_000) / (discount + amount));
}

function noteClock(clocks: BoundedMap<ClockState>, merchantId: string, event: EventDraft): void {
  const key = `${merchantId}\0${event.cashier_id}`;
  const known = clocks.get(key);
  if (known !== undefined && known.ts > event.ts) return;
  clocks.set(key, { ts: event.ts, open: event.action === "opened" });
}

type BoundedMap<V> = { get(key: string): V | undefined; set(key: string, value: V): void };

/** A map that forgets its oldest entry when it is full. */
function boundedMap<V>(most: number): BoundedMap<V> {
  const entries = new Map<string, V>();
  return {
    get: (key) => entries.get(key),
    set(key, value) {
      if (entries.size >= most && !entries.has(key)) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest);
          break;
        }
      }
      entries.set(key, value);
    },
  };
}
