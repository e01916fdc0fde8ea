// Prices are changed by hand for those who know whom to ask.
import { type Attack, clockFrom } from "../attack.ts";

export const pricesChangedAllDay: Attack = {
  id: "prices-changed-all-day",
  detection: "price-override-rate",
  title: "Every fourth price changed by hand",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 10, 30);
    return Array.from({ length: 110 }, () =>
      context.record(till, tick(), "override_applied", {
        override_kind: "price",
        sku: "hamper",
        old_amount: 4_000,
        new_amount: random.int(2_500, 3_500),
        cost: 2_000,
      }),
    );
  },
};
