// When people come: hour by hour, day by day of the week, at random in between; and which till they go to.
import { zoneOffsetMs } from "../../core/time.ts";
import { checkout } from "./checkout.ts";
import { DAY_MS, weekday } from "./opening.ts";
import { bringBack } from "./refund.ts";
import type { Customer } from "./shop.ts";
import type { StoreState, Till, World } from "./world.ts";

const HOUR_MS = 3_600_000;
/** Share of the busiest hour's customers by local hour: coffee at eight, lunch, the way home. */
const BY_HOUR = [
  0.25, 0.22, 0.2, 0.2, 0.22, 0.28, 0.4, 0.62, 0.95, 0.72, 0.6, 0.75, 1, 0.98, 0.66, 0.58, 0.68,
  0.88, 0.8, 0.55, 0.45, 0.4, 0.35, 0.3,
];
/** Monday first: Saturdays are the busiest. */
const BY_WEEKDAY = [0.82, 0.84, 0.9, 0.98, 1.15, 1.32, 1.05];
const BUSIEST = 1.32;
const RETURN_SHARE = 0.013;
const PATIENCE_MS = 8 * 60_000;

function freeTills(state: StoreState): Till[] {
  return state.tills
    .filter((till) => till.shift !== undefined && !till.shift.ending)
    .sort((a, b) => a.busyUntilMs - b.busyUntilMs);
}

/** Known customers live near one shop: nobody pays in three towns a day. */
function whoCame({ shop }: World, { random, store }: StoreState): Customer | undefined {
  if (!random.chance(0.38)) return undefined;
  const { customers, stores } = shop;
  const any = random.int(0, customers.length - 1);
  const near = any - (any % stores.length) + stores.findIndex(({ id }) => id === store.id);
  return customers[near] ?? customers[any];
}

function serve(world: World, state: StoreState, ts: number): void {
  const { random, store } = state;
  const customer = whoCame(world, state);
  if (customer !== undefined && random.chance(store.onlineShare)) {
    checkout(world, { state, ts, customer });
    return;
  }
  const tills = freeTills(state);
  const till = tills[0];
  if (till === undefined || till.busyUntilMs - ts > PATIENCE_MS) return;
  if (random.chance(RETURN_SHARE) && bringBack(world, state, tills, ts)) return;
  const start = Math.max(ts, till.busyUntilMs) + random.int(400, 2_500);
  checkout(world, { state, ts: start, till, ...(customer === undefined ? {} : { customer }) });
}

/** Customers per hour that this shop expects at an instant, before `pace`. */
function demand(state: StoreState, ts: number): number {
  const { zone, peakCustomersPerHour } = state.store;
  const wall = ts + zoneOffsetMs(ts, zone);
  const day = Math.floor(wall / DAY_MS);
  const hour = Math.floor((wall - day * DAY_MS) / HOUR_MS);
  return peakCustomersPerHour * (BY_HOUR[hour] ?? 0) * (BY_WEEKDAY[weekday(day)] ?? 1);
}

/**
 * Lets customers come between `from` and `to`: a Poisson process at the busiest rate, thinned to the rate of the hour
 * (Lewis and Shedler 1979).
 */
export function planCustomers(
  world: World,
  state: StoreState,
  doors: { from: number; to: number },
): void {
  const most = state.store.peakCustomersPerHour * BUSIEST;
  const gap = () => Math.ceil((state.random.exponential(1) * HOUR_MS) / (most * world.pace));
  const arrive = (ts: number) => {
    if (ts >= doors.to) return;
    if (state.random.chance(demand(state, ts) / most)) serve(world, state, ts);
    world.agenda.plan(ts + gap(), arrive);
  };
  world.agenda.plan(doors.from + gap(), arrive);
}
