// What a mail about an alert shows, before it is laid out as HTML or text.
import type { Advice } from "../../core/advice.ts";
import type { Alert } from "../../core/alert.ts";
import { type Story, tellAlert } from "../../core/alert-story.ts";
import { fill } from "../../core/fill.ts";
import { MAIL_ACTS, type MailAct } from "../../core/mail-link.ts";
import { defang, plainText } from "../../core/plain-text.ts";
import { ruleVersionText } from "../../core/rule-version.ts";
import type { Names } from "../../core/story-names.ts";
import { tongueOf } from "../../core/story-words.ts";
import type { ToldKind } from "./told-kind.ts";
import { mailWords } from "./words.ts";
import type { MailWords } from "./words-en.ts";

export type AlertMailProps = {
  alert: Alert;
  names: Names;
  advice: Advice | undefined;
  kind: ToldKind;
  /** Address that the mail goes to; empty when nobody has one yet. */
  recipient: string;
  publicUrl: string;
  isDemo: boolean;
};

/** What both parts of the mail show. */
export type AlertMailView = {
  words: MailWords;
  language: string;
  level: Alert["level"];
  subject: string;
  greeting: string;
  story: Story;
  link: string;
  /** Buttons; none where there is nothing to say. */
  acts: { act: MailAct; text: string; href: string }[];
  reason: string;
  judgement: string;
  demo: string | null;
  /** Beside the rule's own sentences, where they are in another language; else empty. */
  ruleNote: string;
};

/** Everything that the two parts show, cut and harmless. */
export function viewOf(props: AlertMailProps): AlertMailView {
  const { alert, names } = props;
  const words = mailWords(names.language);
  const told = harmless(tellAlert(alert, names, props.advice));
  const isWithdrawn = props.kind === "withdrawn";
  const story = isWithdrawn ? { ...told, doNow: [words.withdrawnDo] } : told;
  const merchant = defang(plainText(names.merchant, 60));
  const recipient = plainText(props.recipient, 80);
  const reason = recipient === "" ? words.noAddress : words.reason;
  return {
    words,
    language: tongueOf(names.language),
    level: alert.level,
    subject: fill(isWithdrawn ? words.withdrawnSubject : words.subject, {
      level: story.level,
      headline: story.headline,
    }),
    greeting: fill(words.greeting[props.kind], {
      ...{ merchant, level: story.level.toLowerCase(), hidden: alert.hidden_count },
    }),
    story,
    link: alertAddress(props.publicUrl, alert.id),
    acts: isWithdrawn
      ? []
      : MAIL_ACTS.map((act) => ({
          act,
          text: words.acts[act],
          href: actAddress(props.publicUrl, alert.id, act),
        })),
    reason: fill(reason, { recipient, merchant }),
    judgement: fill(words.judgement, {
      rule: alert.detection,
      version: ruleVersionText(alert.rule_version),
    }),
    demo: props.isDemo ? words.demo : null,
    ruleNote: words.ruleLanguage,
  };
}

function alertAddress(publicUrl: string, alertId: string): string {
  return `${publicUrl}/alerts/${encodeURIComponent(alertId)}`;
}

/** Where a button leads until the mail is sent: to the alert's page, where one signs in. */
export function actAddress(publicUrl: string, alertId: string, act: MailAct): string {
  return `${alertAddress(publicUrl, alertId)}?do=${act}`;
}

/** No mail program may make a link out of a text that came from an event. */
function harmless(story: Story): Story {
  return {
    ...story,
    headline: defang(story.headline),
    sentence: defang(story.sentence),
    why: story.why.map(defang),
    doNow: story.doNow.map(defang),
    rows: story.rows.map((row) => ({
      ...row,
      act: defang(row.act),
      person: defang(row.person),
      place: defang(row.place),
    })),
  };
}
