// A back door with a name: a new account with all rights.
import { type Attack, clockFrom, ownerOf, strangerFields } from "../attack.ts";

export const newAdmin: Attack = {
  id: "new-admin",
  detection: "privilege-or-payout-change",
  title: "A new administrator made from a new device",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 30, 120);
    const stranger = strangerFields(context, ownerOf(context.shop));
    const { account_id, device_id, ip, ip_country } = stranger;
    return [
      context.record(context.desk, tick(), "sign_in", {
        ...stranger,
        outcome: "success",
        method: "password",
        session_id: `session-${context.random.hex(12)}`,
        is_privileged: true,
      }),
      context.record(context.desk, tick(), "account_changed", {
        ...{ account_id, device_id, ip, ip_country },
        change: "created",
        target_account_id: `account-${context.random.hex(6)}`,
        new_value: "admin",
        is_privileged: true,
        mfa_enrolled: false,
      }),
      context.record(context.desk, tick(), "account_changed", {
        ...{ account_id, device_id, ip, ip_country },
        change: "role",
        target_account_id: context.cashier.account_id,
        old_value: "cashier",
        new_value: "admin",
        is_privileged: true,
        mfa_enrolled: false,
      }),
    ];
  },
};
