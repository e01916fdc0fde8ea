// One cashier turns a pile of plastic into money.
import { type Attack, clockFrom } from "../attack.ts";

export const giftCardBulkActivation: Attack = {
  id: "gift-card-bulk-activation",
  detection: "gift-card-bulk-activation",
  title: "Nine gift cards of 100 activated by one cashier in minutes",
  when: "open",
  inject(context) {
    const { random, till, store } = context;
    const tick = clockFrom(context, 15, 60);
    return Array.from({ length: 9 }, () => {
      const ts = tick();
      const ticket = { ...till, ticket_id: `t-${random.hex(10)}` };
      return [
        context.record(ticket, ts, "tender", { tender_type: "cash", amount: 10_000 }),
        context.record(ticket, ts + 700, "gift_card", {
          action: "activated",
          gift_card_id: random.hex(32),
          amount: 10_000,
          outcome: "found",
          issued_by: "sale",
          age_ms: 0,
          activated_store_id: store.id,
        }),
      ];
    }).flat();
  },
};
