// Part of the takings never reaches the bank.
import type { Attack } from "../attack.ts";

export const depositShort: Attack = {
  id: "deposit-short",
  detection: "deposit-missing-or-short",
  title: "A deposit that is 150.00 short",
  when: "open",
  inject(context) {
    const { atMs, floor } = context;
    const expected = 84_000;
    const amount = expected - 15_000;
    return [context.record(floor, atMs, "deposit", { amount, expected, abs_difference: 15_000 })];
  },
};
