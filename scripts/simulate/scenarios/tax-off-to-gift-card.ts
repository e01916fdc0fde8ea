// The tax of a ticket is taken off and credited to a gift card.
import type { Attack } from "../attack.ts";

export const taxOffToGiftCard: Attack = {
  id: "tax-off-to-gift-card",
  detection: "override-to-gift-card",
  title: "Tax overridden and put onto a gift card",
  when: "open",
  inject(context) {
    const { atMs, random, till } = context;
    const place = { ...till, ticket_id: `t-${random.hex(10)}` };
    const amount = random.int(800, 2_000);
    return [
      context.record(place, atMs, "override_applied", {
        override_kind: "tax",
        old_amount: amount,
        new_amount: 0,
      }),
      context.record(place, atMs + 40_000, "gift_card", {
        action: "loaded",
        gift_card_id: `gift-${random.hex(6)}`,
        amount,
        issued_by: "adjustment",
      }),
    ];
  },
};
