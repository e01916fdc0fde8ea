// Somebody with a key and a code is in the shop at night.
import { type Attack, clockFrom } from "../attack.ts";

export const nightVisit: Attack = {
  id: "night-visit",
  detection: "off-hours-activity",
  title: "A drawer opened twice in the middle of the night",
  when: "night",
  inject(context) {
    const tick = clockFrom(context, 20, 90);
    return Array.from({ length: 2 }, () => {
      const ts = tick();
      return [
        context.record(context.till, ts, "drawer_opened", { reason: "no_sale" }),
        context.record(context.till, ts + 14_000, "drawer_closed", { open_ms: 14_000 }),
      ];
    }).flat();
  },
};
