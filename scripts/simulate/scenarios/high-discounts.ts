// Goods leave the shop at half their price because somebody typed it so.
import { type Attack, clockFrom, smallSale } from "../attack.ts";

export const highDiscounts: Attack = {
  id: "high-discounts",
  detection: "high-discount",
  title: "Discounts of 45 to 80 % given by hand",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 40, 120);
    return [4_500, 6_000, 8_000].flatMap(
      (discountBp) =>
        smallSale(context, tick(), { amount: context.random.int(20, 90) * 100, discountBp }).events,
    );
  },
};
