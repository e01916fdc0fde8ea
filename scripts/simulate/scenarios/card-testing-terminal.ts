// Stolen numbers are keyed in at one till, one after another, to see which still work.
import { type Attack, clockFrom, declinedFields, newCard, paymentFields } from "../attack.ts";

export const cardTestingTerminal: Attack = {
  id: "card-testing-terminal",
  detection: "card-testing-source",
  title: "Fourteen different cards declined at one till within half a minute",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 1, 2);
    const keyed = { entry_mode: "keyed" };
    const events = Array.from({ length: 14 }, () => {
      const fields = declinedFields(context, newCard(context), random.int(50, 190));
      return context.record(till, tick(), "payment", { ...fields, ...keyed });
    });
    const lucky = paymentFields(context, newCard(context), random.int(50, 190));
    events.push(context.record(till, tick(), "payment", { ...lucky, ...keyed }));
    return events;
  },
};
