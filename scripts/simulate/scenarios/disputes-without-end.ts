// A leak of card numbers comes back as disputes.
import type { Attack } from "../attack.ts";

export const disputesWithoutEnd: Attack = {
  id: "disputes-without-end",
  detection: "scheme-limit-burn-down",
  title: "Eight hundred disputes in a month",
  when: "open",
  inject(context) {
    const { atMs, floor, random } = context;
    return Array.from({ length: 800 }, (_, n) =>
      context.record(floor, atMs + n * 5_000, "dispute", {
        payment_id: `p-${random.hex(32)}`,
        amount: 1_900,
        is_fraud: true,
        dispute_kind: "chargeback",
        reason_code: "fraud",
      }),
    );
  },
};
