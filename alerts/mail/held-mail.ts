// The one mail that tells of all that was held back from a person within an hour.
import type { Alert } from "../../core/alert.ts";
import { tellAlert } from "../../core/alert-story.ts";
import { fill } from "../../core/fill.ts";
import { defang, plainText } from "../../core/plain-text.ts";
import type { Names } from "../../core/story-names.ts";
import { tongueOf } from "../../core/story-words.ts";
import type { MailContent } from "../../stores/mails.ts";
import { type Letter, type LetterLine, writeLetter } from "./letter.ts";
import { mailWords } from "./words.ts";

const MOST_LINES = 10;

export type HeldMailProps = {
  alerts: Alert[];
  names: Names;
  recipient: string;
  mailsAnHour: number;
  publicUrl: string;
};

export async function heldMail(props: HeldMailProps): Promise<MailContent> {
  const { alerts, names, publicUrl } = props;
  const words = mailWords(names.language);
  const merchant = defang(plainText(names.merchant, 60));
  const count = alerts.length;
  const values = { count, merchant, limit: props.mailsAnHour };
  const rest = count - MOST_LINES;
  const letter: Letter = {
    language: tongueOf(names.language),
    subject: fill(words.heldSubject, values),
    heading: fill(words.heldHeading, values),
    lead: fill(words.heldLead, values),
    sections: [
      {
        title: words.heldTitle,
        lines: alerts.slice(0, MOST_LINES).map((alert) => alertLine(alert, names, publicUrl)),
        note: rest > 0 ? fill(words.andMore, { count: rest }) : null,
      },
    ],
    button: { text: words.openList, href: `${publicUrl}/alerts` },
    footer: [
      {
        text: fill(props.recipient === "" ? words.noAddress : words.reason, {
          recipient: plainText(props.recipient, 80),
          merchant,
        }),
        href: null,
      },
    ],
  };
  return await writeLetter(letter);
}

/** One alert in a list of them, with the way to its page. */
export function alertLine(alert: Alert, names: Names, publicUrl: string): LetterLine {
  const { headline, level } = tellAlert(alert, names, undefined);
  return {
    text: defang(`[${level}] ${headline}`),
    href: `${publicUrl}/alerts/${encodeURIComponent(alert.id)}`,
  };
}
