// The customer has paid in cash and left; then the sale is voided and the cash need not be in the drawer any more.
import { type Attack, clockFrom, smallSale } from "../attack.ts";

export const voidAfterTender: Attack = {
  id: "void-after-tender",
  detection: "void-after-tender",
  title: "Cash sales voided minutes after the customer paid",
  when: "open",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 60, 120);
    return [95_000, 180_000, 380_000].flatMap((since_tender_ms) => {
      const ts = tick();
      const sold = smallSale(context, ts, { amount: random.int(18, 70) * 100 });
      const voided = context.record(till, ts + 9_200 + since_tender_ms, "void", {
        sale_id: sold.sale_id,
        amount: sold.paid,
        tender_type: "cash",
        since_tender_ms,
        sale_cashier_id: cashier.cashier_id,
        sale_discount_bp: 0,
      });
      return [...sold.events, voided];
    });
  },
};
