// A script tries stolen cards on the web shop; it changes names but not its address.
import { type Attack, clockFrom, declinedFields, newCard } from "../attack.ts";

export const cardTestingOnline: Attack = {
  id: "card-testing-online",
  detection: "card-testing-source",
  title: "Sixteen cards declined on the web shop from one address and device",
  when: "open",
  inject(context) {
    const { random, floor } = context;
    const tick = clockFrom(context, 2, 9);
    const from = { ip: "192.0.2.77", ip_country: "NL", device_id: `bot-${random.hex(8)}` };
    return Array.from({ length: 16 }, () =>
      context.record(floor, tick(), "payment", {
        ...declinedFields(context, newCard(context), random.int(100, 600)),
        ...from,
        entry_mode: "online",
        email_hash: random.hex(32),
        avs_result: "no_match",
        cvv_result: "no_match",
      }),
    );
  },
};
