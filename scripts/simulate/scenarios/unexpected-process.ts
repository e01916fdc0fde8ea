// A program that does not belong on a till reads the memory in which card data passes by.
import type { Attack } from "../attack.ts";

export const unexpectedProcess: Attack = {
  id: "unexpected-process",
  detection: "unexpected-process",
  title: "An unknown program reads the till's memory and installs itself",
  when: "open",
  inject({ record, till, atMs, random }) {
    const { staff: _, shift_id: __, ...machine } = till;
    const program = { process_name: "svchost-helper", process_hash: random.hex(32) };
    return ["started", "memory_read", "service_added"].map((action, n) =>
      record(machine, atMs + n * 2_500, "process_event", {
        action,
        ...program,
        ...(action === "memory_read" ? { target_process: "till" } : {}),
      }),
    );
  },
};
