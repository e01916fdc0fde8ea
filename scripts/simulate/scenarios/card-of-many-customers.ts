// Accounts are made in bulk around one stolen card.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const cardOfManyCustomers: Attack = {
  id: "card-of-many-customers",
  detection: "customers-per-card",
  title: "One card behind five customer accounts",
  when: "open",
  inject(context) {
    const { floor, random } = context;
    const tick = clockFrom(context, 300, 900);
    const card = newCard(context);
    return Array.from({ length: 5 }, (_, n) =>
      context.record(floor, tick(), "payment", {
        ...paymentFields(context, card, random.int(2_000, 9_000)),
        entry_mode: "online",
        customer_id: `customer-new-${n}`,
      }),
    );
  },
};
