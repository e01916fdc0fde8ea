// What a token opens: the link, its alert and its merchant, or nothing. Why nothing is told to nobody.
import type { Alert } from "../../core/alert.ts";
import type { MailLink } from "../../core/mail-link.ts";
import type { Merchant } from "../../core/merchant.ts";
import { readAlert } from "../../stores/alerts.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { findMailLink } from "../../stores/mail-links.ts";
import { findMerchant } from "../../stores/merchants.ts";
import { fitsLink, linkIdOf } from "./link-token.ts";

export type OpenedLink = { link: MailLink; merchant: Merchant; alert: Alert };

/** Undefined alike for a token that is forged, spent, too old, of a closed alert, or of a person who gets no mail any more. */
export async function openLink(
  { db, linkKey }: { db: Postgres; linkKey: string },
  token: string,
  now: number,
): Promise<OpenedLink | undefined> {
  const link = await signedLink({ db, linkKey }, token);
  if (link?.alert_id == null || link.spent_at !== null || link.expires_at <= now) return undefined;
  const merchant = await findMerchant(db, link.merchant_id);
  const known = (merchant?.emails ?? []).map((to) => to.trim().toLowerCase());
  if (merchant === undefined || !known.includes(link.recipient.toLowerCase())) return undefined;
  const alert = await readAlert(db, link.merchant_id, link.alert_id);
  return alert === undefined || alert.state === "resolved" ? undefined : { link, merchant, alert };
}

/** A way out of digests, also when it was taken already; undefined for any other token. */
export async function openUnsubscribe(
  of: { db: Postgres; linkKey: string },
  token: string,
  now: number,
): Promise<Omit<OpenedLink, "alert"> | undefined> {
  const link = await signedLink(of, token);
  if (link?.act !== "unsubscribe" || link.expires_at <= now) return undefined;
  const merchant = await findMerchant(of.db, link.merchant_id);
  return merchant === undefined ? undefined : { link, merchant };
}

/** The link that a token was signed for, whatever became of it. */
async function signedLink(
  { db, linkKey }: { db: Postgres; linkKey: string },
  token: string,
): Promise<MailLink | undefined> {
  const id = linkIdOf(token);
  const link = id === undefined ? undefined : await findMailLink(db, id);
  return link !== undefined && fitsLink(linkKey, token, link) ? link : undefined;
}
