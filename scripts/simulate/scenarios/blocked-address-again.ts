// An address that the shop has put on its block list comes back: it pays on the web shop and tries the console.
import { type Attack, clockFrom, newCard, paymentFields, strangerFields } from "../attack.ts";

const ADDRESS = "192.0.2.66";

export const blockedAddressAgain: Attack = {
  id: "blocked-address-again",
  detection: "block-list-hit",
  title: "An address on the block list pays and signs in",
  when: "open",
  lists: { block: [ADDRESS] },
  inject(context) {
    const { cashier, desk, floor } = context;
    const tick = clockFrom(context, 60, 180);
    const from = { ip: ADDRESS, ip_country: "GB" };
    return [
      context.record(floor, tick(), "payment", {
        ...paymentFields(context, newCard(context), 6_400),
        ...from,
        entry_mode: "online",
      }),
      context.record(desk, tick(), "sign_in", {
        ...strangerFields(context, cashier),
        ...from,
        outcome: "failure",
        reason: "wrong_password",
        method: "password",
      }),
    ];
  },
};
