// The same business in real time, for the demo: it trades as long as somebody watches, with an attack now and then.
import { ATTACKS } from "./attacks.ts";
import { attacksById, takeSettled } from "./history.ts";
import { makeAttack, suits } from "./inject.ts";
import { makeRandom } from "./random.ts";
import { compareSimulated, type SimulatedEvent } from "./recorder.ts";
import type { Shop } from "./shop.ts";
import { openShop } from "./store-day.ts";
import { makeWorld, type World } from "./world.ts";

export type LiveOptions = {
  seed: string | number;
  shop: Shop;
  /** UTC ms at which the shop starts to trade; normally `now()`. */
  startMs: number;
  /** 1 = as many customers as in life, 4 = four times as many. */
  speed: number;
  /** Ms between attacks; the first comes after five seconds. 0 = none. */
  attackEveryMs: number;
  /** Ids of attacks to rotate through; all, the most telling first, when absent. */
  attacks?: readonly string[];
  now: () => number;
  /** Resolves after so many ms, or earlier when the stream is to end. */
  sleep: (ms: number) => Promise<void>;
  /** Ends the stream at its next step. */
  signal?: AbortSignal;
};

const FIRST_ATTACK_MS = 5_000;
const LONGEST_SLEEP_MS = 1_000;
/** After a pause of the machine (a closed lid) older events are not made up for. */
const OLDEST_MS = 5 * 60_000;

function planRotation(world: World, options: LiveOptions): void {
  const rotation = options.attacks === undefined ? ATTACKS : attacksById(options.attacks);
  if (options.attackEveryMs <= 0 || rotation.length === 0) return;
  let turn = 0;
  let nth = 0;
  const strike = (ts: number) => {
    world.agenda.plan(ts + options.attackEveryMs, strike);
    // An attack on a closed shop waits for its next turn when every shop is open.
    for (let tries = 0; tries < rotation.length; tries += 1) {
      const attack = rotation[turn % rotation.length];
      turn += 1;
      const state = world.stores.find(
        ({ store }) => attack !== undefined && suits(attack, store, ts),
      );
      if (attack === undefined || state === undefined) continue;
      nth += 1;
      const random = makeRandom(`${options.seed}/${world.run}/attack/${nth}`);
      world.out.push(...makeAttack(world, attack, { state, ts }, { random, nth }));
      return;
    }
  };
  world.agenda.plan(options.startMs + FIRST_ATTACK_MS, strike);
}

/** Takes out what has happened by `nowMs`, in order. */
function takeUntil(world: World, nowMs: number): SimulatedEvent[] {
  while (world.agenda.nextMs() <= nowMs) world.agenda.runNext();
  const settled = takeSettled(world);
  let count = settled.length;
  while (count > 0 && (settled[count - 1] as SimulatedEvent).draft.ts > nowMs) count -= 1;
  world.out.push(...settled.splice(count));
  return settled;
}

function nextEventMs(world: World): number {
  world.out.sort(compareSimulated);
  return Math.min(world.out[0]?.draft.ts ?? Number.POSITIVE_INFINITY, world.agenda.nextMs());
}

/**
 * The business in real time: each event comes when the clock `now` has reached its `ts`. Ids are unique per `startMs`,
 * so that a restart repeats none. Ends when `signal` is aborted or the consumer returns.
 */
export async function* liveShop(options: LiveOptions): AsyncGenerator<SimulatedEvent, void, void> {
  const { shop, startMs, seed, speed, now, sleep, signal } = options;
  const run = `live-${seed}-${startMs.toString(36)}`;
  const world = makeWorld(shop, { startMs, run, pace: speed });
  openShop(world);
  planRotation(world, options);
  while (signal?.aborted !== true) {
    const nowMs = now();
    for (const event of takeUntil(world, nowMs)) {
      if (event.draft.ts >= nowMs - OLDEST_MS) yield event;
    }
    await sleep(Math.max(10, Math.min(LONGEST_SLEEP_MS, nextEventMs(world) - now())));
  }
}
