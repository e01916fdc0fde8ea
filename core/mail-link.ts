// What a link in a mail may do without a sign-in: nothing that moves money or rights.

/** Buttons under an alert's mail. */
export const MAIL_ACTS = ["acknowledge", "fraud", "not_fraud", "snooze"] as const;
export type MailAct = (typeof MAIL_ACTS)[number];

/** As {@link MAIL_ACTS}, and the way out of digests. */
export type LinkAct = MailAct | "unsubscribe";

/** One link: for one mail to one person, one act. `id` is random, 32 hex digits. */
export type MailLink = {
  id: string;
  merchant_id: string;
  mail_id: string;
  alert_id: string | null;
  recipient: string;
  act: LinkAct;
  created_at: number;
  expires_at: number;
  spent_at: number | null;
  spent_address: string | null;
};

/** Links under an alert's mail work for so long, or until the alert is resolved. */
export const LINK_LIFE_MS = 72 * 3_600_000;

/** The way out of a digest works for so long (RFC 8058 leaves it open; a month is what mail programs expect). */
export const UNSUBSCRIBE_LIFE_MS = 60 * 86_400_000;

/** Without a sign-in nobody silences for longer. */
export const MOST_LINK_SNOOZE_HOURS = 168;
