// A stolen session cookie is used from another country.
import { type Attack, ownerOf } from "../attack.ts";

export const sessionCopied: Attack = {
  id: "session-copied",
  detection: "new-device-new-country",
  title: "One session seen in two countries",
  when: "open",
  inject(context) {
    const { atMs, desk, shop } = context;
    const { account_id } = ownerOf(shop);
    return ["GB", "BR", "GB", "BR"].map((ip_country, n) =>
      context.record(desk, atMs + n * 120_000, "session_seen", {
        account_id,
        session_id: "session-copied",
        ip_country,
      }),
    );
  },
};
