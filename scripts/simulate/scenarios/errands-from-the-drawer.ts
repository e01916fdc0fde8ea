// Small expenses without receipts are taken from the drawer.
import { type Attack, clockFrom } from "../attack.ts";

export const errandsFromTheDrawer: Attack = {
  id: "errands-from-the-drawer",
  detection: "paid-out-abuse",
  title: "Five paid-outs in one shift",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 120, 400);
    return Array.from({ length: 5 }, () =>
      context.record(till, tick(), "cash_moved", {
        kind: "paid_out",
        amount: random.int(800, 3_500),
        is_undone: false,
      }),
    );
  },
};
