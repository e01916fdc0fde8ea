// Tells the next on the list about each alert whose deadline has passed; deadline, message and audit entry in one transaction.
import type { Alert } from "../core/alert.ts";
import { newId } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { OnCallStep } from "../core/routing.ts";
import { lockAlerts, readAlertForUpdate } from "../stores/alerts.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { moveEscalation, takeDueEscalation } from "../stores/escalations.ts";
import { addMails, type MailKey } from "../stores/mails.ts";
import { addMessages } from "../stores/messages.ts";
import { mailMessageId } from "./channels/email.ts";
import { escalate } from "./escalation.ts";
import { channelMessage, Telling } from "./telling.ts";

export type EscalateDeps = { db: Postgres; mailHost: string; now: () => number; log: Log };

export type EscalatedMails = { mails: MailKey[]; messages: number };

/** Works off what is due. A fault is logged; the row is still due and is tried again. */
export async function escalateDue(deps: EscalateDeps): Promise<EscalatedMails> {
  const all: EscalatedMails = { mails: [], messages: 0 };
  try {
    for (;;) {
      const one = await deps.db.transaction().execute((trx) => escalateOne(trx, deps));
      if (one === undefined) return all;
      all.mails.push(...one.mails);
      all.messages += one.messages;
    }
  } catch (err) {
    deps.log.error({ err }, "could not tell the next on call");
    return all;
  }
}

async function escalateOne(
  trx: Postgres,
  { mailHost, now, log }: EscalateDeps,
): Promise<EscalatedMails | undefined> {
  const at = now();
  // Whoever takes findings locks alerts before deadlines; this is the other way round.
  await lockAlerts(trx);
  const row = await takeDueEscalation(trx, at);
  if (row === undefined) return undefined;
  const alert = await readAlertForUpdate(trx, row.merchant_id, row.alert_id);
  const telling = new Telling(trx, at);
  const { tell, next } = escalate(alert, await telling.onCall(row.merchant_id), row, at);
  await moveEscalation(trx, row, next, at);
  if (tell === null || alert === undefined) return { mails: [], messages: 0 };
  await appendAudit(trx, {
    ...{ merchant_id: row.merchant_id, actor: "service", act: "alert.pass_on" },
    ...{ subject: `alert:${alert.id}`, at, address: null },
    details: { step: tell.step + 1, ...tell.to },
  });
  log.warn({ alertId: alert.id, step: tell.step }, "nobody acknowledged, the next is told");
  return await sendTo(trx, { alert, telling, mailHost, at }, tell);
}

async function sendTo(
  trx: Postgres,
  of: { alert: Alert; telling: Telling; mailHost: string; at: number },
  { step, to }: { step: number; to: OnCallStep },
): Promise<EscalatedMails> {
  const { alert, at } = of;
  const kind = `unanswered_${step}`;
  if ("channel" in to) {
    const channel = await of.telling.channel(alert.merchant_id, to.channel);
    if (channel === undefined) return { mails: [], messages: 0 };
    const message = channelMessage(alert, channel, { kind, event_ts: at });
    return { mails: [], messages: (await addMessages(trx, [message], at)).length };
  }
  const id = (what: string) =>
    mailMessageId({ alert: alert.id, to: to.email, kind: what, host: of.mailHost });
  const mail = {
    ...{ merchant_id: alert.merchant_id, id: newId("mail", at), alert_id: alert.id, kind },
    ...{ recipient: to.email, message_id: id(kind), in_reply_to: id("opened"), event_ts: at },
  };
  return { mails: await addMails(trx, [mail], at), messages: 0 };
}
