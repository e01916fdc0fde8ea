// Articles go over the counter for nothing.
import { type Attack, clockFrom } from "../attack.ts";

export const soldForNothing: Attack = {
  id: "sold-for-nothing",
  detection: "zero-or-penny-sale",
  title: "Three articles rung up at nothing",
  when: "open",
  inject(context) {
    const { till } = context;
    const tick = clockFrom(context, 30, 90);
    return Array.from({ length: 3 }, (_, n) =>
      context.record(till, tick(), "line_item", {
        line_id: `l-free-${n}`,
        sku: "hamper",
        quantity_milli: 1_000,
        unit_price: 0,
        line_amount: 0,
        is_promo: false,
      }),
    );
  },
};
