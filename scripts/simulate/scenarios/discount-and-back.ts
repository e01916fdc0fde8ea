// Sales with a high discount are refunded at the full price.
import { type Attack, clockFrom } from "../attack.ts";

export const discountAndBack: Attack = {
  id: "discount-and-back",
  detection: "discount-then-reversal",
  title: "Three discounted sales refunded again",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 600, 1500);
    return Array.from({ length: 3 }, (_, n) =>
      context.record(till, tick(), "refund", {
        refund_kind: "return",
        sale_id: `s-discounted-${n}`,
        amount: random.int(2_000, 6_000),
        tender_type: "cash",
        sale_discount_bp: 2_000,
        sale_age_ms: 600_000,
      }),
    );
  },
};
