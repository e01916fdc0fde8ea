// Kysely's view of the tables of channels: where to tell people, what was told, and whom next.
import type { ColumnType, Generated } from "kysely";
import type { ChannelKind } from "../../core/channel.ts";
import type { MailState } from "./alert-tables.ts";

export type ChannelTable = {
  merchant_id: string;
  id: string;
  kind: ChannelKind;
  name: string;
  address: string;
  host: string;
  sealed: string;
  is_on: boolean;
  created_at: number;
  failures: Generated<number>;
  paused_until: Generated<number>;
};

export type MessageTable = {
  merchant_id: string;
  id: string;
  channel_id: string;
  channel_kind: ChannelKind;
  alert_id: string | null;
  kind: string;
  state: MailState;
  claim: string | null;
  attempts: Generated<number>;
  note: ColumnType<Record<string, unknown> | null, string | null, string | null>;
  response: string | null;
  event_ts: number;
  created_at: number;
  first_due_at: number;
  due_at: number;
  touched_at: number;
  settled_at: number | null;
};

export type RoutingRuleTable = {
  merchant_id: string;
  id: string;
  body: ColumnType<unknown, string, string>;
  created_at: number;
};

export type OnCallTable = {
  merchant_id: string;
  body: ColumnType<unknown, string, string>;
  set_at: number;
};

export type EscalationTable = {
  merchant_id: string;
  alert_id: string;
  step: number;
  due_at: number;
  ended_at: number | null;
};
