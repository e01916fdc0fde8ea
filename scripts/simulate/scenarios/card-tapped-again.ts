// A found card is tapped until the bank asks for its PIN.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const cardTappedAgain: Attack = {
  id: "card-tapped-again",
  detection: "rapid-re-tap",
  title: "One card tapped seven times in a row",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 60, 150);
    const card = newCard(context);
    return Array.from({ length: 7 }, () =>
      context.record(till, tick(), "payment", {
        ...paymentFields(context, card, random.int(1_500, 4_500)),
        entry_mode: "contactless",
      }),
    );
  },
};
