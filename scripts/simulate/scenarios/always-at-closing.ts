// Refunds are rung when the shop is as good as empty.
import type { Attack } from "../attack.ts";

export const alwaysAtClosing: Attack = {
  id: "always-at-closing",
  detection: "first-last-hour",
  title: "Ten refunds, all of them in the last hour",
  when: "open",
  inject(context) {
    const { atMs, till } = context;
    return Array.from({ length: 10 }, (_, n) => {
      const refund = context.record(till, atMs + n * 60_000, "refund", {
        refund_kind: "return",
        amount: 300,
        tender_type: "card",
        sale_found: true,
        sale_age_ms: 3_600_000,
      });
      refund.draft.opening_phase = "last_hour";
      return refund;
    });
  },
};
