// What happens at the desk: sign-ins to the console, changes by the owner, the bank, disputes that arrive weeks later.
import type { Random } from "./random.ts";
import type { Fields } from "./recorder.ts";
import type { ShopStaff } from "./shop.ts";
import { type SaleRecord, type StoreState, say, type World } from "./world.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DESK = {};

type Visit = { random: Random; staff: ShopStaff; ts: number };

function deviceFields(staff: ShopStaff) {
  return {
    account_id: staff.account_id,
    device_id: staff.device_id,
    ip: staff.ip,
    ip_country: "GB",
  };
}

/** A sign-in at the console with a mistyped password now and then. Out: the instant at which it succeeded. */
function signIn(world: World, { random, staff, ts }: Visit): number {
  // Phones and browsers get replaced: then the device is new, and the person is not.
  const isNew = random.chance(0.02);
  const device_age_ms = isNew ? 0 : 200 * DAY_MS;
  const device = deviceFields(staff);
  if (isNew) device.device_id = `device-${random.hex(10)}`;
  const known = {
    ...device,
    login_hash: staff.login_hash,
    is_privileged: true,
    device_age_ms,
    country_age_ms: 900 * DAY_MS,
  };
  let at = ts;
  for (let wrong = random.weighted([0.91, 0.07, 0.02]); wrong > 0; wrong -= 1) {
    say(world, { place: DESK, ts: at }, "sign_in", {
      ...known,
      outcome: "failure",
      reason: "wrong_password",
      method: "password",
    });
    at += random.int(6_000, 40_000);
  }
  const session_id = `session-${random.hex(12)}`;
  say(world, { place: DESK, ts: at }, "sign_in", {
    ...known,
    outcome: "success",
    method: random.chance(0.3) ? "passkey" : "password",
    session_id,
  });
  for (let seen = at, n = random.int(1, 4); n > 0; n -= 1) {
    seen += random.int(60_000, 900_000);
    say(world, { place: DESK, ts: seen }, "session_seen", {
      ...device,
      session_id,
      device_age_ms: device_age_ms + seen - at,
    });
  }
  return at;
}

type Act = { type: "data_exported" | "account_changed"; fields: Fields };

/** The owner's small acts of a week, by day: a report, a second factor for somebody, a new password, a new cashier. */
function ownersAct(world: World, { random, staff }: Visit, day: number): Act | undefined {
  switch (day % 7) {
    case 0:
      return {
        type: "data_exported",
        fields: { row_count: random.int(200, 900), page_count: 1, endpoint: "/reports/sales" },
      };
    case 2: {
      const others = world.shop.staff.filter(({ active, role }) => active && role !== "owner");
      const other = random.pick(others);
      return {
        type: "account_changed",
        fields: {
          change: "mfa",
          target_account_id: other.account_id,
          old_value: "none",
          new_value: "totp",
          is_privileged: other.role !== "cashier",
          mfa_enrolled: true,
        },
      };
    }
    case 4:
      return {
        type: "account_changed",
        fields: {
          change: "password",
          target_account_id: staff.account_id,
          is_privileged: true,
          mfa_enrolled: true,
          password_too_short: false,
          password_is_default: false,
          password_breached: false,
        },
      };
    case 5:
      return {
        type: "account_changed",
        fields: {
          change: "created",
          target_account_id: `account-new-${day}`,
          new_value: "cashier",
          is_privileged: false,
          mfa_enrolled: false,
        },
      };
  }
  return undefined;
}

function visitByOwner(world: World, visit: Visit, day: number): void {
  const signedIn = signIn(world, visit);
  const act = ownersAct(world, visit, day);
  if (act === undefined) return;
  const ts = signedIn + visit.random.int(90_000, 400_000);
  const fields = { ...deviceFields(visit.staff), ...act.fields };
  say(world, { place: DESK, ts }, act.type, fields);
}

/** Plans the console visits of a shop's manager, and of the owner with the first shop, between `from` and `to`. */
export function planOffice(
  world: World,
  state: StoreState,
  span: { day: number; from: number; to: number },
): void {
  const random = state.random.fork(`office/${span.day}`);
  const during = () => span.from + Math.floor(random.next() * (span.to - span.from));
  const manager = world.shop.staff.find(
    ({ role, store_id }) => role === "manager" && store_id === state.store.id,
  );
  const owner = world.shop.staff.find(({ role }) => role === "owner");
  if (manager !== undefined) {
    for (let n = random.int(1, 2); n > 0; n -= 1) {
      world.agenda.plan(during(), (ts) => signIn(world, { random, staff: manager, ts }));
    }
  }
  if (owner === undefined || state !== world.stores[0]) return;
  world.agenda.plan(during(), (ts) => visitByOwner(world, { random, staff: owner, ts }, span.day));
}

function disputeOf(world: World, sale: SaleRecord, random: Random, ts: number): void {
  const place = { store: sale.store };
  const isFraud = random.chance(0.4);
  say(world, { place, ts }, "dispute", {
    dispute_kind: random.chance(0.3) ? "inquiry" : "chargeback",
    ...(sale.payment_id === undefined ? {} : { payment_id: sale.payment_id }),
    ...(sale.card === undefined ? {} : { card_token: sale.card.card_token }),
    amount: sale.amount,
    reason_code: isFraud ? "10.4" : "13.1",
    is_fraud: isFraud,
    due_ts: ts + 14 * DAY_MS,
  });
}

/** After the day: what the provider settles at night, the deposit at noon, and seldom a dispute some weeks on. */
export function planAftermath(world: World, state: StoreState, closedMs: number): void {
  const random = state.random.fork(`aftermath/${closedMs}`);
  const place = { store: state.store };
  world.agenda.plan(closedMs + 6 * HOUR_MS, (ts) => {
    const { count, amount } = state.settled;
    state.settled = { count: 0, amount: 0 };
    if (count > 0) say(world, { place, ts }, "settlement", { payment_count: count, amount });
  });
  world.agenda.plan(closedMs + 16 * HOUR_MS, (ts) => {
    const amount = state.collected;
    state.collected = 0;
    if (amount > 0)
      say(world, { place, ts }, "deposit", { amount, expected: amount, abs_difference: 0 });
  });
  const sale = random.chance(0.08) ? random.pick(state.sales) : undefined;
  if (sale?.card === undefined || sale.reversed) return;
  world.agenda.plan(closedMs + Math.floor(random.int(3, 25) * DAY_MS), (ts) =>
    disputeOf(world, sale, random, ts),
  );
}
