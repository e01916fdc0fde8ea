// The staff discount goes to whoever is a friend of the cashier.
import { type Attack, clockFrom } from "../attack.ts";

export const staffDiscountForFriends: Attack = {
  id: "staff-discount-for-friends",
  detection: "staff-discount-use",
  title: "The staff discount given eighteen times on one day",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 100, 200);
    return Array.from({ length: 18 }, () =>
      context.record(till, tick(), "discount", {
        discount_kind: "staff",
        amount: random.int(200, 600),
        discount_bp: 1_000,
        at_ceiling: false,
      }),
    );
  },
};
