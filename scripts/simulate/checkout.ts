// A sale from the first line to the receipt, with what honest days bring along: parking, giving up, voiding at once.
import { giveDiscount, ringUp } from "./basket.ts";
import { pay, type Tender } from "./payment.ts";
import { type Opening, openTicket, type Ticket, tell, wait } from "./ticket.ts";
import { keepSale, type SaleRecord, say, type World } from "./world.ts";

const VAT_BP = 2_000;

function maybePark(world: World, ticket: Ticket): void {
  if (ticket.till === undefined || !ticket.random.chance(0.008)) return;
  const amount = ticket.gross;
  tell(world, ticket, "ticket_suspended", { amount });
  wait(world, ticket, 70);
  tell(world, ticket, "ticket_recalled", { amount });
}

function sellGiftCard(world: World, ticket: Ticket): void {
  if (ticket.giftCardAmount === 0) return;
  const gift_card_id = ticket.random.hex(32);
  const amount = ticket.giftCardAmount;
  const activated_store_id = ticket.state.store.id;
  tell(world, ticket, "gift_card", {
    action: "activated",
    gift_card_id,
    amount,
    outcome: "found",
    issued_by: "sale",
    age_ms: 0,
    activated_store_id,
  });
  // A demo may run for weeks: the oldest cards are forgotten.
  if (world.giftCards.length > 600) world.giftCards.splice(0, 100);
  world.giftCards.push({
    gift_card_id,
    balance: amount,
    activatedMs: ticket.ts,
    activated_store_id,
  });
}

function biggest(tenders: readonly Tender[]): Tender {
  let best = tenders[0] as Tender;
  for (const tender of tenders) if (tender.amount > best.amount) best = tender;
  return best;
}

function finish(world: World, ticket: Ticket, tenders: readonly Tender[]): SaleRecord {
  const { till, state, customer } = ticket;
  for (const { tender_type, amount, card, gift_card_id } of tenders) {
    tell(world, ticket, "tender", {
      tender_type,
      amount,
      ...(card === undefined ? {} : { card_token: card.card_token }),
      ...(gift_card_id === undefined ? {} : { gift_card_id }),
    });
    if (tender_type === "card") {
      state.settled.count += 1;
      state.settled.amount += amount;
    }
  }
  sellGiftCard(world, ticket);
  const amount = ticket.gross - ticket.discount;
  const discount_bp = Math.round((ticket.discount * 10_000) / ticket.gross);
  const main = biggest(tenders);
  if (till !== undefined) till.receiptNo += 1;
  tell(world, ticket, "sale", {
    sale_id: ticket.sale_id,
    ...(till === undefined ? {} : { receipt_no: till.receiptNo }),
    amount,
    tax: Math.round((amount * VAT_BP) / (10_000 + VAT_BP)),
    discount: ticket.discount,
    discount_bp,
    line_count: ticket.lines - ticket.removed,
    tender_type: main.tender_type,
  });
  return {
    sale_id: ticket.sale_id,
    ticket_id: ticket.ticket_id,
    ts: ticket.ts - 1,
    store: state.store,
    amount,
    discount_bp,
    tender_type: main.tender_type,
    reversed: false,
    ...(till === undefined ? {} : { terminal_id: till.terminal_id }),
    ...(till?.shift === undefined ? {} : { staff: till.shift.staff }),
    ...(main.card === undefined ? {} : { card: main.card }),
    ...(main.payment_id === undefined ? {} : { payment_id: main.payment_id }),
    ...(customer === undefined ? {} : { customer }),
  };
}

function thankCustomer(world: World, ticket: Ticket, sale: SaleRecord): void {
  const { customer, random, state } = ticket;
  if (customer?.loyalty_id !== undefined && random.chance(0.7)) {
    tell(world, ticket, "loyalty", {
      action: "accrued",
      loyalty_id: customer.loyalty_id,
      points: Math.floor(sale.amount / 100),
      is_staff_owner: false,
    });
  }
  const tips = sale.tender_type === "card" && ticket.till !== undefined;
  if (!tips || !random.chance(state.store.tipShare)) return;
  const bp = random.int(50, 130) * 10;
  const tip = Math.round((sale.amount * bp) / 10_000);
  const over_auth_bp = Math.round((tip * 10_000) / sale.amount);
  const later = Math.round((random.int(60, 400) * 1000) / world.pace);
  say(world, { place: ticket.place, ts: ticket.ts + later }, "tip_adjusted", {
    authorised: sale.amount,
    tip,
    over_auth_bp,
    tip_bp: over_auth_bp,
  });
}

/** A wrong tender or a double scan that is seen on the receipt is voided before the customer has left. */
function maybeVoid(world: World, ticket: Ticket, sale: SaleRecord): void {
  const { till, random } = ticket;
  const plain = sale.tender_type !== "gift_card" && ticket.giftCardAmount === 0;
  if (till === undefined || !plain || !random.chance(0.004)) return;
  const paidTs = ticket.ts;
  ticket.ts += random.chance(0.07) ? random.int(61, 140) * 1000 : random.int(9, 50) * 1000;
  tell(world, ticket, "void", {
    sale_id: sale.sale_id,
    amount: sale.amount,
    tender_type: sale.tender_type,
    since_tender_ms: ticket.ts - paidTs,
    ...(sale.staff === undefined ? {} : { sale_cashier_id: sale.staff.cashier_id }),
    sale_discount_bp: sale.discount_bp,
  });
  sale.reversed = true;
  if (sale.tender_type === "cash") {
    tell(world, ticket, "drawer_opened", { reason: "refund" });
    const open_ms = 6_000;
    ticket.ts += open_ms;
    tell(world, ticket, "drawer_closed", { open_ms });
  }
}

function giveBackCash(ticket: Ticket, sale: SaleRecord, tenders: readonly Tender[]): void {
  if (!sale.reversed || ticket.till === undefined) return;
  for (const tender of tenders) {
    if (tender.tender_type === "cash") ticket.till.drawer -= tender.amount;
  }
}

/** Serves one customer. The till is busy until the end; everything is said with its own instant. */
export function checkout(world: World, opening: Opening): void {
  const ticket = openTicket(world, opening);
  const { till, random } = ticket;
  ringUp(world, ticket);
  maybePark(world, ticket);
  giveDiscount(world, ticket);
  if (till !== undefined && random.chance(0.003)) {
    tell(world, ticket, "sale_cancelled", {
      stage: "items",
      amount: ticket.gross - ticket.discount,
    });
  } else {
    const tenders = pay(world, ticket);
    if (tenders === undefined) {
      const amount = ticket.gross - ticket.discount;
      tell(world, ticket, "sale_cancelled", { stage: "payment", amount, tender_type: "card" });
    } else {
      wait(world, ticket, 4);
      const sale = finish(world, ticket, tenders);
      keepSale(ticket.state, sale);
      thankCustomer(world, ticket, sale);
      // Split tickets are refunded, not voided: two tenders cannot be undone in one step.
      if (tenders.length === 1) maybeVoid(world, ticket, sale);
      giveBackCash(ticket, sale, tenders);
    }
  }
  if (till !== undefined) till.busyUntilMs = Math.max(till.busyUntilMs, ticket.ts + 1);
}
