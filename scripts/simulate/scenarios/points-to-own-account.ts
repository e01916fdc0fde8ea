// A cashier scans an own loyalty card for customers who have none.
import { type Attack, clockFrom } from "../attack.ts";

export const pointsToOwnAccount: Attack = {
  id: "points-to-own-account",
  detection: "loyalty-self-scan",
  title: "Fourteen tickets booked to a loyalty account of staff",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 200, 500);
    return Array.from({ length: 14 }, (_, n) =>
      context.record({ ...till, ticket_id: `t-own-${n}` }, tick(), "loyalty", {
        action: "accrued",
        loyalty_id: "loyalty-of-staff",
        points: random.int(5, 60),
        is_staff_owner: true,
      }),
    );
  },
};
