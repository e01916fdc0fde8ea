// The drawer stands open while change is made by hand.
import type { Attack } from "../attack.ts";

export const drawerOpenForMinutes: Attack = {
  id: "drawer-open-for-minutes",
  detection: "drawer-left-open",
  title: "A drawer open for six minutes",
  when: "open",
  inject(context) {
    const { atMs, till } = context;
    return [
      context.record(till, atMs, "drawer_opened", { reason: "change" }),
      context.record(till, atMs + 360_000, "drawer_closed", { open_ms: 360_000 }),
    ];
  },
};
