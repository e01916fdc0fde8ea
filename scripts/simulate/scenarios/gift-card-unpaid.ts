// A gift card is filled on a ticket that is never paid.
import type { Attack } from "../attack.ts";

export const giftCardUnpaid: Attack = {
  id: "gift-card-unpaid",
  detection: "gift-card-without-tender",
  title: "A gift card of 200 that nobody paid for",
  when: "open",
  inject(context) {
    const { atMs, random, store, till } = context;
    return [
      context.record({ ...till, ticket_id: `t-${random.hex(10)}` }, atMs, "gift_card", {
        action: "activated",
        gift_card_id: random.hex(32),
        amount: 20_000,
        outcome: "found",
        issued_by: "adjustment",
        age_ms: 0,
        activated_store_id: store.id,
      }),
    ];
  },
};
