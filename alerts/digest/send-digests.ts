// Makes the digests that are due. The mark of the day and the mails are one transaction: none twice, none lost.
import { newId } from "../../core/ids.ts";
import type { Merchant } from "../../core/merchant.ts";
import { lockAlerts } from "../../stores/alerts.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import {
  type DigestMark,
  listDigestOff,
  markDigest,
  readDigestFacts,
  readDigestMark,
} from "../../stores/digests.ts";
import { addMails, type MailKey, type NewMail } from "../../stores/mails.ts";
import { listMerchants } from "../../stores/merchants.ts";
import { readNames } from "../../stores/names.ts";
import { listHeldAlerts } from "../../stores/noise.ts";
import { mailMessageId } from "../channels/email.ts";
import { recipientsOf } from "../due-mails.ts";
import { digestMail } from "../mail/digest-mail.ts";
import { dueDigest } from "./digest-due.ts";

export type DigestDeps = { db: Postgres; publicUrl: string; mailHost: string; now: () => number };

/** Gives the mails that are due since. */
export async function makeDigests(deps: DigestDeps): Promise<MailKey[]> {
  const due: MailKey[] = [];
  for (const merchant of await listMerchants(deps.db)) {
    const mark = await readDigestMark(deps.db, merchant.id);
    const clock = { now: deps.now(), zone: merchant.zone, lastDay: mark?.day ?? null };
    // Cheap before dear: what there is to say is read only when the hour has come.
    if (dueDigest({ ...clock, hasNews: true }) === undefined) continue;
    const mails = await deps.db.transaction().execute((trx) => digest(trx, deps, merchant, mark));
    due.push(...mails);
  }
  return due;
}

async function digest(
  trx: Postgres,
  deps: DigestDeps,
  merchant: Merchant,
  mark: DigestMark | undefined,
): Promise<MailKey[]> {
  await lockAlerts(trx);
  const now = deps.now();
  // Up to now, and the next one from now on: what is held in this very millisecond is in exactly one of them.
  const span = { from: mark?.sent_at ?? now, before: now };
  const since = await listHeldAlerts(trx, merchant.id, span);
  const held = since.filter(({ state }) => state !== "resolved");
  const facts = await readDigestFacts(trx, merchant.id, { now, days: 1 });
  const hasNews = held.length > 0 || facts.open > 0 || facts.opened > 0;
  const lastDay = mark?.day ?? null;
  const due = dueDigest({ now, zone: merchant.zone, lastDay, hasNews });
  if (due === undefined) return [];
  // What was held back stays for the next digest unless this one tells of it.
  const sent_at = due.kind === null ? (mark?.sent_at ?? now) : now;
  if (!(await markDigest(trx, merchant.id, { day: due.day, sent_at })) || due.kind === null) {
    return [];
  }
  const { kind, day } = due;
  const week =
    kind === "weekly" ? await readDigestFacts(trx, merchant.id, { now, days: 7 }) : facts;
  const { names } = await readNames(trx, merchant.id);
  const off = await listDigestOff(trx, merchant.id);
  const mails: NewMail[] = [];
  for (const recipient of await recipientsOf(trx, merchant.id)) {
    if (off.has(recipient.toLowerCase())) continue;
    const of = { alert: merchant.id, to: recipient, kind: `digest_${day}`, host: deps.mailHost };
    const { publicUrl } = deps;
    mails.push({
      ...{ merchant_id: merchant.id, id: newId("mail", now), alert_id: null },
      ...{ kind: of.kind, recipient, message_id: mailMessageId(of) },
      ...{ in_reply_to: null, event_ts: now },
      ...(await digestMail({ kind, facts: week, held, names, recipient, publicUrl })),
    });
  }
  return await addMails(trx, mails, now);
}
