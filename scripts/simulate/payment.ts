// How a ticket is paid: cash, card with its honest declines and second tries, gift card, or two of them.
import { makeCard } from "./cards.ts";
import type { Random } from "./random.ts";
import type { GiftCard, PayCard } from "./shop.ts";
import { type Ticket, tell, wait } from "./ticket.ts";
import { aboutMs, say, type World } from "./world.ts";

export type Tender = {
  tender_type: "cash" | "card" | "gift_card";
  amount: number;
  card?: PayCard;
  payment_id?: string;
  gift_card_id?: string;
};

const FIRST_DECLINE = 0.024;
const SECOND_DECLINE = 0.55;
const DECLINE_CODES = ["insufficient_funds", "do_not_honor", "card_expired", "incorrect_pin"];
const DAY_MS = 86_400_000;

function entryMode(random: Random): string {
  return random.pick(["contactless", "contactless", "contactless", "chip"]);
}

type Attempt = { card: PayCard; amount: number; declineChance: number };

/** One try with a card. Out: the payment's id when it was approved. */
function tryCard(world: World, ticket: Ticket, attempt: Attempt): string | undefined {
  const { random, customer } = ticket;
  const { card, amount } = attempt;
  wait(world, ticket, 5);
  const declined = random.chance(attempt.declineChance);
  const payment_id = `p-${ticket.sale_id.slice(2)}-${random.hex(6)}`;
  const online = ticket.till === undefined;
  tell(world, ticket, "payment", {
    payment_id,
    outcome: declined ? "declined" : "approved",
    ...(declined ? { decline_code: random.pick(DECLINE_CODES) } : {}),
    amount,
    ...card,
    entry_mode: online ? "online" : entryMode(random),
    // Now and then the line is down and the reader decides by itself.
    auth_kind: !online && !declined && random.chance(0.0008) ? "offline" : "online",
    risk_score: Math.min(99, Math.floor(random.exponential(9))),
    ...(online && customer !== undefined
      ? {
          ip: customer.ip,
          ip_country: card.issuer_country,
          device_id: customer.device_id,
          email_hash: customer.email_hash,
          avs_result: "match",
          cvv_result: "match",
        }
      : {}),
  });
  return declined ? undefined : payment_id;
}

/** Card payment as people do it: a second try, then another card, then (at the till) cash, or they leave. */
function payByCard(world: World, ticket: Ticket, amount: number): Tender | undefined {
  const { random } = ticket;
  const first = ticket.customer?.card ?? makeCard(random, world.shop.issuers);
  const other = makeCard(random, world.shop.issuers);
  const tries: Attempt[] = [{ card: first, amount, declineChance: FIRST_DECLINE }];
  if (random.chance(0.5)) tries.push({ card: first, amount, declineChance: SECOND_DECLINE });
  if (random.chance(0.06)) tries.push({ card: first, amount, declineChance: SECOND_DECLINE });
  if (random.chance(0.6)) tries.push({ card: other, amount, declineChance: FIRST_DECLINE });
  for (const attempt of tries) {
    const payment_id = tryCard(world, ticket, attempt);
    if (payment_id !== undefined) {
      return { tender_type: "card", amount, card: attempt.card, payment_id };
    }
    wait(world, ticket, 8);
  }
  return ticket.till !== undefined && random.chance(0.7)
    ? payByCash(world, ticket, amount)
    : undefined;
}

function payByCash(world: World, ticket: Ticket, amount: number): Tender {
  const { till, random } = ticket;
  wait(world, ticket, 9);
  tell(world, ticket, "drawer_opened", { reason: "sale" });
  const open_ms = aboutMs(world, random, 8);
  say(world, { place: ticket.place, ts: ticket.ts + open_ms }, "drawer_closed", { open_ms });
  if (till !== undefined) {
    till.drawer += amount;
    till.busyUntilMs = Math.max(till.busyUntilMs, ticket.ts + open_ms + 1);
  }
  return { tender_type: "cash", amount };
}

function payByGiftCard(world: World, ticket: Ticket, card: GiftCard): Tender {
  const amount = Math.min(card.balance, ticket.gross - ticket.discount);
  wait(world, ticket, 8);
  card.balance -= amount;
  tell(world, ticket, "gift_card", {
    action: "redeemed",
    gift_card_id: card.gift_card_id,
    amount,
    outcome: "found",
    issued_by: "sale",
    age_ms: ticket.ts - card.activatedMs,
    activated_store_id: card.activated_store_id,
  });
  return { tender_type: "gift_card", amount, gift_card_id: card.gift_card_id };
}

/** A gift card somebody was given at this shop some days ago, with money left on it. */
function oldGiftCard(world: World, ticket: Ticket): GiftCard | undefined {
  const { id } = ticket.state.store;
  return world.giftCards.find(
    (card) =>
      card.balance > 0 &&
      card.activated_store_id === id &&
      ticket.ts - card.activatedMs > 2 * DAY_MS,
  );
}

const CASH_SHARE = 0.34;

function payRest(world: World, ticket: Ticket, amount: number): Tender | undefined {
  const byCash = ticket.till !== undefined && ticket.random.chance(CASH_SHARE);
  return byCash ? payByCash(world, ticket, amount) : payByCard(world, ticket, amount);
}

/** The first of two tenders, with a gift card; its balance comes back when the rest cannot be paid. */
function payWithGiftCard(world: World, ticket: Ticket, card: GiftCard): Tender[] | undefined {
  const first = payByGiftCard(world, ticket, card);
  const left = ticket.gross - ticket.discount - first.amount;
  if (left === 0) return [first];
  const rest = payRest(world, ticket, left);
  if (rest !== undefined) return [first, rest];
  card.balance += first.amount;
  return undefined;
}

/** Part card, part cash. The card goes first: when it is declined no cash has to be given back. */
function paySplit(world: World, ticket: Ticket): Tender[] | undefined {
  const due = ticket.gross - ticket.discount;
  const cash = ticket.random.int(1, Math.floor(due / 1_000)) * 500;
  const first = payByCard(world, ticket, due - cash);
  return first === undefined ? undefined : [first, payByCash(world, ticket, cash)];
}

/** Pays the ticket. Out: tenders whose amounts add up to it, or undefined when the customer could not pay. */
export function pay(world: World, ticket: Ticket): Tender[] | undefined {
  const { random, till } = ticket;
  const due = ticket.gross - ticket.discount;
  if (till !== undefined && ticket.giftCardAmount === 0 && random.chance(0.007)) {
    const card = oldGiftCard(world, ticket);
    if (card !== undefined) return payWithGiftCard(world, ticket, card);
  }
  if (till !== undefined && due > 2_000 && random.chance(0.015)) return paySplit(world, ticket);
  const tender = payRest(world, ticket, due);
  return tender === undefined ? undefined : [tender];
}
