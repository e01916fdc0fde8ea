// One account, many passwords.
import { type Attack, clockFrom, ownerOf, strangerFields } from "../attack.ts";

export const passwordBruteForce: Attack = {
  id: "password-brute-force",
  detection: "sign-in-brute-force",
  title: "Twenty-six wrong passwords for the owner's account within minutes",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 2, 9);
    const stranger = strangerFields(context, ownerOf(context.shop));
    return Array.from({ length: 26 }, () =>
      context.record(context.desk, tick(), "sign_in", {
        ...stranger,
        outcome: "failure",
        reason: "wrong_password",
        method: "password",
        is_privileged: true,
      }),
    );
  },
};
