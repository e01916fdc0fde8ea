// Dear articles go over the counter as something else, keyed by hand.
import { type Attack, clockFrom } from "../attack.ts";

export const soldAsOther: Attack = {
  id: "sold-as-other",
  detection: "generic-item-share",
  title: "Most articles of a day sold without a scan",
  when: "open",
  minDays: 15,
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 5, 15);
    return Array.from({ length: 260 }, () => {
      const amount = random.int(100, 300);
      return context.record(till, tick(), "line_item", {
        line_id: `l-${random.hex(8)}`,
        sku: "other",
        department: "other",
        is_open_department: true,
        entry_method: "keyed",
        quantity_milli: 1_000,
        unit_price: amount,
        list_price: amount,
        cost: 50,
        line_amount: amount,
        is_promo: false,
      });
    });
  },
};
