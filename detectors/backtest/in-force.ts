// A merchant's own rules as a backtest reads them.
import { AppError } from "../../core/errors.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { rulesInForce } from "../../stores/rule-settings.ts";
import { loadCatalogue, readRuleFiles } from "../catalogue.ts";
import type { LoadOptions, RuleFile } from "../engine/read/load.ts";
import type { Lists } from "../engine/sql/leaf-sql.ts";
import { settingsOf } from "../engine/tune/settings.ts";
import { createTuner } from "../engine/tune/tuned.ts";

const MOST_SPAN_MS = 5 * 366 * 86_400_000;

/** With the merchant's knobs and exclusions; what is off or in shadow is asked like the rest. */
export async function inForce(
  db: Postgres,
  merchantId: string,
): Promise<{ files: readonly RuleFile[]; options: LoadOptions; lists: Lists }> {
  const settings = settingsOf(await rulesInForce(db, merchantId));
  const { files } = createTuner(loadCatalogue(), readRuleFiles).tune(settings);
  const { names, forSql } = settings.lists;
  return { files, options: { lists: names }, lists: forSql };
}

/** Throws REQUEST_INVALID. Times are UTC ms. */
export function checkSpan({ from, to }: { from: number; to: number }): void {
  if (from >= to) throw new AppError("REQUEST_INVALID", "from must be earlier than to.");
  if (to - from > MOST_SPAN_MS) {
    throw new AppError("REQUEST_INVALID", "A backtest may span five years.");
  }
}
