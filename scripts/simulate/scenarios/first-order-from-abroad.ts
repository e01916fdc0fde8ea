// A new customer orders from one country with a card of another.
import { type Attack, newCard, paymentFields } from "../attack.ts";

export const firstOrderFromAbroad: Attack = {
  id: "first-order-from-abroad",
  detection: "country-mismatch",
  title: "A first order with a card from another country",
  when: "open",
  inject(context) {
    const { atMs, floor, random } = context;
    return [
      context.record({ ...floor, customer_id: `new-${random.hex(8)}` }, atMs, "payment", {
        ...paymentFields(context, newCard(context), 24_000),
        entry_mode: "online",
        issuer_country: "US",
        ip: "192.0.2.77",
        ip_country: "RO",
      }),
    ];
  },
};
