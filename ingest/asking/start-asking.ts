// The schedule of what providers are asked for: rows say what is due, jobs wake whoever asks, and survive a restart.

import { AppError } from "../../core/errors.ts";
import { contentId } from "../../core/ids.ts";
import type { Log } from "../../core/log.ts";
import type { SourceConnection } from "../../core/merchant.ts";
import { type AskingDue, type AskingKey, dueAsking, wantObjects } from "../../stores/asking.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import type { QueueHandle } from "../../stores/connect/queue.ts";
import { type AskTools, askRow } from "./ask-row.ts";

const QUEUE = "asking";
/** Rows whose job was lost, or that were made by the command line. */
const SWEEP_MS = 15_000;

type QueueGiven = { db: Postgres; queue: QueueHandle; now: () => number };

/** Puts what is due on the queue. A job's id names its row and its time, so that none is there twice. */
export type AskingQueue = {
  wake(dues: readonly AskingDue[]): Promise<void>;
  /** Notes what a delivery named. Throws RATE_LIMITED when too much waits, so that the provider comes again. */
  want(connection: SourceConnection, whats: readonly string[]): Promise<void>;
};

export function askingQueue({ db, queue, now }: QueueGiven): AskingQueue {
  const jobs = queue.queue(QUEUE, { defaultJobOptions: { removeOnFail: true } });
  const wake = async (dues: readonly AskingDue[]) => {
    for (const { merchant_id, source_id, what, next_at, wanted } of dues) {
      const key: AskingKey = { merchant_id, source_id, what };
      const jobId = contentId(merchant_id, source_id, what, next_at, wanted);
      await jobs.add("ask", key, { jobId, delay: Math.max(0, next_at - now()) });
    }
  };
  return {
    wake,
    async want({ merchant_id, id }, whats) {
      const dues = await wantObjects(db, { merchant_id, source_id: id }, whats, now());
      if (dues === undefined)
        throw new AppError("RATE_LIMITED", "Too much waits to be asked for; send again later.", {
          details: { retryAfterS: 60 },
        });
      await wake(dues);
    },
  };
}

export type AskingWorker = { close(): Promise<void> };

type Given = QueueGiven &
  Omit<AskTools, "stop"> & { asking: AskingQueue; sweepMs?: number; log: Log };

export function startAsking({ queue, asking, sweepMs = SWEEP_MS, ...tools }: Given): AskingWorker {
  const { db, now, log } = tools;
  const stopping = new AbortController();
  const worker = queue.worker(
    QUEUE,
    async (job) => {
      const key = job.data as AskingKey;
      const next = await askRow(key, { ...tools, stop: stopping.signal });
      // Who has the source wakes us at its end.
      if (next === "busy") return;
      // Others of the same source had to wait meanwhile.
      const others = await dueAsking(db, now(), key.source_id);
      await asking.wake(next === undefined ? others : [next, ...others]);
    },
    { concurrency: 4, lockDuration: 180_000, stalledInterval: 30_000, maxStalledCount: 20 },
  );
  worker.on("failed", (job, error) => log.error({ err: error, job: job?.id }, "asking failed"));
  let running: Promise<void> = Promise.resolve();
  const sweep = async () => {
    try {
      await asking.wake(await dueAsking(db, now()));
    } catch (error) {
      log.warn({ err: error }, "could not look for what is to be asked");
    }
  };
  running = sweep();
  const timer = setInterval(() => {
    running = sweep();
  }, sweepMs);
  return {
    async close() {
      clearInterval(timer);
      stopping.abort();
      await running;
      await worker.close();
    },
  };
}
