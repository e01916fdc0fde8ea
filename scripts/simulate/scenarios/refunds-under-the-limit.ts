// Refunds are kept just below what a manager would see.
import { type Attack, clockFrom } from "../attack.ts";

export const refundsUnderTheLimit: Attack = {
  id: "refunds-under-the-limit",
  detection: "refund-below-limit",
  title: "Four refunds just under the approval limit",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 400, 1200);
    return Array.from({ length: 4 }, () =>
      context.record(till, tick(), "refund", {
        refund_kind: "return",
        amount: random.int(4_600, 4_990),
        tender_type: "cash",
        limit_bp: random.int(9_200, 9_980),
      }),
    );
  },
};
