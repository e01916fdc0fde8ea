// Puts signed links into a mail at the moment of sending: what is kept of the mail holds none.
import { randomBytes } from "node:crypto";
import {
  LINK_LIFE_MS,
  type LinkAct,
  MAIL_ACTS,
  type MailAct,
  UNSUBSCRIBE_LIFE_MS,
} from "../../core/mail-link.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { keepMailLinks } from "../../stores/mail-links.ts";
import type { Mail, MailContent } from "../../stores/mails.ts";
import { actAddress } from "../mail/alert-mail-view.ts";
import { offAddress } from "../mail/digest-mail.ts";
import { linkToken } from "./link-token.ts";

export type FillDeps = { db: Postgres; linkKey: string; publicUrl: string; now: () => number };

/** `unsubscribe`: the address for `List-Unsubscribe`, on digests only. */
export type FilledMail = MailContent & { unsubscribe: string | null };

/** In: a mail as it is kept, its buttons leading to pages behind the sign-in. Out: the same with the links of its recipient. */
export async function fillLinks(
  { db, linkKey, publicUrl, now }: FillDeps,
  mail: Mail,
  { subject, html, plain }: MailContent,
): Promise<FilledMail> {
  const filled = { subject, html, plain, unsubscribe: null as string | null };
  const acts = actsOf(mail);
  if (acts.length === 0) return filled;
  const at = now();
  const { merchant_id, alert_id, recipient } = mail;
  const fresh = acts.map((act) => ({
    ...{ id: randomBytes(16).toString("hex"), merchant_id, mail_id: mail.id, alert_id, recipient },
    ...{ act, created_at: at },
    expires_at: at + (act === "unsubscribe" ? UNSUBSCRIBE_LIFE_MS : LINK_LIFE_MS),
  }));
  for (const link of await keepMailLinks(db, mail, fresh)) {
    const signed = `${publicUrl}/m/${linkToken(linkKey, link)}`;
    const kept =
      link.act === "unsubscribe"
        ? offAddress(publicUrl)
        : actAddress(publicUrl, alert_id ?? "", link.act);
    if (link.act === "unsubscribe") filled.unsubscribe = signed;
    filled.html = filled.html.replaceAll(`"${kept}"`, `"${signed}"`);
    filled.plain = filled.plain.replaceAll(`${kept}\n`, `${signed}\n`);
  }
  return filled;
}

function actsOf({ alert_id, kind }: Mail): readonly LinkAct[] {
  if (alert_id !== null)
    return kind === "withdrawn" ? [] : (MAIL_ACTS satisfies readonly MailAct[]);
  return kind.startsWith("digest_") ? ["unsubscribe"] : [];
}
