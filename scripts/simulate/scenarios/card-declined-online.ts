// One card is tried on the web shop with amount after amount until the bank might say yes.
import { type Attack, clockFrom, declinedFields, newCard } from "../attack.ts";

export const cardDeclinedOnline: Attack = {
  id: "card-declined-online",
  detection: "card-repeated-declines",
  title: "One card declined six times on the web shop from one address",
  when: "open",
  inject(context) {
    const { random, floor } = context;
    const tick = clockFrom(context, 150, 420);
    const card = newCard(context);
    const from = { ip: "192.0.2.91", ip_country: "GB", device_id: `laptop-${random.hex(8)}` };
    return Array.from({ length: 6 }, (_, n) =>
      context.record(floor, tick(), "payment", {
        ...declinedFields(context, card, (12 - n) * 2_000),
        ...from,
        entry_mode: "online",
        cvv_result: "match",
      }),
    );
  },
};
