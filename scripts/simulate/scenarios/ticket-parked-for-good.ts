// The goods leave with a friend; the ticket stays parked.
import type { Attack } from "../attack.ts";

export const ticketParkedForGood: Attack = {
  id: "ticket-parked-for-good",
  detection: "suspended-not-recalled",
  title: "A ticket of 85 parked and forgotten",
  when: "open",
  inject(context) {
    const { atMs, random, till } = context;
    const ticket = { ...till, ticket_id: `t-${random.hex(10)}` };
    return [context.record(ticket, atMs, "ticket_suspended", { amount: 8_500 })];
  },
};
