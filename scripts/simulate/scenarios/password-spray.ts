// One source tries a common password on many names, so that no single account locks.
import { type Attack, clockFrom, ownerOf, strangerFields } from "../attack.ts";

export const passwordSpray: Attack = {
  id: "password-spray",
  detection: "password-spray",
  title: "One address fails to sign in to fourteen accounts",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 8, 30);
    const { device_id, ip, ip_country } = strangerFields(context, ownerOf(context.shop));
    return Array.from({ length: 14 }, () =>
      context.record(context.desk, tick(), "sign_in", {
        login_hash: context.random.hex(32),
        outcome: "failure",
        reason: "unknown_account",
        method: "password",
        ...(device_id === undefined ? {} : { device_id }),
        ...(ip === undefined ? {} : { ip }),
        ...(ip_country === undefined ? {} : { ip_country }),
      }),
    );
  },
};
