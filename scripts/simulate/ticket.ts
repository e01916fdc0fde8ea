// One customer's sale while it is made; its clock moves on with every step.
import type { EventType } from "../../core/event-fields.ts";
import type { Random } from "./random.ts";
import type { Fields, Place } from "./recorder.ts";
import type { Customer } from "./shop.ts";
import { aboutMs, type StoreState, say, type Till, tillPlace, type World } from "./world.ts";

export type Ticket = {
  state: StoreState;
  random: Random;
  /** Absent when the order came from the web shop. */
  till?: Till;
  place: Place;
  ts: number;
  ticket_id: string;
  sale_id: string;
  customer?: Customer;
  lines: number;
  removed: number;
  gross: number;
  discount: number;
  giftCardAmount: number;
};

export type Opening = { state: StoreState; ts: number; till?: Till; customer?: Customer };

export function openTicket(world: World, { state, ts, till, customer }: Opening): Ticket {
  state.saleCount += 1;
  const number = `${world.run}-${state.store.id}-${state.saleCount}`;
  const place: Place = till === undefined ? { store: state.store } : tillPlace(till);
  place.ticket_id = `t-${number}`;
  if (customer !== undefined) place.customer_id = customer.customer_id;
  const ticket: Ticket = {
    state,
    random: state.random,
    place,
    ts,
    ticket_id: place.ticket_id,
    sale_id: `s-${number}`,
    lines: 0,
    removed: 0,
    gross: 0,
    discount: 0,
    giftCardAmount: 0,
  };
  if (till !== undefined) ticket.till = till;
  if (customer !== undefined) ticket.customer = customer;
  return ticket;
}

/** Lets about `seconds` pass for this customer. Out: the ms that passed. */
export function wait(world: World, ticket: Ticket, seconds: number): number {
  const ms = aboutMs(world, ticket.random, seconds);
  ticket.ts += ms;
  return ms;
}

/** Something happens on the ticket now; the next thing happens at least a millisecond later. */
export function tell(world: World, ticket: Ticket, event_type: EventType, fields: Fields): void {
  say(world, { place: ticket.place, ts: ticket.ts }, event_type, fields);
  ticket.ts += 1;
}
