// Sales are cancelled at the moment of payment, and the cash stays.
import { type Attack, clockFrom } from "../attack.ts";

export const cancelledWithCashDue: Attack = {
  id: "cancelled-with-cash-due",
  detection: "cancel-at-payment",
  title: "Five sales cancelled with the cash on the counter",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 400, 1200);
    return Array.from({ length: 5 }, () =>
      context.record(till, tick(), "sale_cancelled", {
        stage: "payment",
        amount: random.int(800, 3_000),
        tender_type: "cash",
      }),
    );
  },
};
