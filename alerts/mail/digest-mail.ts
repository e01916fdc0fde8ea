// The owner's digest: what was held back, what is open, how much money it concerns, and how that compares.
import type { Alert } from "../../core/alert.ts";
import { fill } from "../../core/fill.ts";
import { formatMoney } from "../../core/money.ts";
import { defang, plainText } from "../../core/plain-text.ts";
import type { Names } from "../../core/story-names.ts";
import { tongueOf } from "../../core/story-words.ts";
import type { DigestFacts } from "../../stores/digests.ts";
import type { MailContent } from "../../stores/mails.ts";
import type { DigestKind } from "../digest/digest-due.ts";
import { alertLine } from "./held-mail.ts";
import { type Letter, writeLetter } from "./letter.ts";
import { mailWords } from "./words.ts";

const MOST_LINES = 20;

export type DigestMailProps = {
  kind: DigestKind;
  facts: DigestFacts;
  /** Held back since the last digest, newest first. */
  held: Alert[];
  names: Names;
  recipient: string;
  publicUrl: string;
};

export async function digestMail(props: DigestMailProps): Promise<MailContent> {
  const { kind, facts, held, names, publicUrl } = props;
  const words = mailWords(names.language).digest;
  const merchant = defang(plainText(names.merchant, 60));
  const lines = (alerts: readonly Alert[]) =>
    alerts.map((alert) => alertLine(alert, names, publicUrl));
  const more = (count: number, shown: number) =>
    count > shown ? fill(words.andMore, { count: count - shown }) : null;
  const values = { merchant, open: facts.open, held: held.length };
  const sections: Letter["sections"] = [];
  if (held.length > 0) {
    const shown = held.slice(0, MOST_LINES);
    const note = more(held.length, shown.length);
    sections.push({ title: words.held, lines: lines(shown), note });
  }
  if (facts.open > 0) {
    const note = more(facts.open, facts.first.length);
    sections.push({ title: words.open, lines: lines(facts.first), note });
  }
  sections.push({ title: words.figures, lines: figures(props), note: null });
  const isQuiet = held.length === 0 && facts.open === 0;
  return await writeLetter({
    language: tongueOf(names.language),
    subject: fill(isQuiet ? words.quietSubject[kind] : words.subject[kind], values),
    heading: fill(words.heading[kind], values),
    lead: fill(isQuiet ? words.quietLead : words.lead, values),
    sections,
    button: { text: words.button, href: `${publicUrl}/alerts` },
    footer: [
      {
        text: fill(words.reason, { recipient: plainText(props.recipient, 80), merchant }),
        href: null,
      },
      { text: words.off, href: offAddress(publicUrl) },
    ],
  });
}

/** Where "no more digests" leads until the mail is sent. */
export function offAddress(publicUrl: string): string {
  return `${publicUrl}/outbox?do=unsubscribe`;
}

function figures({ kind, facts, names }: DigestMailProps): Letter["sections"][number]["lines"] {
  const words = mailWords(names.language).digest;
  const money = facts.atRisk.map(({ amount, currency }) =>
    formatMoney(amount, currency, names.language),
  );
  const { opened, usual } = facts;
  const number = (value: number) =>
    value.toLocaleString(names.language, { maximumFractionDigits: 1 });
  const compared =
    usual === null
      ? fill(words.openedNew[kind], { opened })
      : fill(words.opened[kind], { opened, usual: number(usual) });
  const texts = [compared];
  if (money.length > 0) texts.push(fill(words.atRisk, { money: money.join(" + ") }));
  return texts.map((text) => ({ text, href: null }));
}
