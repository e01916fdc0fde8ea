// The store's wall clock, trading day and opening hours beside an event's UTC time.
import type { EventDraft } from "../../core/event.ts";
import type { OpeningDay, Store } from "../../core/merchant.ts";
import { localTime } from "../../core/time.ts";
import type { ShopFacts } from "./shop-facts.ts";

const DAY_MINUTES = 1440;
const DAY_MS = 86_400_000;

/** Changes the draft in place. A till's own clock stands unless the owner has told us the shop's zone. */
export function addLocalTime(draft: EventDraft, shop: ShopFacts): void {
  const store = draft.store_id === undefined ? undefined : shop.stores.get(draft.store_id);
  const told = store?.confirmed === true ? undefined : draft.ts_local;
  const local = told ?? localTime(draft.ts, store?.zone ?? shop.merchant.zone);
  draft.ts_local = local;
  draft.local_hour = Number(local.slice(11, 13));
  const hours = store?.opening_hours ?? null;
  if (hours !== null) {
    const opening = openingAt(local, hours);
    draft.in_opening_hours = opening !== undefined;
    draft.opening_phase = opening?.phase;
    draft.business_day = opening?.day ?? local.slice(0, 10);
  } else {
    draft.business_day ??= local.slice(0, 10);
  }
  draft.business_month = (draft.business_day as string).slice(0, 7);
  if (store !== undefined) addPlace(draft, store);
}

function addPlace(draft: EventDraft, store: Store): void {
  if (store.lat === null || store.lon === null) return;
  draft.store_lat = store.lat;
  draft.store_lon = store.lon;
}

type Opening = { phase: "first_hour" | "middle" | "last_hour"; day: string };

/**
 * Within which opening a wall-clock time falls, or undefined when the shop is closed. Hours that pass midnight belong
 * to the day on which they began. In: seven days, Monday first, minutes after midnight; the end is not open any more.
 */
export function openingAt(local: string, hours: readonly OpeningDay[]): Opening | undefined {
  const day = local.slice(0, 10);
  const dayMs = Date.parse(`${day}T00:00:00Z`);
  const minute = Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));
  const today = (new Date(dayMs).getUTCDay() + 6) % 7;
  const yesterday = phaseAt(minute + DAY_MINUTES, hours[(today + 6) % 7]);
  if (yesterday !== undefined)
    return { phase: yesterday, day: new Date(dayMs - DAY_MS).toISOString().slice(0, 10) };
  const phase = phaseAt(minute, hours[today]);
  return phase === undefined ? undefined : { phase, day };
}

function phaseAt(minute: number, opening: OpeningDay | undefined): Opening["phase"] | undefined {
  if (opening === null || opening === undefined) return undefined;
  if (minute < opening.from || minute >= opening.to) return undefined;
  if (minute - opening.from < 60) return "first_hour";
  return opening.to - minute <= 60 ? "last_hour" : "middle";
}
