// Tips are booked far above what was signed.
import { type Attack, clockFrom } from "../attack.ts";

export const tipsRaised: Attack = {
  id: "tips-raised",
  detection: "tip-inflation",
  title: "Four tips raised after the customer had left",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 4 }, () => {
      const authorised = random.int(3_000, 9_000);
      const tip = Math.round(authorised * 0.6);
      return context.record(till, tick(), "tip_adjusted", {
        authorised,
        tip,
        over_auth_bp: 6_000,
        tip_bp: 6_000,
      });
    });
  },
};
