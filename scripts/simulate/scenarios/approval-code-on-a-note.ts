// The approval code hangs on a note beside the till.
import { type Attack, clockFrom } from "../attack.ts";

export const approvalCodeOnANote: Attack = {
  id: "approval-code-on-a-note",
  detection: "approval-sharing",
  title: "One approval code that serves eight cashiers",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 8 }, (_, n) =>
      context.record(till, tick(), "approval_used", {
        cashier_id: `cashier-${n}`,
        approver_id: "manager-note",
        approver_on_shift: true,
        action: "void",
        amount: random.int(500, 3_000),
      }),
    );
  },
};
