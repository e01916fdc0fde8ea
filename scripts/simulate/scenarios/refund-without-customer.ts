// The spare till is opened for a refund; no customer was there.
import type { Attack } from "../attack.ts";

export const refundWithoutCustomer: Attack = {
  id: "refund-without-customer",
  detection: "cash-refund-no-customer",
  title: "Cash refunded at a till that rings nothing",
  when: "open",
  inject(context) {
    const { atMs, till } = context;
    const spare = { ...till, terminal_id: "till-spare" };
    return [
      context.record(spare, atMs, "refund", {
        refund_kind: "return",
        amount: 4_500,
        tender_type: "cash",
        sale_found: true,
        sale_age_ms: 7_200_000,
      }),
    ];
  },
};
