// A cashier books a refund onto an own card.
import { type Attack, clockFrom, newCard } from "../attack.ts";

export const ownCardRefunded: Attack = {
  id: "own-card-refunded",
  detection: "staff-card-own-till",
  title: "A refund to the cashier’s own card",
  when: "open",
  inject(context) {
    const { cashier, random, till } = context;
    const tick = clockFrom(context, 300, 900);
    const card = newCard(context);
    return Array.from({ length: 2 }, () =>
      context.record(till, tick(), "refund", {
        refund_kind: "no_receipt",
        amount: random.int(2_000, 6_000),
        tender_type: "card",
        card_token: card.card_token,
        card_owner_cashier_id: cashier.cashier_id,
      }),
    );
  },
};
