// Prices are overridden for a friend.
import { type Attack, clockFrom } from "../attack.ts";

export const priceBelowCost: Attack = {
  id: "price-below-cost",
  detection: "price-override-rate",
  title: "Three articles sold below cost",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 30, 90);
    return Array.from({ length: 3 }, () =>
      context.record(till, tick(), "override_applied", {
        override_kind: "price",
        sku: "hamper",
        old_amount: 4_000,
        new_amount: random.int(1, 300),
        cost: 2_000,
      }),
    );
  },
};
