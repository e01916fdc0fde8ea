// Kysely's view of the tables that alerts write.
import type { ColumnType, Generated } from "kysely";
import type { Alert, AlertChange, AlertState, Label } from "../../core/alert.ts";
import type { Level } from "../../core/level.ts";
import type { MailLink } from "../../core/mail-link.ts";

export type AlertTable = {
  merchant_id: string;
  id: string;
  detection: string;
  subject: string;
  level: Level;
  state: AlertState;
  label: Label | null;
  first_ts: number;
  opened_at: number;
  snoozed_until: number | null;
  store_id: string | null;
  told_at: number | null;
  held_at: number | null;
  body: ColumnType<Alert, string, string>;
};

export type AlertChangeTable = Omit<AlertChange, "details"> & {
  details: ColumnType<AlertChange["details"], string, string>;
};

export const MAIL_STATES = [
  "queued",
  "claimed",
  "ending",
  "accepted",
  "refused",
  "maybe",
  "local",
  "held",
] as const;
export type MailState = (typeof MAIL_STATES)[number];

export type MailLinkTable = MailLink;

export type MailTable = {
  merchant_id: string;
  id: string;
  alert_id: string | null;
  kind: string;
  recipient: string;
  message_id: string;
  in_reply_to: string | null;
  state: MailState;
  claim: string | null;
  attempts: Generated<number>;
  subject: string | null;
  html: string | null;
  plain: string | null;
  response: string | null;
  event_ts: number;
  created_at: number;
  touched_at: number;
  settled_at: number | null;
};
