// What a Postgres server does by itself and the embedded one does not: tidying tables, and a copy that outlives a power cut.
import { closeSync, fsyncSync, openSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Log } from "../../core/log.ts";
import { PglitePool } from "./pglite-pool.ts";
import type { PostgresHandle } from "./postgres.ts";

export const COPY_FILE = "postgres-copy.tar.gz";

const HOUR_MS = 3_600_000;

/**
 * Tidies the tables, then writes `<data>/postgres-copy.tar.gz`: the embedded engine does not fsync, so a power cut may
 * leave its folder broken. To go back, unpack the copy into an empty `<data>/postgres`. On a server it does nothing.
 */
export async function upkeep(handle: PostgresHandle, dataDir: string): Promise<void> {
  if (!(handle.pool instanceof PglitePool)) return;
  await handle.pool.query("VACUUM ANALYZE");
  const copy = await handle.pool.copy();
  const path = join(dataDir, COPY_FILE);
  const file = openSync(`${path}.new`, "w", 0o600);
  try {
    writeSync(file, copy);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(`${path}.new`, path);
}

/** Runs {@link upkeep} every hour until closed. A failure is logged and tried again an hour later. */
export function startUpkeep(
  handle: PostgresHandle,
  { dataDir, log, everyMs = HOUR_MS }: { dataDir: string; log: Log; everyMs?: number },
): { close(): Promise<void> } {
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => {
    running = upkeep(handle, dataDir).catch((err) => log.warn({ err }, "hourly upkeep failed"));
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
