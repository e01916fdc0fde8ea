// A refund goes onto a gift card that a colleague spends.
import { type Attack, clockFrom } from "../attack.ts";

export const refundCardSpentByStaff: Attack = {
  id: "refund-card-spent-by-staff",
  detection: "refund-gift-card-to-staff",
  title: "A gift card from a refund spent by staff",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 200, 600);
    return Array.from({ length: 2 }, () =>
      context.record(till, tick(), "gift_card", {
        action: "redeemed",
        issued_by: "refund",
        gift_card_id: "gift-refunded",
        amount: random.int(1_000, 4_000),
        customer_is_staff: true,
      }),
    );
  },
};
