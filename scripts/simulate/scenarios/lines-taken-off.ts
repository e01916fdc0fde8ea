// Goods are rung, shown to the customer, and taken off before the payment.
import { type Attack, clockFrom } from "../attack.ts";

export const linesTakenOff: Attack = {
  id: "lines-taken-off",
  detection: "line-void-rate",
  title: "Rung articles taken off the tickets again and again",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 10, 30);
    return Array.from({ length: 110 }, () =>
      context.record(till, tick(), "line_removed", {
        line_id: `l-${random.hex(8)}`,
        sku: "hamper",
        line_amount: random.int(200, 900),
      }),
    );
  },
};
