// Somebody works the till while the shop is closed.
import { type Attack, clockFrom } from "../attack.ts";

export const offHoursSales: Attack = {
  id: "off-hours-sales",
  detection: "off-hours-activity",
  title: "Drawer opened and cash refunded while the shop is closed",
  when: "closed",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 15, 60);
    return [
      context.record(till, tick(), "sign_in", {
        outcome: "success",
        method: "pin",
        account_id: cashier.account_id,
        login_hash: cashier.login_hash,
        is_privileged: false,
      }),
      context.record(till, tick(), "drawer_opened", { reason: "no_sale" }),
      context.record(till, tick(), "refund", {
        refund_kind: "no_receipt",
        amount: random.int(40, 95) * 100,
        tender_type: "cash",
        sale_found: false,
      }),
    ];
  },
};
