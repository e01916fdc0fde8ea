// One cashier refunds as if half the customers had come back.
import { type Attack, clockFrom } from "../attack.ts";

export const refundsAllDay: Attack = {
  id: "refunds-all-day",
  detection: "refund-rate",
  title: "A third of the takings refunded by one cashier",
  when: "open",
  minDays: 15,
  inject(context) {
    const { till } = context;
    const tick = clockFrom(context, 60, 150);
    return Array.from({ length: 12 }, (_, n) =>
      context.record(till, tick(), "refund", {
        refund_kind: "return",
        amount: 9_000 + 200 * n,
        tender_type: "card",
        sale_found: true,
        sale_age_ms: 86_400_000,
      }),
    );
  },
};
