import { expect, it } from "vitest";
import type { EventDraft } from "../../core/event.ts";
import type { Store } from "../../core/merchant.ts";
import { fillCurrency } from "./fill-currency.ts";

const shop = (merchant: string, store?: string) => ({
  merchant: { id: "m", zone: "Europe/Dublin", currency: merchant },
  stores: new Map(store === undefined ? [] : [["s1", { currency: store } as Store]]),
  staff: new Map(),
  terminals: new Set<string>(),
});
const sale: EventDraft = { event_type: "sale", ts: 1, amount: 1250, store_id: "s1" };
const filled = (draft: EventDraft, of: ReturnType<typeof shop>) =>
  fillCurrency([{ fact_key: "f", draft }], of)[0]?.draft.currency;

it.each([
  ["the merchant's where the shop is not known", sale, shop("EUR"), "EUR"],
  ["the shop's own before the merchant's", sale, shop("EUR", "GBP"), "GBP"],
  ["none on an event without money", { event_type: "shift", ts: 1 }, shop("EUR"), undefined],
  ["what the event says stands", { ...sale, currency: "USD" }, shop("EUR"), "USD"],
  ["none where the shop does not count in hundredths", sale, shop("JPY"), undefined],
] as const)("%s", (_, draft, of, expected) => {
  expect(filled(draft, of)).toBe(expected);
});
