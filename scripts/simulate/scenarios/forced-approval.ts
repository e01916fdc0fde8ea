// The bank is not asked: payments are pushed through by hand or while "offline".
import { type Attack, clockFrom, newCard, paymentFields } from "../attack.ts";

export const forcedApproval: Attack = {
  id: "forced-approval",
  detection: "forced-or-offline-approval",
  title: "Payments forced through or approved offline at one till",
  when: "open",
  inject(context) {
    const tick = clockFrom(context, 30, 120);
    return ["forced", "offline", "voice", "forced"].map((auth_kind) =>
      context.record(context.till, tick(), "payment", {
        ...paymentFields(context, newCard(context), context.random.int(120, 480) * 100),
        entry_mode: auth_kind === "voice" ? "keyed" : "swipe",
        auth_kind,
        ...(auth_kind === "offline" ? { offline: true } : {}),
      }),
    );
  },
};
