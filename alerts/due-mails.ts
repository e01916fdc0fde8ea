// From "something must be said" to rows of mails: the store's budget, then each person's hour.
import type { Alert } from "../core/alert.ts";
import { newId } from "../core/ids.ts";
import type { NoiseSetting } from "../core/noise.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { addMails, type MailKey, type NewMail } from "../stores/mails.ts";
import { findMerchant } from "../stores/merchants.ts";
import { countMailsOfHour, countTold, readNoiseSetting } from "../stores/noise.ts";
import { mailMessageId } from "./channels/email.ts";
import { judgeTelling } from "./noise-budget.ts";

/** `alert` as it stood when there was something to say. */
export type Due = { alert: Alert; kind: string; event_ts: number };

type Known = NoiseSetting & {
  told: Map<string, number>;
  recipients: string[];
  /** Mails of the last hour, by recipient. */
  hour: Map<string, number>;
};

/** One transaction's decisions; call {@link judge} before the alerts are saved, {@link save} after it. */
export class DueMails {
  private readonly known = new Map<string, Known>();
  private readonly telling: Due[] = [];
  private readonly trx: Postgres;
  private readonly now: number;
  private readonly mailHost: string;

  constructor(trx: Postgres, { now, mailHost }: { now: number; mailHost: string }) {
    this.trx = trx;
    this.now = now;
    this.mailHost = mailHost;
  }

  /** In: what is due, and the alert as it will be saved. Out: that alert, with whether people were told. */
  async judge(due: Due, alert: Alert): Promise<Alert> {
    const { told, alerts_a_week: budget } = await this.about(alert.merchant_id);
    const store = alert.store_id ?? "";
    const used = told.get(store) ?? 0;
    const known = alert.told_at !== null;
    const given = { level: due.alert.level, kind: due.kind, told: known, used, budget };
    const verdict = judgeTelling(given);
    if (verdict.do === "nothing") return alert;
    if (verdict.do === "hold") return { ...alert, held_at: this.now, held_why: verdict.why };
    this.telling.push(due);
    if (known) return alert;
    told.set(store, used + 1);
    return { ...alert, told_at: this.now, held_at: null, held_why: null };
  }

  async save(): Promise<MailKey[]> {
    const mails: NewMail[] = [];
    for (const due of this.telling) {
      const known = await this.about(due.alert.merchant_id);
      for (const to of known.recipients) mails.push(await this.mail(due, to, known));
    }
    return await addMails(this.trx, mails, this.now);
  }

  /** Over the person's hour it is kept as held, and one mail tells of all of them later. */
  private async mail(due: Due, recipient: string, known: Known): Promise<NewMail> {
    const { alert, kind, event_ts } = due;
    const { merchant_id } = alert;
    const used =
      known.hour.get(recipient) ??
      (await countMailsOfHour(this.trx, merchant_id, recipient, this.now));
    const isHeld = alert.level !== "critical" && used >= known.mails_an_hour;
    known.hour.set(recipient, isHeld ? used : used + 1);
    const id = (of: string) =>
      mailMessageId({ alert: alert.id, to: recipient, kind: of, host: this.mailHost });
    return {
      merchant_id,
      id: newId("mail", this.now),
      alert_id: alert.id,
      kind,
      recipient,
      message_id: id(kind),
      in_reply_to: kind === "opened" ? null : id("opened"),
      event_ts,
      ...(isHeld
        ? { state: "held", response: `More than ${known.mails_an_hour} mails within an hour.` }
        : {}),
    };
  }

  private async about(merchantId: string): Promise<Known> {
    const before = this.known.get(merchantId);
    if (before !== undefined) return before;
    const setting = await readNoiseSetting(this.trx, merchantId);
    const told = await countTold(this.trx, merchantId, this.now);
    const recipients = await recipientsOf(this.trx, merchantId);
    const known = { ...setting, told, recipients, hour: new Map<string, number>() };
    this.known.set(merchantId, known);
    return known;
  }
}

/** Nobody yet is written as an empty address: the mail lies in the outbox and says so. */
export async function recipientsOf(db: Postgres, merchantId: string): Promise<string[]> {
  const merchant = await findMerchant(db, merchantId);
  const known = new Map((merchant?.emails ?? []).map((to) => [to.trim().toLowerCase(), to.trim()]));
  return known.size === 0 ? [""] : [...known.values()];
}
