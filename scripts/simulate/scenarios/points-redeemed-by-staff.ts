// What was gathered on an own loyalty card is turned into goods.
import { type Attack, clockFrom } from "../attack.ts";

export const pointsRedeemedByStaff: Attack = {
  id: "points-redeemed-by-staff",
  detection: "staff-redeems-points",
  title: "Points of a staff loyalty account redeemed",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 600);
    return Array.from({ length: 2 }, () =>
      context.record(till, tick(), "loyalty", {
        action: "redeemed",
        loyalty_id: "loyalty-of-staff",
        points: random.int(200, 900),
        is_staff_owner: true,
      }),
    );
  },
};
