// A cashier gives friends exactly the most that the till allows without a manager.
import { type Attack, clockFrom, newCard, smallSale } from "../attack.ts";

export const discountsAtCeiling: Attack = {
  id: "discounts-at-ceiling",
  detection: "discount-at-ceiling",
  title: "Twelve sales with exactly the highest discount that a cashier may give",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 20, 70);
    return Array.from({ length: 12 }, () => {
      const amount = context.random.int(12, 60) * 100;
      return smallSale(context, tick(), { amount, card: newCard(context), discountBp: 2_000 })
        .events;
    }).flat();
  },
};
