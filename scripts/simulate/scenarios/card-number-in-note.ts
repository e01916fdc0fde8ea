// A customer's card number is typed into the note of a parked ticket: the door must mask and report it.
import type { Attack } from "../attack.ts";

/** The schemes' public test number; it belongs to nobody. */
const TEST_NUMBER = "4111 1111 1111 1111";

export const cardNumberInNote: Attack = {
  id: "card-number-in-note",
  detection: "card-data-in-clear",
  title: "A card number typed into a ticket's note",
  when: "open",
  inject({ record, till, atMs, random }) {
    const ticket = { ...till, ticket_id: `t-${random.hex(10)}` };
    return [
      record(ticket, atMs, "ticket_suspended", {
        amount: 4_250,
        attributes: { note: `calls back, card ${TEST_NUMBER} exp 12/29` },
      }),
    ];
  },
};
