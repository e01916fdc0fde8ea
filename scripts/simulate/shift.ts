// One person's time at one till: clocking in, the float, a drawer opened for change, the count at the end.
import type { ShopStaff } from "./shop.ts";
import {
  aboutMs,
  FLOAT_MINOR,
  type StoreState,
  say,
  type Till,
  tillPlace,
  type World,
} from "./world.ts";

const HOUR_MS = 3_600_000;

export type ShiftPlan = {
  state: StoreState;
  till: Till;
  staff: ShopStaff;
  from: number;
  to: number;
};

function signInAtTill(world: World, plan: ShiftPlan, ts: number): number {
  const { random } = plan.state;
  const place = tillPlace(plan.till);
  const { account_id, login_hash } = plan.staff;
  let at = ts;
  if (random.chance(0.05)) {
    say(world, { place, ts: at }, "sign_in", {
      outcome: "failure",
      reason: "wrong_pin",
      method: "pin",
      account_id,
      login_hash,
      is_privileged: false,
    });
    at += aboutMs(world, random, 6);
  }
  say(world, { place, ts: at }, "sign_in", {
    outcome: "success",
    method: "pin",
    account_id,
    login_hash,
    is_privileged: false,
  });
  return at;
}

function countFloat(world: World, plan: ShiftPlan, ts: number): number {
  const place = tillPlace(plan.till);
  const open_ms = aboutMs(world, plan.state.random, 40);
  say(world, { place, ts }, "drawer_opened", { reason: "count" });
  say(world, { place, ts: ts + open_ms - 1 }, "cash_counted", {
    expected: FLOAT_MINOR,
    counted: FLOAT_MINOR,
    difference: 0,
    abs_difference: 0,
  });
  say(world, { place, ts: ts + open_ms }, "drawer_closed", { open_ms });
  return ts + open_ms + 1;
}

/** Small differences are honest: wrong coins often, a wrong note rarely. */
function miscount(state: StoreState): number {
  const { random } = state;
  if (random.chance(0.72)) return 0;
  if (random.chance(0.03)) return random.chance(0.6) ? -1_000 : 1_000;
  return Math.round((random.normal() * 120) / 5) * 5;
}

function openDrawerForChange(world: World, plan: ShiftPlan, ts: number): void {
  const { till, state } = plan;
  if (till.shift === undefined || till.shift.ending) return;
  const at = Math.max(ts, till.busyUntilMs + 2_000);
  const open_ms = aboutMs(world, state.random, 12);
  say(world, { place: tillPlace(till), ts: at }, "drawer_opened", { reason: "no_sale" });
  say(world, { place: tillPlace(till), ts: at + open_ms }, "drawer_closed", { open_ms });
  till.busyUntilMs = at + open_ms + 1;
}

/** The window cleaner is paid from the drawer. */
function payOut(world: World, plan: ShiftPlan, ts: number): void {
  const { till, state } = plan;
  if (till.shift === undefined || till.shift.ending) return;
  const at = Math.max(ts, till.busyUntilMs + 2_000);
  const amount = state.random.int(2, 8) * 250;
  const open_ms = aboutMs(world, state.random, 15);
  const place = tillPlace(till);
  say(world, { place, ts: at }, "drawer_opened", { reason: "cash_moved" });
  say(world, { place, ts: at + 1 }, "cash_moved", { kind: "paid_out", amount, is_undone: false });
  say(world, { place, ts: at + 1 + open_ms }, "drawer_closed", { open_ms: open_ms + 1 });
  till.drawer -= amount;
  till.busyUntilMs = at + open_ms + 2;
}

function planInterruptions(world: World, plan: ShiftPlan): void {
  const { random } = plan.state;
  const hours = (plan.to - plan.from) / HOUR_MS;
  const during = () => plan.from + Math.floor(random.next() * (plan.to - plan.from));
  for (let n = random.poisson(hours * 0.09); n > 0; n -= 1) {
    world.agenda.plan(during(), (ts) => openDrawerForChange(world, plan, ts));
  }
  if (random.chance(0.06)) world.agenda.plan(during(), (ts) => payOut(world, plan, ts));
}

function closeShift(world: World, plan: ShiftPlan, ts: number): void {
  const { till, state } = plan;
  if (till.shift === undefined) return;
  till.shift.ending = true;
  // The customer at the till is served first; what that sale still has to say comes before the count.
  if (till.busyUntilMs > ts) {
    world.agenda.plan(till.busyUntilMs, (later) => closeShift(world, plan, later));
    return;
  }
  const place = tillPlace(till);
  const expected = till.drawer;
  const counted = Math.max(0, expected + miscount(state));
  const difference = counted - expected;
  const open_ms = Math.min(110_000, aboutMs(world, state.random, 60));
  say(world, { place, ts: ts + 1 }, "drawer_opened", { reason: "count" });
  say(world, { place, ts: ts + open_ms - 2 }, "cash_counted", {
    expected,
    counted,
    difference,
    abs_difference: Math.abs(difference),
  });
  const amount = Math.max(0, counted - FLOAT_MINOR);
  say(world, { place, ts: ts + open_ms - 1 }, "cash_moved", {
    kind: "collected",
    amount,
    is_undone: false,
  });
  say(world, { place, ts: ts + open_ms }, "drawer_closed", { open_ms: open_ms - 1 });
  say(world, { place, ts: ts + open_ms + 1 }, "shift", { action: "closed" });
  say(world, { place, ts: ts + open_ms + 2 }, "time_clock", { action: "closed" });
  state.collected += amount;
  till.drawer = FLOAT_MINOR;
  till.busyUntilMs = ts + open_ms + 3;
  till.shift = undefined;
}

function openShift(world: World, plan: ShiftPlan, ts: number): void {
  const { till, state, staff } = plan;
  if (till.shift !== undefined || till.busyUntilMs > ts) {
    // The person before is still counting.
    world.agenda.plan(Math.max(ts, till.busyUntilMs) + 5_000, (later) =>
      openShift(world, plan, later),
    );
    return;
  }
  till.shift = {
    staff,
    shift_id: `shift-${world.run}-${till.terminal_id}-${ts.toString(36)}`,
    ending: false,
  };
  const place = tillPlace(till);
  say(world, { place, ts }, "time_clock", { action: "opened" });
  const signedIn = signInAtTill(world, plan, ts + aboutMs(world, state.random, 20));
  const counted = countFloat(world, plan, signedIn + 500);
  say(world, { place, ts: counted }, "shift", { action: "opened" });
  till.busyUntilMs = counted + 1;
  world.agenda.plan(Math.max(plan.to, counted + 1), (later) => closeShift(world, plan, later));
  planInterruptions(world, plan);
}

export function planShift(world: World, plan: ShiftPlan): void {
  world.agenda.plan(plan.from, (ts) => openShift(world, plan, ts));
}
