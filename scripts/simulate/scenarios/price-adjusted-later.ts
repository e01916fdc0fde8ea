// Hours later the seller lowers the price and keeps the difference.
import { type Attack, clockFrom } from "../attack.ts";

export const priceAdjustedLater: Attack = {
  id: "price-adjusted-later",
  detection: "price-adjust-skim",
  title: "Price adjustments of own sales, paid out in cash",
  when: "open",
  inject(context) {
    const { cashier, random, till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 3 }, (_, n) =>
      context.record(till, tick(), "refund", {
        refund_kind: "price_adjust",
        sale_id: `s-adjusted-${n}`,
        amount: random.int(500, 2_500),
        tender_type: "cash",
        sale_cashier_id: cashier.cashier_id,
        sale_age_ms: 3 * 3_600_000,
      }),
    );
  },
};
