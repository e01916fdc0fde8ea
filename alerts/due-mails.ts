// From "something must be said" to rows of mails and messages: the store's budget, who is told by what, each person's hour.
import type { Alert } from "../core/alert.ts";
import { newId } from "../core/ids.ts";
import type { NoiseSetting } from "../core/noise.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { beginEscalation } from "../stores/escalations.ts";
import { addMails, type MailKey, type NewMail } from "../stores/mails.ts";
import { findMerchant } from "../stores/merchants.ts";
import { addMessages, type MessageKey, type NewMessage } from "../stores/messages.ts";
import { countMailsOfHour, countTold, readNoiseSetting } from "../stores/noise.ts";
import { mailMessageId } from "./channels/email.ts";
import { judgeTelling } from "./noise-budget.ts";
import { channelMessage, Telling } from "./telling.ts";

/** `alert` as it stood when there was something to say. */
export type Due = { alert: Alert; kind: string; event_ts: number };

type Known = NoiseSetting & {
  told: Map<string, number>;
  /** Mails of the last hour, by recipient. */
  hour: Map<string, number>;
};

/** One transaction's decisions; call {@link judge} before the alerts are saved, {@link save} after it. */
export class DueMails {
  private readonly known = new Map<string, Known>();
  private readonly due: Due[] = [];
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
    this.due.push(due);
    if (known) return alert;
    told.set(store, used + 1);
    return { ...alert, told_at: this.now, held_at: null, held_why: null };
  }

  /** An on-call list begins to count from here. */
  async save(): Promise<{ mails: MailKey[]; messages: MessageKey[] }> {
    const telling = new Telling(this.trx, this.now);
    const mails: NewMail[] = [];
    const messages: NewMessage[] = [];
    for (const due of this.due) {
      const { merchant_id, id: alert_id } = due.alert;
      const known = await this.about(merchant_id);
      const told = await telling.of(due.alert);
      for (const to of once(told.emails)) mails.push(await this.mail(due, to, known));
      for (const channel of told.channels) messages.push(channelMessage(due.alert, channel, due));
      if (told.deadline !== null) {
        await beginEscalation(this.trx, { merchant_id, alert_id, ...told.deadline });
      }
    }
    return {
      mails: await addMails(this.trx, mails, this.now),
      messages: await addMessages(this.trx, messages, this.now),
    };
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
    const known = { ...setting, told, hour: new Map<string, number>() };
    this.known.set(merchantId, known);
    return known;
  }
}

/** Nobody yet is written as an empty address: the mail lies in the outbox and says so. */
export async function recipientsOf(db: Postgres, merchantId: string): Promise<string[]> {
  const merchant = await findMerchant(db, merchantId);
  const known = once(merchant?.emails ?? []);
  return known.length === 0 ? [""] : known;
}

/** Each address once, whatever its capitals. */
function once(addresses: readonly string[]): string[] {
  return [...new Map(addresses.map((to) => [to.trim().toLowerCase(), to.trim()])).values()];
}
