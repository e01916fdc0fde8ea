// Detection as SQL ticks: BullMQ wakes a shard of merchants every second, whichever process is free judges it.
import type { Registry } from "prom-client";
import type { Log } from "../../core/log.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import type { QueueHandle } from "../../stores/connect/queue.ts";
import { hoursReceived, merchantsWithEvents } from "../../stores/events.ts";
import { readPosition } from "../../stores/findings.ts";
import { addUnjudged, countUnjudged, merchantsUnjudged } from "../../stores/unjudged.ts";
import { readRuleFiles } from "../catalogue.ts";
import { detectorMetrics } from "../detector-metrics.ts";
import type { Ruleset } from "../engine/plan.ts";
import { createTuner } from "../engine/tune/tuned.ts";
import { createRulebook } from "../settings/rulebook.ts";
import { LATE_LIMIT_MS } from "../watch.ts";
import { type TickDeps, tickMerchant } from "./tick.ts";

export type TicksDeps = {
  db: Postgres;
  ch: ClickHouse;
  queue: QueueHandle;
  rules: Ruleset;
  now: () => number;
  log: Log;
  metrics: Registry;
  onFindings(merchantId: string): void;
  /** Events that one tick judges at most; for tests. */
  mostEvents?: number;
};

/** `idle` resolves when nothing that is due is left. `close` lets ticks that run end. */
export type Ticks = { idle(): Promise<void>; close(): Promise<void> };

const QUEUE = "detection-ticks";
/** More than processes that one would start: a shard is the least that one of them takes. */
const SHARDS = 16;
const EVERY_MS = 1_000;
/** Shards at once in one process: while one waits for ClickHouse, another works. */
const AT_ONCE = 4;

export async function startTicks(deps: TicksDeps): Promise<Ticks> {
  const metrics = detectorMetrics(deps.metrics);
  const rulebook = createRulebook(deps.db, createTuner(deps.rules, readRuleFiles), deps.log);
  const tick: TickDeps = { ...deps, rulebook, metrics };
  await announceUnjudged(deps);
  const queue = deps.queue.queue(QUEUE, { defaultJobOptions: { removeOnFail: true } });
  const worker = deps.queue.worker(
    QUEUE,
    async (job) => {
      await rulebook.refresh();
      await tickShard(tick, Number((job.data as { shard: number }).shard));
      metrics.held.set(await countUnjudged(deps.db));
    },
    { concurrency: AT_ONCE, lockDuration: 60_000, stalledInterval: 15_000, maxStalledCount: 20 },
  );
  worker.on("failed", (job, err) => {
    metrics.failures.inc();
    deps.log.warn({ err, shard: job?.data }, "a tick failed, will be tried again");
  });
  for (let shard = 0; shard < SHARDS; shard += 1) {
    const template = { name: "tick", data: { shard } };
    await queue.upsertJobScheduler(`shard-${shard}`, { every: EVERY_MS }, template);
  }
  let closed = false;
  return {
    async idle() {
      while (!closed && (await isDue(deps))) {
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
    async close() {
      closed = true;
      await worker.close();
    },
  };
}

/** One merchant that cannot be judged does not keep the others waiting; the job fails at the end, and says so. */
async function tickShard(deps: TickDeps, shard: number): Promise<void> {
  const faults: unknown[] = [];
  for (const merchantId of await merchantsUnjudged(
    deps.db,
    { shard, shards: SHARDS },
    deps.now(),
  )) {
    try {
      while ((await tickMerchant(deps, merchantId)) === "more");
    } catch (fault) {
      faults.push(fault);
      deps.log.warn({ err: fault, merchantId }, "a merchant's tick failed");
    }
  }
  if (faults.length > 0) throw faults[0];
}

async function isDue({ db, now }: TicksDeps): Promise<boolean> {
  for (let shard = 0; shard < SHARDS; shard += 1) {
    if ((await merchantsUnjudged(db, { shard, shards: SHARDS }, now())).length > 0) return true;
  }
  return false;
}

/**
 * What came in while detection ran in memory, or was not announced, is found by the position: all that was received
 * after its mark.
 */
async function announceUnjudged({ db, ch, now }: TicksDeps): Promise<void> {
  const sinceTs = now() - LATE_LIMIT_MS;
  for (const merchantId of await merchantsWithEvents(ch, sinceTs)) {
    const position = await readPosition(db, merchantId);
    const afterTs = position?.received_ts ?? 0;
    const hours = await hoursReceived(ch, merchantId, { afterTs, sinceTs });
    await addUnjudged(
      db,
      hours.map(({ fromTs, toTs }) => ({ merchant_id: merchantId, from_ts: fromTs, to_ts: toTs })),
    );
  }
}
