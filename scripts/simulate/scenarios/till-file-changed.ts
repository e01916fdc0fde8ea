// The till's own program was changed, and no release did it.
import type { Attack } from "../attack.ts";

export const tillFileChanged: Attack = {
  id: "till-file-changed",
  detection: "file-integrity-change",
  title: "The till's card-reader library changed outside a release",
  when: "open",
  inject({ record, till, atMs, random }) {
    const { staff: _, shift_id: __, ...machine } = till;
    return ["/opt/till/reader.so", "/opt/till/till.js"].map((path, n) =>
      record(machine, atMs + n * 1_200, "file_changed", {
        path,
        old_hash: random.hex(32),
        new_hash: random.hex(32),
        in_release: false,
      }),
    );
  },
};
