// Malware on a till sends what it gathered, between the connections that the till always makes.
import { type Attack, clockFrom } from "../attack.ts";

export const tillCallsHome: Attack = {
  id: "till-calls-home",
  detection: "unexpected-egress",
  title: "A till that sends data to an unknown host",
  when: "open",
  inject(context) {
    const { random, shop, till } = context;
    const tick = clockFrom(context, 10, 40);
    const unknown = { dest_host: "cdn-update.example", dest_ip: "192.0.2.77" };
    return Array.from({ length: 25 }, (_, n) => {
      const { dest_host, dest_ip } = n < 20 ? random.pick(shop.allowedHosts) : unknown;
      return context.record(till, tick(), "connection", {
        dest_host,
        dest_ip,
        dest_port: 443,
        bytes_out: random.int(900, 90_000),
      });
    });
  },
};
