// Shops, tills and staff that an event names first are noted, unconfirmed: in batches beside the hot path, never on it.
import type { EventDraft } from "../../core/event.ts";
import type { Log } from "../../core/log.ts";
import type { ShopFacts } from "./shop-facts.ts";

export type SeenNames = {
  stores: string[];
  terminals: { id: string; store_id: string | null }[];
  cashiers: string[];
};
type Pending = {
  stores: Set<string>;
  terminals: Map<string, string | null>;
  cashiers: Set<string>;
};

export type RememberNames = {
  note(draft: EventDraft, shop: ShopFacts): void;
  /** Sends what is waiting. */
  flush(): Promise<void>;
  close(): Promise<void>;
};

/** A sender may name anything; beyond this many in one merchant nothing new is noted. */
const MOST_NAMES = 5_000;
const EVERY_MS = 500;

export function rememberNames(
  save: (merchantId: string, names: SeenNames) => Promise<void>,
  log: Log,
): RememberNames {
  let pending = new Map<string, Pending>();
  let timer: NodeJS.Timeout | undefined;
  let sending = Promise.resolve();

  const send = async () => {
    const batch = pending;
    pending = new Map();
    for (const [merchantId, { stores, terminals, cashiers }] of batch) {
      const list = [...terminals].map(([id, store_id]) => ({ id, store_id }));
      try {
        await save(merchantId, { stores: [...stores], terminals: list, cashiers: [...cashiers] });
      } catch (error) {
        // The same names come again with the next event.
        log.warn({ merchantId, error }, "names seen in events could not be noted");
      }
    }
  };
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    sending = sending.then(send);
    return sending;
  };
  return {
    note(draft, shop) {
      if (!noteNew(pending, draft, shop)) return;
      timer ??= setTimeout(() => void flush(), EVERY_MS).unref();
    },
    flush,
    close: flush,
  };
}

function noteNew(pending: Map<string, Pending>, draft: EventDraft, shop: ShopFacts): boolean {
  const { store_id: store, terminal_id: terminal, cashier_id: cashier } = draft;
  const newStore = isNew(store, shop.stores);
  const newTerminal = isNew(terminal, shop.terminals);
  const newCashier = isNew(cashier, shop.staff);
  if (!newStore && !newTerminal && !newCashier) return false;
  let names = pending.get(shop.merchant.id);
  if (names === undefined) {
    names = { stores: new Set(), terminals: new Map(), cashiers: new Set() };
    pending.set(shop.merchant.id, names);
  }
  if (newStore) names.stores.add(store as string);
  if (newTerminal) names.terminals.set(terminal as string, store ?? null);
  if (newCashier) names.cashiers.add(cashier as string);
  return true;
}

function isNew(
  name: string | undefined,
  known: { has(name: string): boolean; size: number },
): boolean {
  return name !== undefined && !known.has(name) && known.size < MOST_NAMES;
}
