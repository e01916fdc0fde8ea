// A colleague who went home goes on selling.
import { type Attack, clockFrom } from "../attack.ts";

export const codeUsedOffTheClock: Attack = {
  id: "code-used-off-the-clock",
  detection: "not-clocked-in",
  title: "Sales under the code of somebody who is not at work",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 120, 300);
    return Array.from({ length: 3 }, () =>
      context.record(till, tick(), "sale", {
        sale_id: `s-${random.hex(10)}`,
        amount: random.int(500, 4_000),
        tender_type: "cash",
        clocked_in: false,
      }),
    );
  },
};
