// The engine's own bulk load: the same rows into the same table, without HTTP, checks or spool.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../../core/config.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import { openClickHouse } from "../../stores/connect/clickhouse.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { migrateClickHouse } from "../../stores/migrate.ts";

const ROWS_PER_FILE = 10_000;

/** Files of encoded rows are written first; only their loading is measured. */
export async function bulkLoad(
  events: readonly Event[],
  dataDir: string,
): Promise<{ rowsPerSecond: number }> {
  mkdirSync(dataDir, { recursive: true });
  const files: string[] = [];
  for (let from = 0; from < events.length; from += ROWS_PER_FILE) {
    const path = join(dataDir, `rows-${files.length}`);
    writeFileSync(
      path,
      `${events
        .slice(from, from + ROWS_PER_FILE)
        .map(encodeEvent)
        .join("\n")}\n`,
    );
    files.push(path);
  }
  const ch = await openClickHouse(
    readConfig({ TILLWATCH_DATA: dataDir }, () => ""),
    silentLog,
  );
  try {
    await migrateClickHouse(ch);
    const started = performance.now();
    for (const path of files) await ch.insertFile("events", EVENT_COLUMNS, path, path);
    return { rowsPerSecond: (events.length / (performance.now() - started)) * 1000 };
  } finally {
    await ch.close();
  }
}
