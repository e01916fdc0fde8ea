// Turns findings into alerts and due mails, all of a batch in one transaction: a crash repeats it or finds it done.
import type { Advise } from "../core/advice.ts";
import type { Alert } from "../core/alert.ts";
import type { Finding } from "../core/finding.ts";
import { newId } from "../core/ids.ts";
import { findGroup, lockAlerts, saveAlert, takeFindings } from "../stores/alerts.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { beginEscalation } from "../stores/escalations.ts";
import { addMails, type MailKey, type NewMail } from "../stores/mails.ts";
import { addMessages, type MessageKey, type NewMessage } from "../stores/messages.ts";
import { countStanding, takeWithdrawn } from "../stores/withdrawals.ts";
import { mailMessageId } from "./channels/email.ts";
import { COOLDOWN_MS, next, type Say } from "./lifecycle.ts";
import { channelMessage, Telling } from "./telling.ts";

export type TakeDeps = {
  db: Postgres;
  advise: Advise;
  /** Right-hand side of every Message-ID. */
  mailHost: string;
  now: () => number;
};

export type Taken = {
  findings: { finding: Finding; stored_at: number; say: Say }[];
  mails: MailKey[];
  messages: MessageKey[];
};

/** In: at most how many findings. Out: what was taken, and the mails that are due since. */
export async function takeBatch(deps: TakeDeps, limit: number): Promise<Taken> {
  return await deps.db.transaction().execute(async (trx) => {
    await lockAlerts(trx);
    const now = deps.now();
    const batch = new Batch(trx, deps, now);
    const findings: Taken["findings"] = [];
    for (const { finding, stored_at } of await takeFindings(trx, limit, now)) {
      findings.push({ finding, stored_at, say: await batch.see(finding) });
    }
    for (const withdrawn of await takeWithdrawn(trx, limit)) await batch.withdraw(withdrawn);
    return { findings, ...(await batch.save()) };
  });
}

/** Holds the alerts of one transaction, so that a burst on one subject costs one read and one write. */
class Batch {
  private readonly newest = new Map<string, Alert>();
  private readonly changed = new Map<string, Alert>();
  private readonly due: { alert: Alert; kind: string; event_ts: number }[] = [];
  private readonly trx: Postgres;
  private readonly deps: TakeDeps;
  private readonly now: number;

  constructor(trx: Postgres, deps: TakeDeps, now: number) {
    this.trx = trx;
    this.deps = deps;
    this.now = now;
  }

  async see(finding: Finding): Promise<Say> {
    const cooldownMs = this.deps.advise(finding.rule)?.cooldown_ms ?? COOLDOWN_MS;
    const group = JSON.stringify([finding.merchant_id, finding.detection, finding.subject]);
    const before =
      this.newest.get(group) ??
      (await findGroup(this.trx, finding.merchant_id, finding, cooldownMs));
    const { alert, say } = next(before, { kind: "finding", finding, cooldownMs }, this.now);
    this.newest.set(group, alert);
    this.changed.set(alert.id, alert);
    if (say !== null) this.due.push({ alert, kind: say, event_ts: finding.ts });
    return say;
  }

  async withdraw({ finding, by }: { finding: Finding; by: string }): Promise<void> {
    const { merchant_id, detection, subject } = finding;
    const cooldownMs = this.deps.advise(finding.rule)?.cooldown_ms ?? COOLDOWN_MS;
    const group = JSON.stringify([merchant_id, detection, subject]);
    const before =
      this.newest.get(group) ?? (await findGroup(this.trx, merchant_id, finding, cooldownMs));
    if (before === undefined || before.state === "resolved") return;
    const span = { fromTs: before.first_ts, toTs: before.last_ts };
    const standing = await countStanding(this.trx, merchant_id, { detection, subject, ...span });
    const { alert, say } = next(before, { kind: "withdrawn", standing }, this.now);
    this.newest.set(group, alert);
    this.changed.set(alert.id, alert);
    if (say === null) return;
    this.due.push({ alert, kind: say, event_ts: finding.ts });
    await appendAudit(this.trx, {
      ...{ merchant_id, actor: "service", act: "alert.withdraw", subject: `alert:${alert.id}` },
      ...{ at: this.now, address: null, details: { event: by } },
    });
  }

  async save(): Promise<Pick<Taken, "mails" | "messages">> {
    for (const alert of this.changed.values()) await saveAlert(this.trx, alert);
    const telling = new Telling(this.trx, this.now);
    const mails: NewMail[] = [];
    const messages: NewMessage[] = [];
    for (const { alert, kind, event_ts } of this.due) {
      // Sigma's lowest level is something to know, not something to be told: it stands in the list.
      if (alert.level === "informational") continue;
      const told = await telling.of(alert);
      for (const recipient of told.emails)
        mails.push(this.mail(alert, recipient, { kind, event_ts }));
      for (const channel of told.channels) {
        messages.push(channelMessage(alert, channel, { kind, event_ts }));
      }
      if (told.deadline !== null) {
        const { id: alert_id, merchant_id } = alert;
        await beginEscalation(this.trx, { merchant_id, alert_id, ...told.deadline });
      }
    }
    return {
      mails: await addMails(this.trx, mails, this.now),
      messages: await addMessages(this.trx, messages, this.now),
    };
  }

  private mail(
    alert: Alert,
    recipient: string,
    { kind, event_ts }: { kind: string; event_ts: number },
  ): NewMail {
    const id = (of: string) =>
      mailMessageId({ alert: alert.id, to: recipient, kind: of, host: this.deps.mailHost });
    return {
      merchant_id: alert.merchant_id,
      id: newId("mail", this.now),
      alert_id: alert.id,
      kind,
      recipient,
      message_id: id(kind),
      in_reply_to: kind === "opened" ? null : id("opened"),
      event_ts,
    };
  }
}
