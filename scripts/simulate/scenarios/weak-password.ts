// A password is set that any list of leaked ones contains.
import { type Attack, ownerOf } from "../attack.ts";

export const weakPassword: Attack = {
  id: "weak-password",
  detection: "weak-password",
  title: "A short, leaked default password set for an account with all rights",
  when: "open",
  inject({ record, desk, shop, atMs }) {
    const { account_id, device_id, ip } = ownerOf(shop);
    return [
      record(desk, atMs, "account_changed", {
        ...{ account_id, device_id, ip, ip_country: "GB" },
        change: "password",
        target_account_id: account_id,
        is_privileged: true,
        mfa_enrolled: true,
        password_too_short: true,
        password_is_default: true,
        password_breached: true,
      }),
    ];
  },
};
