// The takings are to go to another bank account.
import { type Attack, ownerOf, strangerFields } from "../attack.ts";

export const payoutAccountChanged: Attack = {
  id: "payout-account-changed",
  detection: "privilege-or-payout-change",
  title: "The payout account changed to another bank account",
  when: "open",
  inject(context) {
    const { account_id, device_id, ip, ip_country } = strangerFields(
      context,
      ownerOf(context.shop),
    );
    return [
      context.record(context.desk, context.atMs, "setting_changed", {
        ...{ account_id, device_id, ip, ip_country },
        setting: "payout_account",
        old_hash: context.random.hex(32),
        new_hash: context.random.hex(32),
      }),
    ];
  },
};
