// The code of somebody who no longer works here opens the till.
import { type Attack, clockFrom, smallSale } from "../attack.ts";

export const leaverActivity: Attack = {
  id: "leaver-activity",
  detection: "leaver-activity",
  title: "A former employee's code used at a till",
  when: "open",
  inject(context) {
    const staff = context.shop.staff.find(({ active }) => !active) ?? {
      ...context.cashier,
      active: false,
    };
    const { shift_id: _, ...till } = context.till;
    const place = { ...till, staff };
    const tick = clockFrom(context, 20, 60);
    const signIn = context.record(place, tick(), "sign_in", {
      outcome: "success",
      method: "pin",
      account_id: staff.account_id,
      login_hash: staff.login_hash,
      is_privileged: false,
    });
    const { events } = smallSale(context, tick(), { amount: 2_450, place });
    return [signIn, ...events];
  },
};
