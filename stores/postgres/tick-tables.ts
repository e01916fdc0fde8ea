// The tables of detection as ticks, for Kysely.
import type { Generated } from "kysely";

export type UnjudgedTable = {
  seq: Generated<number>;
  merchant_id: string;
  from_ts: number;
  to_ts: number;
};

export type TickLeaseTable = { merchant_id: string; holder: string; until: Date };
