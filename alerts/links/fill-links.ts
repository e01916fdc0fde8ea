// Puts signed links into a mail at the moment of sending: what is kept of the mail holds none.
import { randomBytes } from "node:crypto";
import { LINK_LIFE_MS, MAIL_ACTS, type MailAct } from "../../core/mail-link.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { keepMailLinks } from "../../stores/mail-links.ts";
import type { Mail, MailContent } from "../../stores/mails.ts";
import { actAddress } from "../mail/alert-mail-view.ts";
import { linkToken } from "./link-token.ts";

export type FillDeps = { db: Postgres; linkKey: string; publicUrl: string; now: () => number };

/** In: a mail as it is kept, its buttons leading to the alert's page. Out: the same with the links of its recipient. */
export async function fillLinks(
  { db, linkKey, publicUrl, now }: FillDeps,
  mail: Mail,
  content: MailContent,
): Promise<MailContent> {
  const { alert_id } = mail;
  if (alert_id === null || mail.kind === "withdrawn") return content;
  const at = now();
  const { merchant_id, recipient } = mail;
  const fresh = MAIL_ACTS.map((act) => ({
    ...{ id: randomBytes(16).toString("hex"), merchant_id, mail_id: mail.id, alert_id, recipient },
    ...{ act, created_at: at, expires_at: at + LINK_LIFE_MS },
  }));
  const links = await keepMailLinks(db, mail, fresh);
  let { html, plain } = content;
  for (const link of links) {
    const kept = actAddress(publicUrl, alert_id, link.act as MailAct);
    const signed = `${publicUrl}/m/${linkToken(linkKey, link)}`;
    html = html.replaceAll(`"${kept}"`, `"${signed}"`);
    plain = plain.replaceAll(`${kept}\n`, `${signed}\n`);
  }
  return { subject: content.subject, html, plain };
}
