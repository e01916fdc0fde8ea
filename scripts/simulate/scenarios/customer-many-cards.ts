// One account on the web shop pays with card after card that are not its owner's.
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const customerManyCards: Attack = {
  id: "customer-many-cards",
  detection: "cards-per-customer",
  title: "One customer's account orders with six different cards within minutes",
  when: "open",
  inject(context) {
    const { random, floor, shop } = context;
    const tick = clockFrom(context, 30, 110);
    const customer = random.pick(shop.customers);
    return Array.from({ length: 6 }, () =>
      context.record({ ...floor, customer_id: customer.customer_id }, tick(), "payment", {
        ...paymentFields(context, newCard(context), random.int(30, 120) * 100),
        entry_mode: "online",
        email_hash: customer.email_hash,
        ip: customer.ip,
        ip_country: "GB",
        device_id: `phone-${random.hex(10)}`,
      }),
    );
  },
};
