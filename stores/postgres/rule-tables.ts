// Kysely's view of the tables that rule settings write.
import type { ColumnType } from "kysely";

export const RULE_CHANGE_KINDS = ["settings", "snooze", "list", "exclusion"] as const;
export type RuleChangeKind = (typeof RULE_CHANGE_KINDS)[number];

export type RuleCounterTable = { merchant_id: string; seq: number };

export type RuleChangeTable = {
  merchant_id: string;
  seq: number;
  at: number;
  actor: string;
  kind: RuleChangeKind;
  key: string;
  value: ColumnType<Record<string, unknown>, string, string>;
  reason: string;
};
