// The demo merchant: a simulated shop that trades, with attacks now and then, until a real business is connected.

import type { Log } from "../core/log.ts";
import type { Pipeline } from "../ingest/pipeline.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { createMerchant, findMerchant, listMerchants } from "../stores/merchants.ts";
import { upsertStaff, upsertStore } from "../stores/places.ts";
import { countSources } from "../stores/sources.ts";
import { demoShop } from "./simulate/chain.ts";
import { liveShop } from "./simulate/live.ts";
import type { SimulatedEvent } from "./simulate/recorder.ts";
import type { Shop } from "./simulate/shop.ts";

export const DEMO_MERCHANT = "mer_demo";
const ATTACK_EVERY_MS = 4 * 60_000;
const LOOK_FOR_SOURCE_MS = 5_000;

export type Demo = { close(): Promise<void> };

type DemoDeps = {
  db: Postgres;
  pipeline: Pick<Pipeline, "take">;
  mode: "auto" | "on";
  speed: number;
  now: () => number;
  log: Log;
};

/** True where the demo may trade: always with `on`; with `auto` while no real merchant has a source or an event of its own. */
export async function demoIsWanted(db: Postgres, mode: "auto" | "on" | "off"): Promise<boolean> {
  if (mode !== "auto") return mode === "on";
  if ((await countSources(db)) > 0) return false;
  return (await listMerchants(db)).every((merchant) => merchant.is_demo);
}

/** Makes the demo merchant where it is missing, and trades until closed or, with `auto`, until a business is connected. */
export async function startDemo(deps: DemoDeps): Promise<Demo> {
  const shop = demoShop("demo");
  await furnish(deps, shop);
  const ending = new AbortController();
  const watch = setInterval(() => {
    demoIsWanted(deps.db, deps.mode)
      .then((wanted) => {
        if (wanted) return;
        deps.log.info({}, "a business is connected: the demo shop closes");
        ending.abort();
      })
      .catch((err) => deps.log.warn({ err }, "the demo could not look for sources"));
  }, LOOK_FOR_SOURCE_MS);
  watch.unref();
  const trading = trade(deps, shop, ending.signal).catch((err) => {
    if (!ending.signal.aborted) deps.log.error({ err }, "the demo shop stopped");
  });
  return {
    async close() {
      clearInterval(watch);
      ending.abort();
      await trading;
    },
  };
}

async function trade(deps: DemoDeps, shop: Shop, signal: AbortSignal): Promise<void> {
  const live = liveShop({
    seed: "demo",
    shop,
    startMs: deps.now(),
    speed: deps.speed,
    attackEveryMs: ATTACK_EVERY_MS,
    now: deps.now,
    sleep: (ms) => sleepUntil(ms, signal),
    signal,
  });
  for await (const event of live) {
    if (signal.aborted) return;
    await deliver(deps, event);
  }
}

/** A full spool or a store that is away makes the demo wait; it never makes it end. */
async function deliver(deps: DemoDeps, { draft }: SimulatedEvent): Promise<void> {
  try {
    await deps.pipeline.take([{ index: 0, value: draft }], {
      merchantId: DEMO_MERCHANT,
      source: "demo",
    });
  } catch (err) {
    deps.log.warn({ err }, "a demo event was not taken");
  }
}

async function furnish({ db, now }: DemoDeps, shop: Shop): Promise<void> {
  if ((await findMerchant(db, DEMO_MERCHANT)) === undefined) {
    const { name, zone, currency } = shop;
    await createMerchant(
      db,
      { id: DEMO_MERCHANT, name, zone, currency, emails: [], is_demo: true },
      now(),
    );
  }
  for (const { id, name, zone, currency, lat, lon, opening_hours } of shop.stores) {
    await upsertStore(db, DEMO_MERCHANT, { id, name, zone, currency, lat, lon, opening_hours });
  }
  for (const { cashier_id, name, role, active } of shop.staff) {
    await upsertStaff(db, DEMO_MERCHANT, { cashier_id, name, role, active });
  }
}

function sleepUntil(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done);
  });
}
