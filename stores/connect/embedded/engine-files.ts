// The embedded engine's two configuration files: limits, grants, and the row filter that keeps merchants apart.
import { DATABASE, MERCHANT_TABLES } from "../../clickhouse-tables.ts";

/** Least memory that the engine works with. */
const LEAST_BYTES = 1_000_000_000;

/** A quarter of what the machine or container has, at least 1 GB. */
export function engineMemory(machineBytes: number): number {
  return Math.max(LEAST_BYTES, Math.floor(machineBytes / 4));
}

function xmlText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** In: absolute folder that holds both files and `backups/`; bytes of memory for the whole engine. */
export function configXml(folder: string, memoryBytes: number): string {
  const path = xmlText(folder);
  return `<clickhouse>
  <max_server_memory_usage>${memoryBytes}</max_server_memory_usage>
  <mark_cache_size>268435456</mark_cache_size>
  <max_concurrent_queries>16</max_concurrent_queries>
  <backups><allowed_path>${path}/backups/</allowed_path></backups>
  <users_config>${path}/users.xml</users_config>
</clickhouse>
`;
}

/**
 * Fence 1 of the isolation: a filter on every table with merchants' rows, by the scope that the child writes into each
 * engine session. No scope, no rows. Fence 2: grants on our database alone, so `file`, `url`, `remote` are refused.
 */
export function usersXml(): string {
  const rule = "getSetting('log_comment') = '*' OR merchant_id = getSetting('log_comment')";
  const filters = MERCHANT_TABLES.map(
    (table) => `        <${table}><filter>${rule}</filter></${table}>`,
  ).join("\n");
  return `<clickhouse>
  <profiles><default/></profiles>
  <quotas><default/></quotas>
  <users>
    <default>
      <password></password>
      <networks><ip>::/0</ip></networks>
      <profile>default</profile>
      <quota>default</quota>
      <grants>
        <query>GRANT ALL ON ${DATABASE}.*</query>
        <query>GRANT SELECT ON system.*</query>
        <query>GRANT KILL QUERY ON *.*</query>
        <query>GRANT BACKUP ON ${DATABASE}.*</query>
      </grants>
      <databases><${DATABASE}>
${filters}
      </${DATABASE}></databases>
    </default>
  </users>
</clickhouse>
`;
}
