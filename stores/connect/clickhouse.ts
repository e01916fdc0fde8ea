// One way to ClickHouse for every caller, be it the embedded engine or a server.
import type { Config } from "../../core/config.ts";
import type { Log } from "../../core/log.ts";
import { type ClickHouseLink, clientPair, makeClickHouse } from "./clickhouse-client.ts";
import type { ClickHouse } from "./clickhouse-handle.ts";
import { openClickHouseServer } from "./clickhouse-server.ts";
import { startEmbedded } from "./embedded/supervisor.ts";

export type { ClickHouse } from "./clickhouse-handle.ts";

/**
 * Opens the engine that the settings name. A server that is not there yet is waited for, with a line in the log at each
 * try. Throws CONFIG_INVALID for a wrong password or a version that is too old, STORE_UNAVAILABLE when the embedded
 * engine does not start.
 */
export async function openClickHouse(config: Config, log: Log): Promise<ClickHouse> {
  if (config.clickhouse.kind === "server") return openClickHouseServer(config.clickhouse, log);
  const engine = await startEmbedded(config.dataDir, log);
  let known: { address: string; link: ClickHouseLink } | undefined;
  return makeClickHouse({
    engine: "embedded",
    version: engine.version(),
    childPid: engine.pid,
    link() {
      const address = engine.address();
      if (address === undefined) return undefined;
      if (known?.address !== address) {
        known?.link.close();
        known = { address, link: clientPair(address, engine.keys) };
      }
      return known.link;
    },
    async close() {
      known?.link.close();
      await engine.close();
    },
  });
}
