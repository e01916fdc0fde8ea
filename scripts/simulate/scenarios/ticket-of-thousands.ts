// A ticket a hundred times the usual goes through.
import { type Attack, smallSale } from "../attack.ts";

export const ticketOfThousands: Attack = {
  id: "ticket-of-thousands",
  detection: "ticket-size-outlier",
  title: "One ticket of four thousand among coffees",
  when: "open",
  minDays: 15,
  inject(context) {
    return smallSale(context, context.atMs, { amount: 400_000 }).events;
  },
};
