// A copy of a card pays far away while its owner shops.
import { type Attack, newCard, paymentFields } from "../attack.ts";

export const cardInTwoCities: Attack = {
  id: "card-in-two-cities",
  detection: "card-impossible-travel",
  title: "One card present in two cities within half an hour",
  when: "open",
  inject(context) {
    const { atMs, random, till } = context;
    const card = newCard(context);
    const paid = () => paymentFields(context, card, random.int(1_500, 6_000));
    return [
      context.record(till, atMs, "payment", paid()),
      context.record(till, atMs + 1_800_000, "payment", {
        ...paid(),
        store_lat: 48.86,
        store_lon: 2.35,
      }),
    ];
  },
};
