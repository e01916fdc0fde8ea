// The drawer is opened again and again although nothing is sold.
import { type Attack, clockFrom } from "../attack.ts";

export const noSaleOpenings: Attack = {
  id: "no-sale-openings",
  detection: "no-sale-opens",
  title: "Ten drawer openings without a sale in one shift",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 25, 110);
    return Array.from({ length: 10 }, () => {
      const ts = tick();
      const open_ms = random.int(3_000, 9_000);
      return [
        context.record(till, ts, "drawer_opened", { reason: "no_sale" }),
        context.record(till, ts + open_ms, "drawer_closed", { open_ms }),
      ];
    }).flat();
  },
};
