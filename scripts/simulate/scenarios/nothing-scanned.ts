// Goods pass the scanner for ten minutes and none of them beeps.
import type { Attack } from "../attack.ts";

export const nothingScanned: Attack = {
  id: "nothing-scanned",
  detection: "scan-gaps",
  title: "Ten minutes without a scan in the middle of a ticket",
  when: "open",
  minDays: 15,
  inject(context) {
    const { atMs, random, till } = context;
    return [
      context.record(till, atMs, "line_item", {
        line_id: `l-${random.hex(8)}`,
        sku: "hamper",
        department: "pantry",
        is_open_department: false,
        entry_method: "scan",
        quantity_milli: 1_000,
        unit_price: 900,
        list_price: 900,
        cost: 450,
        line_amount: 900,
        is_promo: false,
        scan_gap_ms: 600_000,
      }),
    ];
  },
};
