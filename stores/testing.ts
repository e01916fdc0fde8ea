// Gives each test file its own ClickHouse: the embedded engine over a temporary folder, or a new database on a server.
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readConfig } from "../core/config.ts";
import { type Log, silentLog } from "../core/log.ts";
import { type ClickHouse, openClickHouse } from "./connect/clickhouse.ts";
import { migrateClickHouse } from "./migrate.ts";

// Which engine the tests meet is chosen from outside, in this one place.
const env = process.env;

/** `folder` is the test's own data folder, empty but for the engine; `close` removes both. */
export type TestClickHouse = { ch: ClickHouse; folder: string; close(): Promise<void> };

/** A fresh and migrated ClickHouse. */
export async function testClickHouse(log: Log = silentLog): Promise<TestClickHouse> {
  const folder = mkdtempSync(join(tmpdir(), "tillwatch-test-"));
  const url = env.TILLWATCH_TEST_CLICKHOUSE_URL;
  const database = `test_${randomBytes(6).toString("hex")}`;
  const config = readConfig(
    {
      TILLWATCH_DATA: folder,
      ...(url ? { TILLWATCH_CLICKHOUSE_URL: url, TILLWATCH_CLICKHOUSE_DATABASE: database } : {}),
      ...(env.TILLWATCH_TEST_CLICKHOUSE_PASSWORD
        ? { TILLWATCH_CLICKHOUSE_PASSWORD: env.TILLWATCH_TEST_CLICKHOUSE_PASSWORD }
        : {}),
    },
    () => "",
  );
  const ch = await openClickHouse(config, log);
  await migrateClickHouse(ch);
  return {
    ch,
    folder,
    async close() {
      if (url) await ch.command(`DROP DATABASE IF EXISTS ${database}`);
      await ch.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
