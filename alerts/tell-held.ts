// Tells each person once of the mails that were held back because their hour was full.
import type { Alert } from "../core/alert.ts";
import { newId } from "../core/ids.ts";
import { HOUR_MS } from "../core/noise.ts";
import { lockAlerts, readAlert } from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { addMails, type Mail, type MailKey } from "../stores/mails.ts";
import { readNames } from "../stores/names.ts";
import { findHeldPeople, readNoiseSetting, takeHeldMails } from "../stores/noise.ts";
import { mailMessageId } from "./channels/email.ts";
import { heldMail } from "./mail/held-mail.ts";

export type HeldDeps = { db: Postgres; publicUrl: string; mailHost: string; now: () => number };

/** A burst comes whole into one mail. */
const SETTLE_MS = 60_000;

/** Gives the mails that are due since. At most one an hour and person. */
export async function tellHeld(deps: HeldDeps): Promise<MailKey[]> {
  const at = deps.now();
  const people = await findHeldPeople(deps.db, { before: at - SETTLE_MS, after: at - HOUR_MS });
  const due: MailKey[] = [];
  for (const { merchant_id, recipient } of people) {
    const mails = await deps.db.transaction().execute(async (trx) => {
      await lockAlerts(trx);
      return await tell(trx, deps, { merchant_id, recipient, at });
    });
    due.push(...mails);
  }
  return due;
}

async function tell(
  trx: Postgres,
  { publicUrl, mailHost }: HeldDeps,
  { merchant_id, recipient, at }: { merchant_id: string; recipient: string; at: number },
): Promise<MailKey[]> {
  const response = "Held back: too many within an hour; one mail told of all of them.";
  const held = await takeHeldMails(trx, merchant_id, recipient, { response, at });
  const newest = held[0];
  if (newest === undefined) return [];
  const { names } = await readNames(trx, merchant_id);
  const { mails_an_hour } = await readNoiseSetting(trx, merchant_id);
  const alerts = await alertsOf(trx, merchant_id, held);
  const given = { alerts, names, recipient, publicUrl, mailsAnHour: mails_an_hour };
  const kind = `held_${at}`;
  return await addMails(
    trx,
    [
      {
        ...{ merchant_id, id: newId("mail", at), alert_id: null, kind, recipient },
        message_id: mailMessageId({ alert: merchant_id, to: recipient, kind, host: mailHost }),
        ...{ in_reply_to: null, event_ts: newest.event_ts },
        ...(await heldMail(given)),
      },
    ],
    at,
  );
}

/** Each alert once, however many mails about it were held. */
async function alertsOf(
  trx: Postgres,
  merchantId: string,
  held: readonly Mail[],
): Promise<Alert[]> {
  const alerts: Alert[] = [];
  for (const id of new Set(held.map((mail) => mail.alert_id))) {
    const alert = id === null ? undefined : await readAlert(trx, merchantId, id);
    if (alert !== undefined) alerts.push(alert);
  }
  return alerts;
}
