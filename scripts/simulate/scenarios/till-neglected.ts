// A till without its security fixes and with its protection switched off: an open door rather than a break-in.
import type { Attack } from "../attack.ts";

const DAY_MS = 86_400_000;

export const tillNeglected: Attack = {
  id: "till-neglected",
  detection: "stale-or-tampered-terminal",
  title: "A till with a fix overdue for 47 days, a wrong clock and no protection",
  when: "open",
  inject({ record, till, atMs }) {
    const { staff: _, shift_id: __, ...machine } = till;
    return Array.from({ length: 3 }, (_unused, n) =>
      record(machine, atMs + n * 60_000, "terminal_heartbeat", {
        interval_ms: 60_000,
        software_version: "6.1.3",
        fix_overdue_ms: 47 * DAY_MS,
        abs_clock_skew_ms: 190_000,
        serial_ok: true,
        firmware_ok: true,
        antivirus_on: false,
      }),
    );
  },
};
