// A merchant's shops, tills and staff: confirmed by the owner, or only seen in events so far.
import { AppError } from "../core/errors.ts";
import type { StaffMember, Store } from "../core/merchant.ts";
import type { Postgres } from "./connect/postgres.ts";

export type Terminal = {
  id: string;
  merchant_id: string;
  store_id: string | null;
  name: string;
  confirmed: boolean;
};

/** Names that stood in events. A terminal's store is made too. */
export type Seen = {
  stores?: readonly string[];
  terminals?: readonly { id: string; store_id: string | null }[];
  cashiers?: readonly string[];
};

const STORE = [
  "id",
  "merchant_id",
  "name",
  "zone",
  "currency",
  "lat",
  "lon",
  "opening_hours",
  "confirmed",
] as const;

/**
 * Makes a shop, or changes what is given of one that is there. An owner's word: it becomes confirmed.
 * What a new shop does not name it takes from its merchant. Throws NOT_FOUND when the merchant is not there.
 */
export async function upsertStore(
  db: Postgres,
  merchantId: string,
  store: Partial<Omit<Store, "merchant_id">> & { id: string },
): Promise<Store> {
  const merchant = await merchantDefaults(db, merchantId);
  const { opening_hours: hours, ...given } = definedOnly(store);
  const change = {
    confirmed: true,
    ...given,
    ...(hours === undefined
      ? {}
      : { opening_hours: hours === null ? null : JSON.stringify(hours) }),
  };
  return db
    .insertInto("store")
    .values({ ...merchant, merchant_id: merchantId, name: store.id, ...change })
    .onConflict((on) => on.columns(["merchant_id", "id"]).doUpdateSet(change))
    .returning(STORE)
    .executeTakeFirstOrThrow();
}

export async function listStores(db: Postgres, merchantId: string): Promise<Store[]> {
  return db
    .selectFrom("store")
    .select(STORE)
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
}

export async function listTerminals(db: Postgres, merchantId: string): Promise<Terminal[]> {
  return db
    .selectFrom("terminal")
    .select(["id", "merchant_id", "store_id", "name", "confirmed"])
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
}

const STAFF = ["cashier_id", "merchant_id", "name", "role", "active", "confirmed"] as const;

/** Makes a person at the till, or changes what is given. An owner's word: it becomes confirmed. Throws NOT_FOUND. */
export async function upsertStaff(
  db: Postgres,
  merchantId: string,
  staff: Partial<Omit<StaffMember, "merchant_id">> & { cashier_id: string },
): Promise<StaffMember> {
  await merchantDefaults(db, merchantId);
  const change = { confirmed: true, ...definedOnly(staff) };
  return db
    .insertInto("staff")
    .values({
      role: "cashier",
      active: true,
      name: staff.cashier_id,
      ...change,
      merchant_id: merchantId,
    })
    .onConflict((on) => on.columns(["merchant_id", "cashier_id"]).doUpdateSet(change))
    .returning(STAFF)
    .executeTakeFirstOrThrow();
}

export async function listStaff(db: Postgres, merchantId: string): Promise<StaffMember[]> {
  return db
    .selectFrom("staff")
    .select(STAFF)
    .where("merchant_id", "=", merchantId)
    .orderBy("cashier_id")
    .execute();
}

/**
 * Notes names that stood in events, unconfirmed; what is there already stays as it is. Call it with new names only,
 * and not for each event. Names that are too long, or that Postgres cannot hold, are left out. Throws NOT_FOUND.
 */
export async function rememberSeen(db: Postgres, merchantId: string, seen: Seen): Promise<void> {
  const merchant = await merchantDefaults(db, merchantId);
  const terminals = (seen.terminals ?? []).filter(({ id }) => fits(id));
  const stores = new Set([...(seen.stores ?? []), ...terminals.map(({ store_id }) => store_id)]);
  const common = { merchant_id: merchantId, confirmed: false };
  await db.transaction().execute(async (trx) => {
    const storeRows = [...stores]
      .filter((id) => id !== null)
      .filter(fits)
      .map((id) => ({ ...common, ...merchant, id, name: id }));
    if (storeRows.length > 0) {
      await trx.insertInto("store").values(storeRows).onConflict(keep).execute();
    }
    const terminalRows = terminals.map(({ id, store_id }) => ({
      ...common,
      id,
      name: id,
      store_id: store_id !== null && fits(store_id) ? store_id : null,
    }));
    if (terminalRows.length > 0) {
      await trx.insertInto("terminal").values(terminalRows).onConflict(keep).execute();
    }
    const staffRows = [...new Set(seen.cashiers)]
      .filter(fits)
      .map((id) => ({ ...common, cashier_id: id, name: id, role: "cashier", active: true }));
    if (staffRows.length > 0) {
      await trx.insertInto("staff").values(staffRows).onConflict(keep).execute();
    }
  });
}

const keep = <T>(on: { doNothing(): T }): T => on.doNothing();

function fits(name: string): boolean {
  return name.length > 0 && name.length <= 128 && !name.includes("\0");
}

async function merchantDefaults(
  db: Postgres,
  merchantId: string,
): Promise<{ zone: string; currency: string }> {
  const merchant = await db
    .selectFrom("merchant")
    .select(["zone", "currency"])
    .where("id", "=", merchantId)
    .executeTakeFirst();
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  return merchant;
}

/** Kysely would write an `undefined` as NULL on insert; what was not given must keep its default. */
function definedOnly<T extends object>(of: T): T {
  return Object.fromEntries(Object.entries(of).filter(([, value]) => value !== undefined)) as T;
}
