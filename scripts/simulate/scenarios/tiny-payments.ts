// Cards are tried with amounts that nobody notices.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const tinyPayments: Attack = {
  id: "tiny-payments",
  detection: "micro-amount-probes",
  title: "Nine card payments of a few cents",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 20, 80);
    return Array.from({ length: 9 }, () =>
      context.record(
        till,
        tick(),
        "payment",
        paymentFields(context, newCard(context), random.int(5, 95)),
      ),
    );
  },
};
