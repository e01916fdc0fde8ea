// The currency of money whose provider names none: the shop's own, else the merchant's.
import type { Fact } from "../../core/delivery.ts";
import { FIELD_SPECS } from "../../core/event-fields.ts";
import { currencyDecimals } from "../../core/money.ts";
import type { ShopFacts } from "./shop-facts.ts";

/**
 * Such sources count in hundredths. In a shop whose currency does not, the events go without, and the check sets them aside:
 * better than amounts that are a hundred times too large.
 */
export function fillCurrency(facts: readonly Fact[], shop: ShopFacts): Fact[] {
  return facts.map((fact) => {
    const { draft } = fact;
    const hasMoney = Object.keys(draft).some((name) => FIELD_SPECS.get(name)?.kind === "m");
    if (!hasMoney || draft.currency !== undefined) return fact;
    const store = draft.store_id === undefined ? undefined : shop.stores.get(draft.store_id);
    const currency = store?.currency ?? shop.merchant.currency;
    return currencyDecimals(currency) === 2 ? { ...fact, draft: { ...draft, currency } } : fact;
  });
}
