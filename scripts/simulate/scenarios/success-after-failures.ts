// The guessing has worked: after many wrong passwords a stranger is in.
import { type Attack, clockFrom, strangerFields } from "../attack.ts";
import type { ShopStaff } from "../shop.ts";

export const successAfterFailures: Attack = {
  id: "success-after-failures",
  detection: "success-after-failures",
  title: "A manager's account opened from a new device after eight wrong passwords",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 10, 40);
    const manager = context.shop.staff.find(({ role }) => role === "manager") as ShopStaff;
    const stranger = {
      ...strangerFields(context, manager),
      method: "password",
      is_privileged: true,
    };
    const events = Array.from({ length: 8 }, () =>
      context.record(context.desk, tick(), "sign_in", {
        ...stranger,
        outcome: "failure",
        reason: "wrong_password",
      }),
    );
    const session_id = `session-${context.random.hex(12)}`;
    events.push(
      context.record(context.desk, tick(), "sign_in", {
        ...stranger,
        outcome: "success",
        session_id,
      }),
    );
    return events;
  },
};
