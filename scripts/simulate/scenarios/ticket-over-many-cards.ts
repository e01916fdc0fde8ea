// A large ticket is split over many cards.
import { type Attack, clockFrom, newCard } from "../attack.ts";

export const ticketOverManyCards: Attack = {
  id: "ticket-over-many-cards",
  detection: "split-tender",
  title: "One ticket paid with five cards",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 10, 40);
    const place = { ...till, ticket_id: `t-${random.hex(10)}` };
    return Array.from({ length: 5 }, () =>
      context.record(place, tick(), "tender", {
        tender_type: "card",
        amount: random.int(9_000, 9_900),
        card_token: newCard(context).card_token,
      }),
    );
  },
};
