// Sale after sale is voided once the customer has gone.
import { type Attack, clockFrom } from "../attack.ts";

export const voidsAllDay: Attack = {
  id: "voids-all-day",
  detection: "void-rate",
  title: "Thirty voids by one cashier",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 40, 90);
    return Array.from({ length: 32 }, () =>
      context.record(till, tick(), "void", {
        sale_id: `s-${random.hex(10)}`,
        amount: random.int(600, 1_900),
        tender_type: "card",
        since_tender_ms: 2_000,
        sale_cashier_id: cashier.cashier_id,
      }),
    );
  },
};
