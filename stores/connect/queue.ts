// Opens the job queue: BullMQ in Postgres, beside our own tables, or on Redis by URL.
import {
  createPostgresBackend,
  type Processor,
  Queue,
  type QueueOptions,
  runMigrations,
  Worker,
  type WorkerOptions,
} from "bullmq";
import { Redis } from "ioredis";
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import { type Log, silentLog } from "../../core/log.ts";
import { type PostgresHandle, serverPool } from "./postgres.ts";

export type JobQueue = Queue;
export type JobWorker = Worker;

/** BullMQ's own options without the connection. `removeOnComplete` is true unless a job says otherwise: the journal is in Postgres. */
export type JobQueueOptions = Omit<QueueOptions, "connection" | "prefix">;
export type JobWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/**
 * `queue` gives one producer per name; `worker` starts a consumer. `close` ends workers first (a running job may finish),
 * then producers, then connections. Faults of the connection are logged, never thrown at nobody.
 */
export type QueueHandle = {
  engine: "postgres" | "redis";
  queue(name: string, options?: JobQueueOptions): JobQueue;
  worker(name: string, processor: Processor, options?: JobWorkerOptions): JobWorker;
  close(): Promise<void>;
};

type Backend = {
  engine: QueueHandle["engine"];
  makeQueue(name: string, options: JobQueueOptions): JobQueue;
  makeWorker(name: string, processor: Processor, options: JobWorkerOptions): JobWorker;
  close(): Promise<void>;
};

type OpenOptions = { log?: Log; prefix?: string };

/**
 * Opens the queue that the settings name. `prefix` parts key spaces on a shared Redis; on Postgres the database does.
 * Throws STORE_UNAVAILABLE when Redis does not answer.
 */
export async function openQueue(
  config: Pick<Config, "queue">,
  handle: PostgresHandle,
  { log = silentLog, prefix = "tillwatch" }: OpenOptions = {},
): Promise<QueueHandle> {
  const backend =
    config.queue.kind === "redis"
      ? await redisBackend(config.queue.url, prefix, log)
      : await postgresBackend(handle, log);
  return handleOf(backend, log);
}

function handleOf(backend: Backend, log: Log): QueueHandle {
  const queues = new Map<string, JobQueue>();
  const workers: JobWorker[] = [];
  const report = (name: string) => (error: Error) =>
    log.warn({ queue: name, err: error }, "the job queue reported a fault");
  return {
    engine: backend.engine,
    queue(name, options = {}) {
      const known = queues.get(name);
      if (known !== undefined) return known;
      const defaultJobOptions = { removeOnComplete: true, ...options.defaultJobOptions };
      const queue = backend.makeQueue(name, { ...options, defaultJobOptions });
      queue.on("error", report(name));
      queues.set(name, queue);
      return queue;
    },
    worker(name, processor, options = {}) {
      const worker = backend.makeWorker(name, processor, options);
      worker.on("error", report(name));
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.close()));
      await Promise.all([...queues.values()].map((queue) => queue.close()));
      await backend.close();
    },
  };
}

const SCHEMA = "bullmq";

/** Each worker keeps one connection for LISTEN; the rest run the jobs' statements. */
const SERVER_CONNECTIONS = 20;

async function postgresBackend(handle: PostgresHandle, log: Log): Promise<Backend> {
  const own =
    handle.server === null
      ? undefined
      : serverPool(
          handle.server,
          { max: SERVER_CONNECTIONS, options: `-c search_path=${SCHEMA}` },
          log,
        );
  const pool = own ?? handle.pool;
  const client = await pool.connect();
  try {
    await runMigrations(client as Parameters<typeof runMigrations>[0], SCHEMA);
  } finally {
    client.release();
  }
  const connection = pool as never;
  return {
    engine: "postgres",
    makeQueue: (name, options) =>
      new Queue(name, { ...options, connection }, createPostgresBackend) as unknown as JobQueue,
    makeWorker: (name, processor, options) =>
      new Worker(
        name,
        processor,
        { ...options, connection },
        createPostgresBackend,
      ) as unknown as JobWorker,
    close: async () => own?.end(),
  };
}

async function redisBackend(url: string, prefix: string, log: Log): Promise<Backend> {
  // Workers wait without end for a Redis that restarts; producers wait too, since their callers retry anyway.
  const redis = new Redis(url, { maxRetriesPerRequest: null, lazyConnect: true });
  redis.on("error", (error) => log.warn({ err: error }, "Redis reported a fault"));
  try {
    await redis.connect();
  } catch (cause) {
    redis.disconnect();
    const { host } = new URL(url);
    throw new AppError("STORE_UNAVAILABLE", `Redis at ${host} does not answer.`, { cause });
  }
  return {
    engine: "redis",
    makeQueue: (name, options) => new Queue(name, { ...options, prefix, connection: redis }),
    makeWorker: (name, processor, options) =>
      new Worker(name, processor, { ...options, prefix, connection: redis }),
    close: async () => {
      await redis.quit();
    },
  };
}
