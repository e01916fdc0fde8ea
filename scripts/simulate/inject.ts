// Chooses where and when an attack happens, hands it its surroundings, and labels what it returns.

import { zoneOffsetMs } from "../../core/time.ts";
import type { Attack, AttackContext } from "./attack.ts";
import { momentOf } from "./opening.ts";
import type { Random } from "./random.ts";
import { makeRecorder, type Place, type SimulatedEvent } from "./recorder.ts";
import type { ShopStaff, ShopStore } from "./shop.ts";
import type { StoreState, World } from "./world.ts";

const MINUTE_MS = 60_000;
/** Before and after an attack the shop must be open (or closed) for so long, so that it does not straddle the door. */
const MARGIN_MS = 50 * MINUTE_MS;
const STEP_MS = 10 * MINUTE_MS;

const HOUR_MS = 3_600_000;
const NIGHT_ENDS_HOUR = 5;

function stateAt(store: ShopStore, ts: number): Attack["when"] {
  if (momentOf(store, ts).open) return "open";
  const hour = Math.floor((ts + zoneOffsetMs(ts, store.zone)) / HOUR_MS) % 24;
  return hour < NIGHT_ENDS_HOUR ? "night" : "closed";
}

/** Does the shop's state suit the attack for a while before and after? */
export function suits(attack: Attack, store: ShopStore, ts: number): boolean {
  return [-MARGIN_MS, 0, MARGIN_MS].every((shift) => stateAt(store, ts + shift) === attack.when);
}

export type Spot = { state: StoreState; ts: number };

type Search = { fromMs: number; toMs: number; random: Random };

/** A shop and an instant soon after the first suitable one from `fromMs` on; undefined when there is none before `toMs`. */
export function findSpot(world: World, attack: Attack, search: Search): Spot | undefined {
  const { fromMs, toMs, random } = search;
  for (let ts = fromMs; ts + MARGIN_MS < toMs; ts += STEP_MS) {
    const suited = world.stores.filter(({ store }) => suits(attack, store, ts));
    if (suited.length === 0) continue;
    const state = random.pick(suited);
    // Not all at the minute in which the night ends.
    const later = ts + random.int(0, 180) * MINUTE_MS;
    const fits = later + MARGIN_MS < toMs && suits(attack, state.store, later);
    return { state, ts: fits ? later : ts };
  }
  return undefined;
}

function placeOf(world: World, { state }: Spot): { till: Place; cashier: ShopStaff } {
  const manned = state.tills.find((till) => till.shift !== undefined && !till.shift.ending);
  const [terminal_id] = state.store.terminals;
  const somebody = world.shop.staff.find(
    ({ role, store_id }) => role === "cashier" && store_id === state.store.id,
  );
  const cashier = manned?.shift?.staff ?? somebody ?? (world.shop.staff[0] as ShopStaff);
  const till: Place = { store: state.store, staff: cashier };
  if (manned?.shift !== undefined) {
    return {
      till: { ...till, terminal_id: manned.terminal_id, shift_id: manned.shift.shift_id },
      cashier,
    };
  }
  return { till: terminal_id === undefined ? till : { ...till, terminal_id }, cashier };
}

/** One attack's labelled events, in no particular order. `nth` makes their ids differ from those of other attacks. */
export function makeAttack(
  world: World,
  attack: Attack,
  spot: Spot,
  { random, nth }: { random: Random; nth: number },
): SimulatedEvent[] {
  const label = { attack: attack.id, id: `${world.run}-x${nth}` };
  const context: AttackContext = {
    shop: world.shop,
    random,
    atMs: spot.ts,
    store: spot.state.store,
    ...placeOf(world, spot),
    floor: { store: spot.state.store },
    desk: {},
    sales: spot.state.sales,
    record: makeRecorder(label.id, world.shop.currency, label),
  };
  return attack.inject(context);
}
