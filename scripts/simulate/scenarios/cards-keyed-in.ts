// Card numbers from a list are keyed in, a small sale each.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const cardsKeyedIn: Attack = {
  id: "cards-keyed-in",
  detection: "keyed-entry-share",
  title: "Twenty-five card numbers keyed in at one till",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 60, 120);
    return Array.from({ length: 30 }, () =>
      context.record(till, tick(), "payment", {
        ...paymentFields(context, newCard(context), random.int(900, 2_900)),
        entry_mode: "keyed",
      }),
    );
  },
};
