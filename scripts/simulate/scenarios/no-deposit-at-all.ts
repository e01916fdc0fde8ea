// The stall at the market closes its day; nobody brings the money to the bank.
import type { Attack } from "../attack.ts";

export const noDepositAtAll: Attack = {
  id: "no-deposit-at-all",
  detection: "deposit-missing-or-short",
  title: "A market stall whose takings never reach the bank",
  when: "open",
  minDays: 15,
  inject(context) {
    const { atMs, store } = context;
    const stall = { ...store, id: "market-stall" };
    return [context.record({ store: stall }, atMs, "store_day", { action: "closed" })];
  },
};
