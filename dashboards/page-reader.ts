// Reads what the pages show: alerts told in words, with the names of each business.
import type { Advise } from "../core/advice.ts";
import type { Alert } from "../core/alert.ts";
import { tellAlert } from "../core/alert-story.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Names } from "../core/story-names.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { readNames } from "../stores/names.ts";
import type { ToldAlert } from "./pages/alert-card.ts";

type Known = { merchant: Merchant; names: Names };

/** Names are read once for each business, for as long as one page takes. */
export function pageReader(db: Postgres, advise: Advise) {
  const known = new Map<string, Promise<Known>>();
  function look(merchantId: string): Promise<Known> {
    const before = known.get(merchantId);
    if (before !== undefined) return before;
    const reading = readNames(db, merchantId);
    known.set(merchantId, reading);
    return reading;
  }
  return {
    look,
    async tell(alert: Alert, maxRows: number): Promise<ToldAlert> {
      const { merchant, names } = await look(alert.merchant_id);
      const store = alert.store_id === null ? undefined : names.stores.get(alert.store_id);
      return {
        alert,
        // The pages around it are in English.
        story: tellAlert(alert, { ...names, language: "en" }, advise(alert.rule), maxRows),
        merchant: merchant.name,
        zone: store?.zone ?? merchant.zone,
      };
    },
  };
}
