// Real customers are served in training mode, so that no sale is booked.
import { type Attack, clockFrom } from "../attack.ts";

export const salesInTrainingMode: Attack = {
  id: "sales-in-training-mode",
  detection: "training-mode-activity",
  title: "Drawer openings and payments in training mode",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 60, 200);
    return Array.from({ length: 4 }, () => {
      const ts = tick();
      const amount = random.int(500, 3_000);
      return [
        context.record(till, ts, "tender", { tender_type: "cash", amount, training: true }),
        context.record(till, ts + 500, "drawer_opened", { reason: "sale", training: true }),
      ];
    }).flat();
  },
};
