// Somebody at the till insists on one card although the bank keeps saying no.
import { type Attack, clockFrom, declinedFields, newCard } from "../attack.ts";

export const cardDeclinedAgain: Attack = {
  id: "card-declined-again",
  detection: "card-repeated-declines",
  title: "One card declined five times in a few minutes at the till",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 20, 70);
    const card = newCard(context);
    return Array.from({ length: 5 }, () =>
      context.record(till, tick(), "payment", {
        ...declinedFields(context, card, random.int(20, 160) * 100),
        entry_mode: "chip",
      }),
    );
  },
};
