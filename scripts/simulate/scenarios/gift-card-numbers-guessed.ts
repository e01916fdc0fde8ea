// Numbers of gift cards are tried one after another.
import { type Attack, clockFrom } from "../attack.ts";

export const giftCardNumbersGuessed: Attack = {
  id: "gift-card-numbers-guessed",
  detection: "gift-card-balance-probing",
  title: "Thirty balance checks of gift cards that do not exist",
  when: "open",
  inject(context) {
    const { floor } = context;
    const tick = clockFrom(context, 4, 14);
    return Array.from({ length: 30 }, (_, n) =>
      context.record(floor, tick(), "gift_card", {
        action: "balance_checked",
        outcome: "not_found",
        gift_card_id: `guess-${n}`,
        ip: "198.51.100.77",
      }),
    );
  },
};
