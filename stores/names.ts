// What a merchant calls its shops, tills and people, read at once for those who tell about them.

import { AppError } from "../core/errors.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Names } from "../core/story-names.ts";
import type { Postgres } from "./connect/postgres.ts";
import { findMerchant } from "./merchants.ts";
import { listStaff, listStores, listTerminals } from "./places.ts";

/** Throws NOT_FOUND when there is no such merchant. */
export async function readNames(
  db: Postgres,
  merchantId: string,
): Promise<{ merchant: Merchant; names: Names }> {
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const stores = await listStores(db, merchantId);
  const terminals = await listTerminals(db, merchantId);
  const staff = await listStaff(db, merchantId);
  const names: Names = {
    merchant: merchant.name,
    zone: merchant.zone,
    language: merchant.language,
    stores: new Map(stores.map(({ id, name, zone }) => [id, { name, zone }])),
    terminals: new Map(terminals.map(({ id, name }) => [id, name])),
    staff: new Map(staff.map(({ cashier_id, name }) => [cashier_id, name])),
  };
  return { merchant, names };
}
