// Something in the reader keeps chips from answering.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const readerBlocked: Attack = {
  id: "reader-blocked",
  detection: "chip-fallback",
  title: "Eight chip cards swiped at one till",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 60, 200);
    return Array.from({ length: 8 }, () =>
      context.record(till, tick(), "payment", {
        ...paymentFields(context, newCard(context), random.int(1_500, 6_000)),
        entry_mode: "fallback",
        card_has_chip: true,
      }),
    );
  },
};
