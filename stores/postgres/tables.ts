// The shape of every Postgres table, for Kysely. A test compares it with the migrated database.

import type { ColumnType } from "kysely";
import type { AlertChangeTable, AlertTable, MailLinkTable, MailTable } from "./alert-tables.ts";
import type { AskingTable } from "./asking-tables.ts";
import type { BacktestTable } from "./backtest-tables.ts";
import type {
  ChannelTable,
  EscalationTable,
  MessageTable,
  OnCallTable,
  RoutingRuleTable,
} from "./channel-tables.ts";
import type { FindingTable, PositionTable } from "./finding-tables.ts";
import type { AlertLabelTable, LabelPositionTable } from "./label-tables.ts";
import type { DigestOffTable, DigestTable, NoiseSettingTable } from "./noise-tables.ts";
import type { ErasureTable, RetentionTable } from "./retention-tables.ts";
import type { RuleChangeTable, RuleCounterTable } from "./rule-tables.ts";
import type { TickLeaseTable, UnjudgedTable } from "./tick-tables.ts";

/** Times are UTC milliseconds in `bigint` columns, read as numbers. JSON columns are written as text, read as values. */
export type Json<T> = ColumnType<T, string, string>;

export interface Tables {
  // 0001
  merchant: MerchantTable;
  store: StoreTable;
  terminal: TerminalTable;
  staff: StaffTable;
  // 0002
  api_key: ApiKeyTable;
  // 0003
  sign_in_link: SignInLinkTable;
  session: SessionTable;
  // 0004
  source: SourceTable;
  // 0005
  audit_log: AuditLogTable;
  audit_head: AuditHeadTable;
  // 0006
  finding: FindingTable;
  // 0007
  position: PositionTable;
  // 0008
  alert: AlertTable;
  // 0009
  mail: MailTable;
  // 0010
  backtest: BacktestTable;
  // 0011
  rule_counter: RuleCounterTable;
  rule_change: RuleChangeTable;
  // 0013
  retention: RetentionTable;
  erasure: ErasureTable;
  // 0014
  unjudged: UnjudgedTable;
  tick_lease: TickLeaseTable;
  // 0015
  asking: AskingTable;
  // 0016
  audit_signature: AuditSignatureTable;
  // 0017
  alert_change: AlertChangeTable;
  // 0018
  mail_link: MailLinkTable;
  noise_setting: NoiseSettingTable;
  digest: DigestTable;
  digest_off: DigestOffTable;
  // 0019
  channel: ChannelTable;
  message: MessageTable;
  routing_rule: RoutingRuleTable;
  on_call: OnCallTable;
  escalation: EscalationTable;
  // 0020
  alert_label: AlertLabelTable;
  label_position: LabelPositionTable;
}

export type MerchantTable = {
  id: string;
  name: string;
  zone: string;
  currency: string;
  language: string;
  emails: Json<string[]>;
  is_demo: boolean;
  created_at: number;
};

export type StoreTable = {
  merchant_id: string;
  id: string;
  name: string;
  zone: string;
  currency: string;
  lat: number | null;
  lon: number | null;
  opening_hours: ColumnType<
    ({ from: number; to: number } | null)[] | null,
    string | null,
    string | null
  >;
  confirmed: boolean;
};

export type TerminalTable = {
  merchant_id: string;
  id: string;
  store_id: string | null;
  name: string;
  confirmed: boolean;
};

export type StaffTable = {
  merchant_id: string;
  cashier_id: string;
  name: string;
  role: string;
  active: boolean;
  confirmed: boolean;
};

export type ApiKeyTable = {
  id: string;
  merchant_id: string;
  /** SHA-256 of the key's random part, 64 hex digits. */
  hash: string;
  scopes: Json<string[]>;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
};

export type SignInLinkTable = {
  /** SHA-256 of the link's token, 64 hex digits. */
  hash: string;
  account_id: string;
  created_at: number;
  expires_at: number;
  spent_at: number | null;
};

export type SessionTable = {
  id: string;
  /** SHA-256 of the cookie's token, 64 hex digits. */
  hash: string;
  account_id: string;
  created_at: number;
  last_seen_at: number;
  expires_at: number;
  ended_at: number | null;
  address: string | null;
};

export type SourceTable = {
  id: string;
  merchant_id: string;
  kind: string;
  account: string | null;
  account_confirmed: boolean;
  mode: string;
  url: string;
  /** Sealed with SEAL_KEY; the row's id is bound in. */
  secret: string;
  previous_secret: string | null;
  /** The previous secret is accepted until then, UTC ms. */
  previous_until: number | null;
  created_at: number;
  /** What its API is asked with; sealed likewise. */
  token: string | null;
  /** One of the provider's hosts; null: its first. */
  ask_host: string | null;
  /** Why a delivery was last refused. */
  last_error: string | null;
  last_error_at: number | null;
};

export type AuditLogTable = {
  /** A merchant's id, or `service`. */
  chain: string;
  seq: number;
  merchant_id: string | null;
  actor: string;
  act: string;
  subject: string;
  at: number;
  address: string | null;
  /** JSON text as it was hashed; not `jsonb`, which would reorder keys. */
  details: string;
  previous_hash: string;
  hash: string;
};

export type AuditHeadTable = { chain: string; seq: number; hash: string };

export type AuditSignatureTable = {
  chain: string;
  seq: number;
  hash: string;
  at: number;
  public_key: string;
  signature: string;
};
