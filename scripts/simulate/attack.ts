// The shape of an attack: a scenario that lays its own, labelled events over the honest stream.
import type { EventType } from "../../core/event-fields.ts";
import { makeCard } from "./cards.ts";
import type { Random } from "./random.ts";
import type { Fields, Place, SimulatedEvent } from "./recorder.ts";
import type { PayCard, Shop, ShopStaff, ShopStore } from "./shop.ts";
import type { SaleRecord } from "./world.ts";

export type AttackContext = {
  shop: Shop;
  random: Random;
  /** No event of the attack is earlier. */
  atMs: number;
  store: ShopStore;
  /** Who stands at the till, or would. */
  cashier: ShopStaff;
  /** A till of the shop with the cashier and the running shift. */
  till: Place;
  /** The shop without a till: web orders, notices of the provider. */
  floor: Place;
  /** No place at all: the console. */
  desk: Place;
  /** Recent sales of the shop, newest last; empty at the very start. */
  sales: readonly SaleRecord[];
  record(place: Place, ts: number, event_type: EventType, fields: Fields): SimulatedEvent;
};

/**
 * One attack, one file of `scenarios/`. `id` is the file's name; `detection` the row of the catalogue that should
 * notice it; `when` says how the shop must be: open, closed by day, or closed between midnight and five. `inject` may not change anything: it only returns events.
 */
export type Attack = {
  id: string;
  detection: string;
  title: string;
  when: "open" | "closed" | "night";
  /** So many days of ordinary business are needed before it, for detections that know what is usual. */
  minDays?: number;
  /** What must be on the merchant's lists for the detection to notice. */
  lists?: Readonly<Record<string, readonly string[]>>;
  inject(context: AttackContext): SimulatedEvent[];
};

/** An instant that moves on by a random stretch each time it is asked; the first answer is the start. */
export function clockFrom(
  context: AttackContext,
  fromSeconds: number,
  toSeconds: number,
): () => number {
  let next = context.atMs;
  return () => {
    const ts = next;
    next += context.random.int(fromSeconds * 1000, toSeconds * 1000);
    return ts;
  };
}

export function newCard(context: AttackContext): PayCard {
  return makeCard(context.random, context.shop.issuers);
}

export function paymentFields(context: AttackContext, card: PayCard, amount: number): Fields {
  return {
    payment_id: `p-${context.random.hex(32)}`,
    outcome: "approved",
    amount,
    ...card,
    entry_mode: "chip",
    auth_kind: "online",
  };
}

export function declinedFields(context: AttackContext, card: PayCard, amount: number): Fields {
  const decline_code = context.random.pick([
    "do_not_honor",
    "invalid_number",
    "insufficient_funds",
  ]);
  return { ...paymentFields(context, card, amount), outcome: "declined", decline_code };
}

type SmallSale = { amount: number; card?: PayCard; discountBp?: number; place?: Place };

/**
 * An ordinary sale of one line on which an attack builds. In: amount before the discount.
 * Out: its events, its id, what was paid.
 */
export function smallSale(
  context: AttackContext,
  ts: number,
  { amount, card, discountBp = 0, place = context.till }: SmallSale,
): { events: SimulatedEvent[]; sale_id: string; paid: number } {
  const name = context.random.hex(10);
  const at: Place = { ...place, ticket_id: `t-${name}` };
  const tender_type = card === undefined ? "cash" : "card";
  const discount = Math.round((amount * discountBp) / 10_000);
  const paid = amount - discount;
  const events = [
    context.record(at, ts, "line_item", {
      line_id: `t-${name}-1`,
      sku: "hamper",
      department: "pantry",
      is_open_department: false,
      entry_method: "scan",
      quantity_milli: 1_000,
      unit_price: amount,
      list_price: amount,
      cost: Math.round(amount * 0.5),
      line_amount: amount,
      is_promo: false,
    }),
  ];
  if (discount > 0) {
    events.push(
      context.record(at, ts + 900, "discount", {
        discount_kind: "manual",
        amount: discount,
        discount_bp: discountBp,
        at_ceiling: discountBp >= 2_000,
      }),
    );
  }
  if (card === undefined) {
    events.push(context.record(at, ts + 4_000, "drawer_opened", { reason: "sale" }));
    events.push(context.record(at, ts + 9_000, "drawer_closed", { open_ms: 5_000 }));
  } else {
    events.push(context.record(at, ts + 4_000, "payment", paymentFields(context, card, paid)));
  }
  const token = card === undefined ? {} : { card_token: card.card_token };
  events.push(context.record(at, ts + 9_100, "tender", { tender_type, amount: paid, ...token }));
  events.push(
    context.record(at, ts + 9_200, "sale", {
      sale_id: `s-${name}`,
      amount: paid,
      tax: Math.round(paid / 6),
      discount,
      discount_bp: discountBp,
      line_count: 1,
      tender_type,
    }),
  );
  return { events, sale_id: `s-${name}`, paid };
}

/** What the console knows about a person who signs in from a place that nobody has seen before. */
export function strangerFields(context: AttackContext, account: ShopStaff): Fields {
  return {
    account_id: account.account_id,
    login_hash: account.login_hash,
    device_id: `unknown-${context.random.hex(8)}`,
    ip: `192.0.2.${context.random.int(100, 250)}`,
    ip_country: "BR",
    device_age_ms: 0,
    country_age_ms: 0,
  };
}

export function ownerOf(shop: Shop): ShopStaff {
  return shop.staff.find(({ role }) => role === "owner") as ShopStaff;
}
