// A line is moved from check to check and paid for once.
import { type Attack, clockFrom } from "../attack.ts";

export const coffeeCarriedAlong: Attack = {
  id: "coffee-carried-along",
  detection: "item-moved-between-checks",
  title: "One coffee carried over six checks",
  when: "open",
  inject(context) {
    const { till } = context;
    const tick = clockFrom(context, 600, 1500);
    return Array.from({ length: 6 }, (_, n) =>
      context.record(till, tick(), "line_moved", {
        line_id: "line-coffee",
        from_ticket_id: `check-${n}`,
        to_ticket_id: `check-${n + 1}`,
        line_amount: 320,
      }),
    );
  },
};
