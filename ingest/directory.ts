// Look-ups of connections, merchants, shops and staff for the hot path: remembered for seconds, filled beside it.

import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { findMerchant } from "../stores/merchants.ts";
import { listStaff, listStores, listTerminals, rememberSeen } from "../stores/places.ts";
import {
  findSource,
  noteTrouble,
  proposeAccount,
  type SourceWithSecrets,
} from "../stores/sources.ts";
import type { SeenNames } from "./steps/remember-names.ts";
import type { ShopFacts } from "./steps/shop-facts.ts";

export type Directory = {
  /** A connection and its secrets, or undefined. Throws SECRET_MISSING, STORE_UNAVAILABLE. */
  source(connectionId: string): Promise<SourceWithSecrets | undefined>;
  /** What we know of a merchant. Throws NOT_FOUND, STORE_UNAVAILABLE when it is needed and cannot be had. */
  shop(merchantId: string): Promise<ShopFacts>;
  proposeAccount(merchantId: string, sourceId: string, account: string): Promise<void>;
  /** Notes why a delivery was refused, at most once a minute for each source: anybody can send bad ones. */
  noteTrouble(merchantId: string, sourceId: string, words: string): void;
  rememberSeen(merchantId: string, names: SeenNames): Promise<void>;
  /** Drops what is remembered of a merchant, after the owner changed it. */
  forget(merchantId?: string): void;
};

type DirectoryDeps = { db: Postgres; sealKey: string; now: () => number; log: Log };

/** Connections change rarely but must end soon after they are removed; shops may lag a little. */
const SOURCE_MS = 5_000;
const SHOP_MS = 15_000;
const TROUBLE_MS = 60_000;
const MOST_SOURCES = 10_000;

type Held<T> = { value: T; at: number; refresh?: Promise<unknown> };

export function makeDirectory({ db, sealKey, now, log }: DirectoryDeps): Directory {
  const sources = new Map<string, Held<SourceWithSecrets | undefined>>();
  const shops = new Map<string, Held<ShopFacts>>();
  const noted = new Map<string, number>();

  const loadShop = async (merchantId: string): Promise<ShopFacts> => {
    const value = await readShop(db, merchantId);
    shops.set(merchantId, { value, at: now() });
    return value;
  };
  return {
    async source(connectionId) {
      const held = sources.get(connectionId);
      if (held !== undefined && Math.abs(now() - held.at) < SOURCE_MS) return held.value;
      const value = await answering(() => findSource(db, connectionId, sealKey, now()));
      if (sources.size >= MOST_SOURCES) sources.clear();
      sources.set(connectionId, { value, at: now() });
      return value;
    },
    async shop(merchantId) {
      const held = shops.get(merchantId);
      if (held === undefined) return answering(() => loadShop(merchantId));
      // An old answer is better than a wait or, with the store away, than none.
      if (Math.abs(now() - held.at) >= SHOP_MS && held.refresh === undefined) {
        held.refresh = loadShop(merchantId).catch((error: unknown) => {
          held.at = now();
          held.refresh = undefined;
          log.warn({ merchantId, error }, "a merchant's shops could not be read again");
        });
      }
      return held.value;
    },
    proposeAccount: (merchantId, sourceId, account) =>
      proposeAccount(db, merchantId, sourceId, account),
    noteTrouble(merchantId, sourceId, words) {
      const at = now();
      if (at - (noted.get(sourceId) ?? 0) < TROUBLE_MS) return;
      if (noted.size >= MOST_SOURCES) noted.clear();
      noted.set(sourceId, at);
      noteTrouble(db, merchantId, { source_id: sourceId, words, at }).catch((error: unknown) =>
        log.warn({ sourceId, error }, "a refused delivery could not be noted"),
      );
    },
    async rememberSeen(merchantId, names) {
      await rememberSeen(db, merchantId, names);
      await loadShop(merchantId);
    },
    forget(merchantId) {
      sources.clear();
      if (merchantId === undefined) shops.clear();
      else shops.delete(merchantId);
    },
  };
}

async function readShop(db: Postgres, merchantId: string): Promise<ShopFacts> {
  const merchant = await findMerchant(db, merchantId);
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  const stores = await listStores(db, merchantId);
  const staff = await listStaff(db, merchantId);
  const terminals = await listTerminals(db, merchantId);
  return {
    merchant,
    stores: new Map(stores.map((store) => [store.id, store])),
    staff: new Map(staff.map((member) => [member.cashier_id, member])),
    terminals: new Set(terminals.map(({ id }) => id)),
  };
}

/** A store that does not answer is our trouble: the sender shall come again. */
async function answering<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new AppError("STORE_UNAVAILABLE", "The store of merchants does not answer.", { cause });
  }
}
