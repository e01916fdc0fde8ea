// Card holders complain in numbers: what was tested elsewhere was spent here.
import { type Attack, clockFrom, newCard } from "../attack.ts";

const DAY_MS = 86_400_000;

export const disputeWave: Attack = {
  id: "dispute-wave",
  detection: "dispute-arrived",
  title: "Twelve disputes for fraud within half an hour",
  when: "open",
  inject(context) {
    const { random, floor, sales } = context;
    const tick = clockFrom(context, 20, 150);
    const paid = sales.filter(({ card }) => card !== undefined);
    return Array.from({ length: 12 }, (_, n) => {
      const sale = paid[paid.length - 1 - n];
      const ts = tick();
      return context.record(floor, ts, "dispute", {
        dispute_kind: n % 3 === 0 ? "warning" : "chargeback",
        payment_id: sale?.payment_id ?? `p-${random.hex(32)}`,
        card_token: sale?.card?.card_token ?? newCard(context).card_token,
        amount: sale?.amount ?? random.int(20, 180) * 100,
        reason_code: "10.4",
        is_fraud: true,
        due_ts: ts + 14 * DAY_MS,
      });
    });
  },
};
