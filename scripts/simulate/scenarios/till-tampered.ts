// A till's case is opened, and what reports afterwards is another machine.
import type { Attack } from "../attack.ts";

export const tillTampered: Attack = {
  id: "till-tampered",
  detection: "stale-or-tampered-terminal",
  title: "A till's case opened, then heartbeats with a strange serial number",
  when: "open",
  inject({ record, till, atMs, random }) {
    const { staff: _, shift_id: __, ...machine } = till;
    return [
      record(machine, atMs, "terminal_tamper", { tamper_kind: "case_opened" }),
      record(machine, atMs + 95_000, "terminal_heartbeat", {
        interval_ms: 60_000,
        abs_clock_skew_ms: 140,
        serial_ok: false,
        firmware_ok: false,
        antivirus_on: true,
        serial_hash: random.hex(32),
      }),
    ];
  },
};
