// The tables of what is removed, for Kysely.

export type RetentionTable = {
  merchant_id: string;
  days: number;
  set_at: number;
  applied_at: number | null;
};

export type ErasureTable = {
  id: string;
  merchant_id: string;
  field: string;
  value_hash: string;
  reason: string;
  actor: string;
  at: number;
  events: number;
  deliveries: number;
  quarantine: number;
  findings: number;
};
