// The drawer pays for everything, a little at a time.
import { type Attack, clockFrom } from "../attack.ts";

export const drawerAsPurse: Attack = {
  id: "drawer-as-purse",
  detection: "paid-out-abuse",
  title: "A dozen paid-outs by one cashier on one day",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 200, 400);
    return Array.from({ length: 12 }, () =>
      context.record(till, tick(), "cash_moved", {
        kind: "paid_out",
        amount: random.int(300, 900),
      }),
    );
  },
};
