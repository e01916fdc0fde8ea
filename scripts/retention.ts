// Removes rows that are too old, an hour after the start and every hour, of the merchants whose turn it is.
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { applyRetention } from "../stores/remove-rows.ts";

type Given = { ch: ClickHouse; db: Postgres; now: () => number; log: Log; everyMs?: number };

/** A failure is logged and tried again an hour later. */
export function startRetention({ everyMs = 3_600_000, ...given }: Given): {
  close(): Promise<void>;
} {
  let running: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    running = applyRetention(given).catch((err: unknown) =>
      given.log.warn({ err }, "removing old rows failed"),
    );
  }, everyMs);
  timer.unref();
  return {
    async close() {
      clearInterval(timer);
      await running;
    },
  };
}
