// An old receipt from the bin is refunded.
import { type Attack, clockFrom } from "../attack.ts";

export const refundOfLongAgo: Attack = {
  id: "refund-of-long-ago",
  detection: "stale-refund",
  title: "A refund of a sale of three months ago",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 60, 90);
    return Array.from({ length: 1 }, () =>
      context.record(till, tick(), "refund", {
        refund_kind: "return",
        sale_id: "s-long-ago",
        amount: random.int(3_000, 9_000),
        tender_type: "cash",
        sale_age_ms: 90 * 86_400_000,
      }),
    );
  },
};
