// Somebody without an account tries one card until it works or is blocked.
import { type Attack, clockFrom, declinedFields, newCard } from "../attack.ts";

export const guestCardGuessed: Attack = {
  id: "guest-card-guessed",
  detection: "guest-card-declines",
  title: "One guest card declined twelve times",
  when: "open",
  inject(context) {
    const { floor, random } = context;
    const tick = clockFrom(context, 60, 150);
    const card = newCard(context);
    return Array.from({ length: 12 }, () =>
      context.record(floor, tick(), "payment", {
        ...declinedFields(context, card, random.int(2_000, 9_000)),
        entry_mode: "online",
        ip: `198.51.100.${random.int(1, 250)}`,
      }),
    );
  },
};
