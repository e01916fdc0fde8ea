// On a server the row filter is a policy of the server's own; embedded it is in the engine's users file.
import { AppError } from "../../core/errors.ts";
import { MERCHANT_TABLES } from "../clickhouse-tables.ts";
import type { ClickHouse } from "./clickhouse-handle.ts";

const ACCESS_DENIED = 497;

/** The policy of one table. Who sends no `SQL_merchant` sees no rows. Tried on the embedded version's rules, not yet on a cluster. */
export function rowPolicy(table: string): string {
  const merchant = "getSettingOrDefault('SQL_merchant', '')";
  return `CREATE ROW POLICY IF NOT EXISTS tillwatch_merchant ON ${table}
    FOR SELECT USING merchant_id = ${merchant} OR ${merchant} = '*' TO ALL`;
}

/** Makes the policies. Where our user may not, the operator must: CONFIG_INVALID says which statements. */
export async function keepMerchantsApart(ch: ClickHouse): Promise<void> {
  if (!ch.sendsMerchant) return;
  try {
    for (const table of MERCHANT_TABLES) await ch.command(rowPolicy(table));
  } catch (error) {
    if (!(error instanceof AppError) || error.details.clickhouseCode !== ACCESS_DENIED) throw error;
    const existing = await ch.query<{ n: number }>(
      "*",
      "SELECT count() AS n FROM system.row_policies WHERE short_name = 'tillwatch_merchant'",
    );
    if ((existing[0]?.n ?? 0) >= MERCHANT_TABLES.length) return;
    throw new AppError(
      "CONFIG_INVALID",
      `The ClickHouse user may not create row policies, which keep merchants apart. Grant it access management, or run: ${MERCHANT_TABLES.map(rowPolicy).join("; ")}`,
      { cause: error },
    );
  }
}
