// Cash leaves the drawer as refunds for goods that nobody bought here.
import { type Attack, clockFrom } from "../attack.ts";

export const refundWithoutSale: Attack = {
  id: "refund-without-sale",
  detection: "no-receipt-refund",
  title: "Four cash refunds without a receipt by one cashier",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 40, 150);
    return [5_500, 12_900, 4_800, 8_700].flatMap((amount) => {
      const ts = tick();
      const refund = context.record(till, ts, "refund", {
        refund_kind: "no_receipt",
        amount: amount + random.int(0, 90),
        tender_type: "cash",
        sale_found: false,
      });
      return [refund, context.record(till, ts + 1_500, "drawer_opened", { reason: "refund" })];
    });
  },
};
