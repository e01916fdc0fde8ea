// The table of what providers are asked for, for Kysely.
import type { Generated } from "kysely";

export type AskingTable = {
  merchant_id: string;
  source_id: string;
  what: string;
  once: boolean;
  cursor: string | null;
  wanted: Generated<number>;
  next_at: number;
  claim: string | null;
  claimed_until: Generated<number>;
  last_ok_at: number | null;
  last_error: string | null;
  last_error_at: number | null;
  failures: Generated<number>;
  created_at: number;
};
