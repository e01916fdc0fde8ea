// One trading day of one shop: opening, the rota over the tills, customers, machines, closing; then the next day.
import { planCustomers } from "./customers.ts";
import { planMachines, updateTills } from "./machines.ts";
import { planAftermath, planOffice } from "./office.ts";
import { DAY_MS, localDay, openingOf, wallToUtc, weekday } from "./opening.ts";
import { planShift } from "./shift.ts";
import type { ShopStaff } from "./shop.ts";
import { type StoreState, say, type World } from "./world.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LONGEST_SHIFT_MS = 8 * HOUR_MS;
/** Tuesday night is update night. */
const UPDATE_WEEKDAY = 1;

function cashiersOf(world: World, state: StoreState): ShopStaff[] {
  return world.shop.staff.filter(
    ({ role, store_id, active }) => role === "cashier" && active && store_id === state.store.id,
  );
}

type Span = { day: number; from: number; to: number };

/**
 * Fills the tills with people. Blocks of neighbours in the staff list take turns, so that nobody stands at two tills
 * and nobody works two shifts in a row.
 */
function planRota(world: World, state: StoreState, { day, from, to }: Span): void {
  const cashiers = cashiersOf(world, state);
  const shifts = Math.max(2, Math.ceil((to - from) / LONGEST_SHIFT_MS));
  for (const [t, till] of state.tills.entries()) {
    for (let k = 0; k < shifts; k += 1) {
      const stagger = state.store.setupMinutes === 0 ? 0 : t * 40_000;
      const begin = from + Math.floor(((to - from) * k) / shifts) + stagger;
      const end =
        from + Math.floor(((to - from) * (k + 1)) / shifts) - (k + 1 === shifts ? stagger : 0);
      const staff = cashiers[((day * shifts + k) * state.tills.length + t) % cashiers.length];
      if (staff === undefined || end <= world.startMs) continue;
      planShift(world, { state, till, staff, from: Math.max(begin, world.startMs), to: end });
    }
  }
}

function planDoors(world: World, state: StoreState, span: Span): void {
  const setup = state.store.setupMinutes * MINUTE_MS;
  const place = { store: state.store };
  const from = Math.max(span.from, world.startMs);
  world.agenda.plan(from, (ts) => say(world, { place, ts }, "store_day", { action: "opened" }));
  // Tills are counted before the last half hour is over, so people leave within the hours.
  planRota(world, state, {
    ...span,
    from: span.from + Math.min(setup, 2 * MINUTE_MS),
    to: span.to - Math.min(setup, 15 * MINUTE_MS),
  });
  planCustomers(world, state, {
    from: Math.max(span.from + setup, world.startMs),
    to: span.to - setup,
  });
  planMachines(world, state, { ...span, from });
  planOffice(world, state, { ...span, from });
  world.agenda.plan(span.to - 1, (ts) => {
    say(world, { place, ts }, "store_day", { action: "closed" });
    planAftermath(world, state, ts);
  });
}

function planDay(world: World, state: StoreState, day: number): void {
  const { store } = state;
  const span = openingOf(store, day);
  if (span !== undefined && span.to > world.startMs) planDoors(world, state, { day, ...span });
  const night = wallToUtc(day * DAY_MS + 26.5 * HOUR_MS, store.zone);
  if (weekday(day) === UPDATE_WEEKDAY && night >= world.startMs) {
    world.agenda.plan(night, (ts) => updateTills(world, state, ts, day));
  }
  const next = wallToUtc((day + 1) * DAY_MS, store.zone);
  world.agenda.plan(next - 1, () => planDay(world, state, day + 1));
}

/** Starts every shop of the business at `world.startMs`, in the middle of a day if need be. */
export function openShop(world: World): void {
  for (const state of world.stores) {
    // Hours of the evening before may still run.
    const day = localDay(world.startMs, state.store.zone) - 1;
    planDay(world, state, day);
  }
}
