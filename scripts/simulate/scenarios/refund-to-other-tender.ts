// What a customer paid by card is refunded in cash, and once more to a strange card.
import { type Attack, clockFrom, newCard, smallSale } from "../attack.ts";

export const refundToOtherTender: Attack = {
  id: "refund-to-other-tender",
  detection: "refund-to-other-tender",
  title: "Card sales refunded in cash and to another card",
  when: "open",
  inject(context) {
    const { random, till, cashier } = context;
    const tick = clockFrom(context, 30, 100);
    return ["cash", "card"].flatMap((tender_type) => {
      const card = newCard(context);
      const soldTs = tick();
      const sold = smallSale(context, soldTs, { amount: random.int(40, 95) * 100, card });
      const ts = tick();
      const refund = context.record(till, ts, "refund", {
        refund_kind: "return",
        sale_id: sold.sale_id,
        amount: sold.paid,
        tender_type,
        ...(tender_type === "card" ? { card_token: newCard(context).card_token } : {}),
        sale_found: true,
        sale_cashier_id: cashier.cashier_id,
        sale_card_token: card.card_token,
        sale_tender_type: "card",
        sale_age_ms: ts - soldTs - 9_200,
        sale_discount_bp: 0,
      });
      return [...sold.events, refund];
    });
  },
};
