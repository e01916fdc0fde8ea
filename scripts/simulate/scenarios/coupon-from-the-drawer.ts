// A paper coupon stays in the drawer and is used again.
import { type Attack, clockFrom } from "../attack.ts";

export const couponFromTheDrawer: Attack = {
  id: "coupon-from-the-drawer",
  detection: "coupon-reuse",
  title: "One single-use coupon redeemed five times",
  when: "open",
  inject(context) {
    const { till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 5 }, () =>
      context.record(till, tick(), "coupon_redeemed", {
        coupon_code: "ONCE-4711",
        is_single_use: true,
        amount: 500,
      }),
    );
  },
};
