// A card that still works is used for all that it gives.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const cardSpendsAFortune: Attack = {
  id: "card-spends-a-fortune",
  detection: "card-spend-velocity",
  title: "One card that spends a month of takings in an hour",
  when: "open",
  minDays: 15,
  inject(context) {
    const { till } = context;
    const tick = clockFrom(context, 400, 900);
    const card = newCard(context);
    return Array.from({ length: 3 }, () =>
      context.record(till, tick(), "payment", paymentFields(context, card, 180_000)),
    );
  },
};
