// Numbers of one issuer's range are made up and tried in bulk, each from another address.
import { type Attack, clockFrom, declinedFields, paymentFields } from "../attack.ts";
import { cardOf } from "../cards.ts";

export const binAttack: Attack = {
  id: "bin-attack",
  detection: "bin-enumeration",
  title: "Twenty-four made-up cards of one issuer range, nearly all declined",
  when: "open",
  inject(context) {
    const { random, floor } = context;
    const tick = clockFrom(context, 4, 18);
    const issuer = { bin: `49${random.digits(4)}`, issuer_country: "US" };
    return Array.from({ length: 24 }, (_, n) => {
      const card = cardOf(random, issuer);
      const amount = random.int(100, 900);
      const paid = n % 9 === 8;
      return context.record(floor, tick(), "payment", {
        ...(paid ? paymentFields(context, card, amount) : declinedFields(context, card, amount)),
        entry_mode: "online",
        ip: `203.0.113.${10 + n}`,
        ip_country: random.pick(["US", "VN", "RO", "BR"]),
        device_id: `proxy-${random.hex(8)}`,
      });
    });
  },
};
