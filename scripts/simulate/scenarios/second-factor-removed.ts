// Whoever is in makes sure to get in again: the second factor goes.
import { type Attack, ownerOf, strangerFields } from "../attack.ts";

export const secondFactorRemoved: Attack = {
  id: "second-factor-removed",
  detection: "mfa-missing-or-removed",
  title: "The owner's second factor switched off",
  when: "open",
  inject(context) {
    const owner = ownerOf(context.shop);
    const { account_id, device_id, ip, ip_country } = strangerFields(context, owner);
    return [
      context.record(context.desk, context.atMs, "account_changed", {
        ...{ account_id, device_id, ip, ip_country },
        change: "mfa",
        target_account_id: owner.account_id,
        old_value: "totp",
        new_value: "none",
        is_privileged: true,
        mfa_enrolled: false,
      }),
    ];
  },
};
