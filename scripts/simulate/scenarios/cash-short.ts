// At the count a good part of the cash is not there.
import type { Attack } from "../attack.ts";

export const cashShort: Attack = {
  id: "cash-short",
  detection: "cash-over-short",
  title: "More than 200 short at the count",
  when: "open",
  inject({ record, till, atMs, random }) {
    const expected = random.int(420, 700) * 100;
    const missing = random.int(215, 310) * 100;
    return [
      record(till, atMs, "drawer_opened", { reason: "count" }),
      record(till, atMs + 50_000, "cash_counted", {
        expected,
        counted: expected - missing,
        difference: -missing,
        abs_difference: missing,
      }),
      record(till, atMs + 51_000, "drawer_closed", { open_ms: 51_000 }),
    ];
  },
};
