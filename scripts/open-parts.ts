// Opens the stores in the order in which they need each other, and closes them in reverse, whatever fails on the way.

import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../core/config.ts";
import type { Secrets } from "../core/settings.ts";
import { type ClickHouse, openClickHouse } from "../stores/connect/clickhouse.ts";
import { lockDataFolder } from "../stores/connect/data-lock.ts";
import { openPostgres, type PostgresHandle } from "../stores/connect/postgres.ts";
import { openQueue, type QueueHandle } from "../stores/connect/queue.ts";
import { resolveSecrets } from "../stores/connect/secrets.ts";
import { migrateClickHouse, migratePostgres } from "../stores/migrate.ts";
import { openSharedClaims, type SharedClaims } from "../stores/seen/shared-claims.ts";
import { openSeenEvents, type SeenEvents } from "../stores/seen-events.ts";
import { openSpool, type Spool } from "../stores/spool.ts";
import { addUnjudged } from "../stores/unjudged.ts";
import type { ServiceLog } from "./log.ts";

const FLUSH_AT_CLOSE_MS = 5_000;

/** What is to be closed, newest first. One failing close does not keep the others from closing. */
export class Closers {
  readonly #log: ServiceLog;
  readonly #all: { name: string; close: () => unknown }[] = [];

  constructor(log: ServiceLog) {
    this.#log = log;
  }

  add(name: string, close: () => unknown): void {
    this.#all.push({ name, close });
  }

  async closeAll(): Promise<void> {
    for (let next = this.#all.pop(); next !== undefined; next = this.#all.pop()) {
      try {
        await next.close();
      } catch (err) {
        this.#log.warn({ err, part: next.name }, "closing a part failed");
      }
    }
  }
}

export type OpenStores = {
  secrets: Secrets;
  postgres: PostgresHandle;
  clickhouse: ClickHouse;
  queue: QueueHandle;
  spool: Spool;
  seen: SeenEvents;
  /** Undefined where this process alone takes events. */
  shared: SharedClaims | undefined;
};

/** Takes the data folder's lock and its secrets. Throws DATA_FOLDER_LOCKED. */
export function openDataFolder(config: Config, closers: Closers): Secrets {
  const lock = lockDataFolder(config.dataDir);
  closers.add("lock", () => lock.release());
  return resolveSecrets(config, config.dataDir);
}

/** Opens every store, migrated, with what a former run left in the spool stored. */
export async function openStores(
  config: Config,
  { secrets, log, now }: { secrets: Secrets; log: ServiceLog; now: () => number },
  closers: Closers,
): Promise<OpenStores> {
  const storesLog = log.child({ service: "stores" });
  const postgres = await openPostgres(config, storesLog);
  closers.add("postgres", () => postgres.close());
  await migratePostgres(postgres);
  const clickhouse = await openClickHouse(config, storesLog);
  closers.add("clickhouse", () => clickhouse.close());
  await migrateClickHouse(clickhouse);
  const queue = await openQueue(config, postgres, { log: storesLog });
  closers.add("queue", () => queue.close());
  const spool = await openSpool({
    dir: join(config.dataDir, "spool"),
    ch: clickhouse,
    limits: config.spool,
    log: storesLog,
    now,
    ...(config.detection === "clickhouse"
      ? { announce: (stretches) => addUnjudged(postgres.db, stretches) }
      : {}),
  });
  closers.add("spool", async () => {
    // Tidy, not needed: what is left in the spool is stored at the next start.
    const flushed = spool.flush().catch(() => {});
    await Promise.race([flushed, sleep(FLUSH_AT_CLOSE_MS)]);
    await spool.close();
  });
  await spool.flush();
  const seen = await openSeenEvents({ ch: clickhouse, log: storesLog });
  closers.add("seen events", () => seen.close());
  const shared = await openSharedClaims(config, { ch: clickhouse, now, log: storesLog });
  closers.add("shared claims", () => shared?.close());
  return { secrets, postgres, clickhouse, queue, spool, seen, shared };
}
