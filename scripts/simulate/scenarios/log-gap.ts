// Events of a till are missing in the middle: somebody, or a fault, took out what we were to see.
import type { Attack } from "../attack.ts";

export const logGap: Attack = {
  id: "log-gap",
  detection: "silence",
  title: "A gap in a till's running numbers",
  when: "open",
  inject({ record, till, atMs }) {
    const { staff: _, shift_id: __, ...machine } = till;
    return [record(machine, atMs, "control_failed", { control: "log_gap" })];
  },
};
