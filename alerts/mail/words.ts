// Every word of the mails that is not the alert's own story, by language; another language is another entry.

import type { MailAct } from "../../core/mail-link.ts";
import type { DigestKind } from "../digest/digest-due.ts";
import type { ToldKind } from "./told-kind.ts";

/** `{name}` stands for a value. */
export type MailWords = {
  subject: string;
  greeting: Record<ToldKind, string>;
  /** Subject and advice of a withdrawal. */
  withdrawnSubject: string;
  withdrawnDo: string;
  why: string;
  evidence: string;
  columns: {
    time: string;
    act: string;
    amount: string;
    person: string;
    place: string;
    card: string;
  };
  hidden: string;
  doNow: string;
  explains: string;
  button: string;
  /** Above the links that act without a sign-in, what each is called, and the word below them. */
  answer: string;
  acts: Record<MailAct, string>;
  answerNote: string;
  meaning: string;
  reason: string;
  noAddress: string;
  judgement: string;
  demo: string;
  moneyAtRisk: string;
  /** What was held back within an hour: `{count}` alerts, `{limit}` mails an hour. */
  heldSubject: string;
  heldHeading: string;
  heldLead: string;
  heldTitle: string;
  andMore: string;
  openList: string;
  digest: DigestWords;
};

/** `{open}` open alerts, `{held}` held back since the last digest. */
type DigestWords = Record<
  "heading" | "subject" | "quietSubject" | "opened" | "openedNew",
  Record<DigestKind, string>
> &
  Record<
    | ("lead" | "quietLead" | "held" | "open" | "figures" | "atRisk")
    | ("andMore" | "button" | "reason" | "off"),
    string
  >;

const en: MailWords = {
  subject: "[{level}] {headline}",
  greeting: {
    opened: "Unusual at {merchant}: please take a look.",
    escalated: "This grew since we last wrote. It is now {level}.",
    woke: "Its snooze is over, and meanwhile it was found {hidden} more times.",
    unanswered: "Nobody has acknowledged this yet, so we tell you too. It is {level}.",
    withdrawn: "We take this back: an event that arrived late shows that it was as usual.",
  },
  withdrawnSubject: "[Withdrawn] {headline}",
  withdrawnDo: "Nothing. Undo what you may have done because of the first mail.",
  why: "Why we think so",
  evidence: "What we saw",
  columns: {
    time: "Time",
    act: "What",
    amount: "Amount",
    person: "Who",
    place: "Till",
    card: "Card",
  },
  hidden: "… and {count} more. The newest are shown.",
  doNow: "Do now",
  explains: "What else explains it",
  button: "Open in Tillwatch",
  answer: "Answer right here",
  acts: {
    acknowledge: "I am looking at it",
    fraud: "Fraud",
    not_fraud: "Not fraud",
    snooze: "Snooze",
  },
  answerNote:
    "Without signing in, for three days. Each opens a page that asks once more; it works once, so do not pass this mail on.",
  meaning: "Why it matters",
  reason:
    "You get this because {recipient} is an alert address of {merchant}. The owner can change that in Tillwatch.",
  noAddress: "No address for alerts is set for {merchant} yet, so this mail lies in the outbox.",
  judgement: "This is a hint from a rule ({rule}, version {version}), not a verdict on anyone.",
  demo: "Demo: this shop and its people are made up.",
  moneyAtRisk: "Money concerned",
  heldSubject: "[{count} more] Alerts held back at {merchant}",
  heldHeading: "{count} more held back",
  heldLead:
    "More than {limit} mails within an hour were due to you, so these did not come one by one. Critical ones always do.",
  heldTitle: "Held back",
  andMore: "… and {count} more in Tillwatch.",
  openList: "Open the list",
  digest: {
    heading: { daily: "{merchant} today", weekly: "{merchant} this week" },
    subject: {
      daily: "[Digest] {open} open, {held} held back at {merchant}",
      weekly: "[Weekly] {open} open, {held} held back at {merchant}",
    },
    quietSubject: {
      daily: "[Digest] Nothing waits for you at {merchant}",
      weekly: "[Weekly] A quiet week at {merchant}",
    },
    lead: "{open} alerts are open, and {held} did not come one by one. Nothing here is more urgent than what you were told at once.",
    quietLead: "Nothing is open and nothing was held back. We watch on.",
    held: "Held back for this digest",
    open: "Open, the most serious first",
    figures: "In figures",
    opened: {
      daily: "{opened} alerts in the last day; usual is {usual}.",
      weekly: "{opened} alerts in the last seven days; usual is {usual}.",
    },
    openedNew: {
      daily: "{opened} alerts in the last day; there is no usual yet.",
      weekly: "{opened} alerts in the last seven days; there is no usual yet.",
    },
    atRisk: "Money that open alerts concern: {money}.",
    andMore: "… and {count} more in Tillwatch.",
    button: "Open the list",
    reason:
      "You get this because {recipient} is an alert address of {merchant}. Alerts reach you also without digests.",
    off: "No more digests to this address",
  },
};

const CATALOGUE: Readonly<Record<string, MailWords>> = { en };

/** The words of a language, by its first part; English where we have none. */
export function mailWords(language: string): MailWords {
  return CATALOGUE[language.split("-")[0] ?? "en"] ?? en;
}

/** Puts values into a text. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
