// The state of the simulated business while time goes on, and the two ways to change it: plan something, say something.
import type { EventType } from "../../core/event-fields.ts";
import { type Agenda, makeAgenda } from "./agenda.ts";
import { makeRandom, type Random } from "./random.ts";
import {
  type Fields,
  makeRecorder,
  type Place,
  type Recorder,
  type SimulatedEvent,
} from "./recorder.ts";
import type { Customer, GiftCard, PayCard, Shop, ShopStaff, ShopStore } from "./shop.ts";

/** A finished sale as later refunds, disputes and attacks look it up. */
export type SaleRecord = {
  sale_id: string;
  ticket_id: string;
  ts: number;
  store: ShopStore;
  terminal_id?: string;
  staff?: ShopStaff;
  amount: number;
  discount_bp: number;
  tender_type: "cash" | "card" | "gift_card";
  card?: PayCard;
  customer?: Customer;
  payment_id?: string;
  reversed: boolean;
};

export type Shift = { staff: ShopStaff; shift_id: string; ending: boolean };

export type Till = {
  store: ShopStore;
  terminal_id: string;
  receiptNo: number;
  /** The till serves one customer at a time. */
  busyUntilMs: number;
  /** Cash that should lie in the drawer. */
  drawer: number;
  shift?: Shift;
};

export type StoreState = {
  store: ShopStore;
  random: Random;
  tills: Till[];
  /** Newest last, bounded. */
  sales: SaleRecord[];
  saleCount: number;
  /** Cash taken out of the drawers since the last deposit. */
  collected: number;
  settled: { count: number; amount: number };
};

export type World = {
  shop: Shop;
  startMs: number;
  /** 1 = as in life; 4 = four times the customers, each served four times as fast. */
  pace: number;
  heartbeatMs: number;
  agenda: Agenda;
  stores: StoreState[];
  giftCards: GiftCard[];
  run: string;
  out: SimulatedEvent[];
  record: Recorder;
};

/** Coins and notes with which a drawer begins. */
export const FLOAT_MINOR = 10_000;
const SALES_KEPT = 4_000;

export type WorldOptions = { startMs: number; run: string; pace?: number; heartbeatMs?: number };

export function makeWorld(shop: Shop, options: WorldOptions): World {
  const random = makeRandom(`${shop.seed}/${options.run}`);
  return {
    shop,
    startMs: options.startMs,
    pace: options.pace ?? 1,
    heartbeatMs: options.heartbeatMs ?? 60_000,
    agenda: makeAgenda(),
    giftCards: shop.giftCards.map((card) => ({
      ...card,
      activatedMs: options.startMs + card.activatedMs,
    })),
    run: options.run,
    out: [],
    record: makeRecorder(options.run, shop.currency),
    stores: shop.stores.map((store) => ({
      store,
      random: random.fork(store.id),
      tills: store.terminals.map((terminal_id) => ({
        store,
        terminal_id,
        receiptNo: 1_000,
        busyUntilMs: 0,
        drawer: FLOAT_MINOR,
      })),
      sales: [],
      saleCount: 0,
      collected: 0,
      settled: { count: 0, amount: 0 },
    })),
  };
}

/** What happened, `at` a place and an instant. */
export type At = { place: Place; ts: number };

export function say(world: World, at: At, event_type: EventType, fields: Fields): void {
  world.out.push(world.record(at.place, at.ts, event_type, fields));
}

export function tillPlace(till: Till): Place {
  const place: Place = { store: till.store, terminal_id: till.terminal_id };
  if (till.shift !== undefined) {
    place.staff = till.shift.staff;
    place.shift_id = till.shift.shift_id;
  }
  return place;
}

export function keepSale(state: StoreState, sale: SaleRecord): void {
  state.sales.push(sale);
  if (state.sales.length > SALES_KEPT * 1.25)
    state.sales.splice(0, state.sales.length - SALES_KEPT);
}

/** A stretch of about `seconds`, never under a tenth of it, made shorter by the world's pace. */
export function aboutMs(world: World, random: Random, seconds: number): number {
  return Math.ceil(((0.1 + random.exponential(0.9)) * seconds * 1000) / world.pace);
}
