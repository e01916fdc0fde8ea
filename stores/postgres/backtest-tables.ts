// Kysely's view of the table that backtests write.
import type { ColumnType, Generated } from "kysely";

export const BACKTEST_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;
export type BacktestState = (typeof BACKTEST_STATES)[number];

export type BacktestTable = {
  merchant_id: string;
  id: string;
  state: BacktestState;
  asked_by: string;
  request: ColumnType<unknown, string, string>;
  progress: Generated<number>;
  doing: Generated<string>;
  report: ColumnType<Record<string, unknown> | null, string | null, string | null>;
  error: string | null;
  created_at: number;
  finished_at: number | null;
};
