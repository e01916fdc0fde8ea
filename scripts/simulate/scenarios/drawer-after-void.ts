// The sale is voided, and within a minute the drawer is opened for no sale.
import { type Attack, clockFrom, smallSale } from "../attack.ts";

export const drawerAfterVoid: Attack = {
  id: "drawer-after-void",
  detection: "drawer-after-void",
  title: "Cash sales voided, each with the drawer opened right after",
  when: "open",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 90, 150);
    return Array.from({ length: 2 }, () => {
      const ts = tick();
      const sold = smallSale(context, ts, { amount: random.int(15, 60) * 100 });
      const voided = ts + 9_200 + 30_000;
      return [
        ...sold.events,
        context.record(till, voided, "void", {
          sale_id: sold.sale_id,
          amount: sold.paid,
          tender_type: "cash",
          since_tender_ms: 30_100,
          sale_cashier_id: cashier.cashier_id,
          sale_discount_bp: 0,
        }),
        context.record(till, voided + 18_000, "drawer_opened", { reason: "no_sale" }),
        context.record(till, voided + 25_000, "drawer_closed", { open_ms: 7_000 }),
      ];
    }).flat();
  },
};
