// Somebody voids what a colleague sold.
import { type Attack, clockFrom } from "../attack.ts";

export const colleagueVoids: Attack = {
  id: "colleague-voids",
  detection: "void-by-other-cashier",
  title: "A colleague voids another cashier’s sales",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 2 }, (_, n) =>
      context.record(till, tick(), "void", {
        sale_id: `s-of-colleague-${n}`,
        amount: random.int(1_000, 4_000),
        tender_type: "cash",
        sale_cashier_id: "a-colleague",
        staff_role: "cashier",
      }),
    );
  },
};
