// What ingest knows of a merchant when an event arrives: zone, shops, staff. Loaded beside the hot path, read on it.
import type { Merchant, StaffMember, Store } from "../../core/merchant.ts";

export type ShopFacts = {
  merchant: Pick<Merchant, "id" | "zone" | "currency">;
  stores: ReadonlyMap<string, Store>;
  staff: ReadonlyMap<string, StaffMember>;
  terminals: ReadonlySet<string>;
};
