// One account works through a list of cards.
import { type Attack, clockFrom, declinedFields, newCard } from "../attack.ts";

export const customerPaymentsFailing: Attack = {
  id: "customer-payments-failing",
  detection: "customer-cycling-cards",
  title: "A customer account that fails with card after card",
  when: "open",
  inject(context) {
    const { floor, random } = context;
    const tick = clockFrom(context, 60, 200);
    return Array.from({ length: 7 }, () =>
      context.record(floor, tick(), "payment", {
        ...declinedFields(context, newCard(context), random.int(2_000, 9_000)),
        entry_mode: "online",
        customer_id: "customer-cycler",
      }),
    );
  },
};
