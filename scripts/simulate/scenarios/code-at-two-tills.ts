// A code that somebody saw is used at the next till.
import { type Attack, clockFrom } from "../attack.ts";

export const codeAtTwoTills: Attack = {
  id: "code-at-two-tills",
  detection: "not-clocked-in",
  title: "One code that sells at two tills at once",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 15, 40);
    return Array.from({ length: 6 }, (_, n) =>
      context.record(
        { ...till, terminal_id: n % 2 === 0 ? till.terminal_id : "till-next-door" },
        tick(),
        "sale",
        { sale_id: `s-${random.hex(10)}`, amount: random.int(500, 4_000), tender_type: "cash" },
      ),
    );
  },
};
