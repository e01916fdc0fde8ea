// A cashier refunds other people's purchases to one and the same card.
import { type Attack, clockFrom, newCard, smallSale } from "../attack.ts";

export const refundsToOneCard: Attack = {
  id: "refunds-to-one-card",
  detection: "refunds-to-one-card",
  title: "Four customers' purchases refunded to one card by the cashier who sold them",
  when: "open",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 25, 80);
    const friend = newCard(context);
    const sold = Array.from({ length: 4 }, () => {
      const card = newCard(context);
      const ts = tick();
      return { ...smallSale(context, ts, { amount: random.int(30, 90) * 100, card }), card, ts };
    });
    const refunds = sold.map(({ sale_id, paid, card, ts: soldTs }) => {
      const ts = tick();
      return context.record(till, ts, "refund", {
        refund_kind: "return",
        sale_id,
        amount: paid,
        tender_type: "card",
        card_token: friend.card_token,
        sale_found: true,
        sale_cashier_id: cashier.cashier_id,
        sale_card_token: card.card_token,
        sale_tender_type: "card",
        sale_age_ms: ts - soldTs - 9_200,
        sale_discount_bp: 0,
      });
    });
    return [...sold.flatMap(({ events }) => events), ...refunds];
  },
};
