// A card is used as long as it works.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const cardUsedAllDay: Attack = {
  id: "card-used-all-day",
  detection: "card-velocity",
  title: "One card that pays nine times in an afternoon",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 900);
    const card = newCard(context);
    return Array.from({ length: 9 }, () =>
      context.record(
        till,
        tick(),
        "payment",
        paymentFields(context, card, random.int(2_000, 9_000)),
      ),
    );
  },
};
