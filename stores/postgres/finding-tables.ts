// The detectors' tables, for Kysely.
import type { ColumnType, Generated } from "kysely";
import type { Finding } from "../../core/finding.ts";
import type { Level } from "../../core/level.ts";

export type FindingTable = {
  merchant_id: string;
  id: string;
  detection: string;
  subject: string;
  level: Level;
  ts: number;
  late: boolean;
  payload: ColumnType<Finding, string, string>;
  created_at: number;
  taken_at: number | null;
  shadow: Generated<boolean>;
  hidden_by: number | null;
  withdrawn_at: number | null;
  withdrawn_by: string | null;
  withdrawal_taken: Generated<boolean>;
};

export type PositionTable = {
  merchant_id: string;
  instant: number;
  received_ts: number;
  updated_at: number;
};
