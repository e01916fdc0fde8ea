// A copied stripe is used where the chip does not answer.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const chipCardSwiped: Attack = {
  id: "chip-card-swiped",
  detection: "chip-fallback",
  title: "A card with a chip swiped three times",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 120, 400);
    const card = newCard(context);
    return Array.from({ length: 3 }, () =>
      context.record(till, tick(), "payment", {
        ...paymentFields(context, card, random.int(4_000, 12_000)),
        entry_mode: "fallback",
        card_has_chip: true,
      }),
    );
  },
};
