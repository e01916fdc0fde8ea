// Days of a business as one stream of events, in order of time, without ever holding more than a few hours.
import { AppError } from "../../core/errors.ts";
import type { Attack } from "./attack.ts";
import { ATTACKS } from "./attacks.ts";
import { findSpot, makeAttack } from "./inject.ts";
import { makeRandom } from "./random.ts";
import { compareSimulated, type SimulatedEvent } from "./recorder.ts";
import type { Shop } from "./shop.ts";
import { openShop } from "./store-day.ts";
import { makeWorld, type World } from "./world.ts";

/** Events are sorted in batches of about this many. */
const BATCH = 4_096;

export type HistoryOptions = {
  seed: string | number;
  shop: Shop;
  /** Included. */
  fromMs: number;
  /** Excluded. */
  toMs: number;
  /** Ids of {@link ATTACKS}; each happens once, spread over the span. None when absent. */
  attacks?: readonly string[];
  /** Ms between a till's heartbeats; 60 000 when absent. */
  heartbeatMs?: number;
};

/** The attacks of those ids. Throws REQUEST_INVALID for an id that does not exist. */
export function attacksById(ids: readonly string[]): Attack[] {
  return ids.map((id) => {
    const attack = ATTACKS.find((one) => one.id === id);
    if (attack === undefined) {
      throw new AppError("REQUEST_INVALID", `There is no attack "${id.slice(0, 60)}".`);
    }
    return attack;
  });
}

function planAttacks(world: World, options: HistoryOptions): void {
  const { fromMs, toMs, seed } = options;
  const attacks = attacksById(options.attacks ?? []);
  for (const [n, attack] of attacks.entries()) {
    const random = makeRandom(`${seed}/${world.run}/attack/${attack.id}`);
    const spread = Math.floor(((toMs - fromMs) * (n + 0.5)) / attacks.length);
    const wanted = fromMs + Math.max(spread, (attack.minDays ?? 0) * 86_400_000);
    const spot =
      findSpot(world, attack, { fromMs: wanted, toMs, random }) ??
      findSpot(world, attack, { fromMs, toMs, random });
    if (spot === undefined) continue;
    world.agenda.plan(spot.ts, () => {
      world.out.push(...makeAttack(world, attack, spot, { random, nth: n + 1 }));
    });
  }
}

/** Takes out what no later act can precede, in order. */
export function takeSettled(world: World): SimulatedEvent[] {
  const horizon = world.agenda.nextMs();
  world.out.sort(compareSimulated);
  let count = world.out.length;
  while (count > 0 && (world.out[count - 1] as SimulatedEvent).draft.ts >= horizon) count -= 1;
  return world.out.splice(0, count);
}

/**
 * A business's events from `fromMs` to `toMs`, ordered by (ts, event_id). The same options give the same events, byte
 * for byte. With attacks the honest events stay exactly as they were without; attacks' events carry `label`.
 * An attack that finds no suitable hour in the span is left out. Throws REQUEST_INVALID for an unknown attack.
 */
export function* simulateHistory(options: HistoryOptions): Generator<SimulatedEvent, void, void> {
  const { fromMs, toMs, shop, seed } = options;
  const run = `sim-${seed}-${fromMs.toString(36)}`;
  const world = makeWorld(shop, {
    startMs: fromMs,
    run,
    ...(options.heartbeatMs === undefined ? {} : { heartbeatMs: options.heartbeatMs }),
  });
  planAttacks(world, options);
  openShop(world);
  while (world.agenda.nextMs() < toMs) {
    while (world.out.length < BATCH && world.agenda.nextMs() < toMs) world.agenda.runNext();
    for (const event of takeSettled(world)) if (event.draft.ts < toMs) yield event;
    // A long ticket may hold back more than a batch; without progress the next act must still run.
    if (world.out.length >= BATCH) world.agenda.runNext();
  }
  world.out.sort(compareSimulated);
  for (const event of world.out) if (event.draft.ts < toMs) yield event;
}
