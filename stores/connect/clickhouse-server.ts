// A ClickHouse server by URL: wait for it, check that it is new enough, make our database, see whether it keeps merchants apart.
import { type ClickHouseClient, ClickHouseError, createClient } from "@clickhouse/client";
import type { Config } from "../../core/config.ts";
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { makeClickHouse } from "./clickhouse-client.ts";
import type { ClickHouse } from "./clickhouse-handle.ts";

type ServerConfig = Extract<Config["clickhouse"], { kind: "server" }>;

/** Projections of `_part_offset` and `getSettingOrDefault` need it. */
const LEAST_VERSION = "25.8";
const PAUSES_MS = [500, 1000, 2000, 5000];
const WRONG_LOGIN = new Set(["516", "193", "192"]);

/** True when `version` (such as `26.7.2.1`) is at least `least` (`25.8`). */
export function versionFits(version: string, least: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor = 0, leastMinor = 0] = least.split(".").map(Number);
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

/** Opens a server, waiting as long as it takes. Throws CONFIG_INVALID for a wrong login or an old version. */
export async function openClickHouseServer(config: ServerConfig, log: Log): Promise<ClickHouse> {
  const version = await waitForVersion(config, log);
  if (!versionFits(version, LEAST_VERSION)) {
    throw new AppError(
      "CONFIG_INVALID",
      `The ClickHouse server at ${safeUrl(config.url)} is version ${version}; at least ${LEAST_VERSION} is needed.`,
    );
  }
  const client = clientOf(config, config.database);
  const sendsMerchant = await takesMerchant(client);
  if (!sendsMerchant) {
    log.warn(
      {},
      "the ClickHouse server does not take SQL_ settings, so it cannot keep merchants apart by itself; set custom_settings_prefixes to SQL_",
    );
  }
  log.info({ version, database: config.database }, "ClickHouse server ready");
  return makeClickHouse({
    engine: "server",
    version,
    sendsMerchant,
    childPid: () => undefined,
    link: () => ({ owner: client, reader: client, close() {} }),
    close: () => client.close(),
  });
}

function clientOf(config: ServerConfig, database: string): ClickHouseClient {
  return createClient({
    url: config.url,
    username: config.user,
    password: config.password,
    database,
    request_timeout: 330_000,
    max_open_connections: 32,
    keep_alive: { enabled: true, idle_socket_ttl: 2000 },
    log: { level: 127 as never },
  });
}

/** The address without a login that somebody may have written into it. */
function safeUrl(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}

async function waitForVersion(config: ServerConfig, log: Log): Promise<string> {
  const client = clientOf(config, "default");
  try {
    for (let tried = 0; ; tried += 1) {
      try {
        const answer = await client.query({
          query: "SELECT version() AS v",
          format: "JSONEachRow",
        });
        const [row] = (await answer.json()) as { v: string }[];
        await client.command({ query: `CREATE DATABASE IF NOT EXISTS ${config.database}` });
        return row?.v ?? "0";
      } catch (error) {
        const pause = PAUSES_MS[Math.min(tried, PAUSES_MS.length - 1)] ?? 5000;
        refuseWrongLogin(error, config);
        log.warn(
          { url: safeUrl(config.url), tried: tried + 1, pauseMs: pause, error: String(error) },
          "ClickHouse does not answer yet; trying again",
        );
        await new Promise((resolve) => setTimeout(resolve, pause));
      }
    }
  } finally {
    await client.close();
  }
}

function refuseWrongLogin(error: unknown, config: ServerConfig): void {
  if (!(error instanceof ClickHouseError) || !WRONG_LOGIN.has(error.code)) return;
  throw new AppError(
    "CONFIG_INVALID",
    `The ClickHouse server at ${safeUrl(config.url)} refuses user ${config.user}. Check TILLWATCH_CLICKHOUSE_USER and TILLWATCH_CLICKHOUSE_PASSWORD.`,
    { cause: error },
  );
}

async function takesMerchant(client: ClickHouseClient): Promise<boolean> {
  try {
    const answer = await client.query({
      query: "SELECT getSetting('SQL_merchant') AS m",
      format: "JSONEachRow",
      clickhouse_settings: { SQL_merchant: "probe" },
    });
    await answer.json();
    return true;
  } catch (error) {
    if (error instanceof ClickHouseError) return false;
    throw error;
  }
}
