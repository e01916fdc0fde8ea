// A gift card is emptied elsewhere minutes after it was sold: its number was copied from the rack.
import type { Attack } from "../attack.ts";

export const giftCardQuickDrain: Attack = {
  id: "gift-card-quick-drain",
  detection: "gift-card-quick-drain",
  title: "A gift card emptied on the web four minutes after its activation",
  when: "open",
  inject({ record, till, floor, store, atMs, random }) {
    const gift_card_id = random.hex(32);
    const amount = 10_000;
    const activatedTs = atMs + 1_500;
    const ticket = { ...till, ticket_id: `t-${random.hex(10)}` };
    const common = {
      gift_card_id,
      outcome: "found",
      issued_by: "sale",
      activated_store_id: store.id,
    };
    const strange = { ip: "192.0.2.140", ip_country: "NG", activated_ip: "198.51.100.200" };
    const drain = (after: number, action: string, spent: number) =>
      record(floor, activatedTs + after, "gift_card", {
        ...common,
        ...strange,
        action,
        amount: spent,
        age_ms: after,
      });
    return [
      record(ticket, atMs, "tender", { tender_type: "cash", amount }),
      record(ticket, activatedTs, "gift_card", {
        ...common,
        action: "activated",
        amount,
        age_ms: 0,
      }),
      drain(150_000, "balance_checked", amount),
      drain(240_000, "redeemed", 6_000),
      drain(270_000, "redeemed", 4_000),
    ];
  },
};
