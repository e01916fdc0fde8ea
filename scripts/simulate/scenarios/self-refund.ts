// A cashier sells, waits until the customer is gone, and refunds the sale in cash.
import { type Attack, clockFrom, smallSale } from "../attack.ts";

export const selfRefund: Attack = {
  id: "self-refund",
  detection: "self-refund",
  title: "Three cash sales refunded by the cashier who made them",
  when: "open",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 60, 110);
    return Array.from({ length: 3 }, () => {
      const ts = tick();
      const sold = smallSale(context, ts, { amount: random.int(30, 85) * 100 });
      const age = random.int(120, 300) * 1000;
      const refunded = ts + 9_200 + age;
      return [
        ...sold.events,
        context.record(till, refunded, "refund", {
          refund_kind: "return",
          sale_id: sold.sale_id,
          amount: sold.paid,
          tender_type: "cash",
          sale_found: true,
          sale_cashier_id: cashier.cashier_id,
          sale_tender_type: "cash",
          sale_age_ms: age,
          sale_discount_bp: 0,
        }),
        context.record(till, refunded + 800, "drawer_opened", { reason: "refund" }),
      ];
    }).flat();
  },
};
