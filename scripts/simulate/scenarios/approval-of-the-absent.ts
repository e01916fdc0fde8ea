// An approval code is used while its owner is at home.
import { type Attack, clockFrom } from "../attack.ts";

export const approvalOfTheAbsent: Attack = {
  id: "approval-of-the-absent",
  detection: "approval-sharing",
  title: "Approvals by a manager who is not at work",
  when: "open",
  inject(context) {
    const { random, till } = context;
    const tick = clockFrom(context, 300, 900);
    return Array.from({ length: 3 }, () =>
      context.record(till, tick(), "approval_used", {
        approver_id: "manager-at-home",
        approver_on_shift: false,
        action: "refund",
        amount: random.int(1_000, 6_000),
      }),
    );
  },
};
