// The English of the mails and of the pages behind their links; the alert's own story is told in core. Another language is another such file.

import type { AlertState } from "../../core/alert.ts";
import type { MailAct } from "../../core/mail-link.ts";
import type { DigestKind } from "../digest/digest-due.ts";
import type { ToldKind } from "./told-kind.ts";

/** `{name}` stands for a value, `{name|one|many}` for the word that fits it. */
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
  /** Beside a rule's own sentences, where the mail is in another language than they; empty in theirs. */
  ruleLanguage: string;
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
  link: LinkWords;
};

/** What somebody reads who follows a link in a mail. `{level}`, `{merchant}`. */
export type LinkWords = {
  acts: Record<MailAct, Record<"ask" | "button" | "done", string>>;
  about: string;
  howLong: string;
  /** By hours. */
  spans: Record<"4" | "24" | "72" | "168", string>;
  untouched: string;
  thanks: string;
  tooLate: string;
  states: Record<AlertState, string>;
  dead: string;
  deadWhy: string;
  signIn: string;
  tooMany: string;
  tooManyWhy: string;
  stop: string;
  stopWhat: string;
  stopButton: string;
  stopped: string;
  stoppedWhat: string;
  toAlert: string;
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

export const ENGLISH_MAIL: MailWords = {
  subject: "[{level}] {headline}",
  greeting: {
    opened: "Unusual at {merchant}: please take a look.",
    escalated: "This grew since we last wrote. It is now {level}.",
    woke: "Its snooze is over, and meanwhile it was found {hidden} more {hidden|time|times}.",
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
  ruleLanguage: "",
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
    "Without signing in, for three days. Each answer opens a page that asks once more, and counts once. So do not pass this mail on.",
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
    lead: "{open} {open|alert is|alerts are} open, and {held} did not come one by one. Nothing here is more urgent than what you were told at once.",
    quietLead: "Nothing is open and nothing was held back. We watch on.",
    held: "Held back for this digest",
    open: "Open, the most serious first",
    figures: "In figures",
    opened: {
      daily: "{opened} {opened|alert|alerts} in the last day; usual is {usual}.",
      weekly: "{opened} {opened|alert|alerts} in the last seven days; usual is {usual}.",
    },
    openedNew: {
      daily: "{opened} {opened|alert|alerts} in the last day; there is no usual yet.",
      weekly: "{opened} {opened|alert|alerts} in the last seven days; there is no usual yet.",
    },
    atRisk: "Money that open alerts concern: {money}.",
    andMore: "… and {count} more in Tillwatch.",
    button: "Open the list",
    reason:
      "You get this because {recipient} is an alert address of {merchant}. Alerts reach you also without digests.",
    off: "No more digests to this address",
  },
  link: {
    acts: {
      acknowledge: {
        ask: "Say that you are looking at it?",
        button: "I am looking at it",
        done: "Noted: you are looking at it. It stays open until somebody decides.",
      },
      fraud: {
        ask: "Say that it was fraud?",
        button: "Yes, it was fraud",
        done: "Noted: fraud. The alert is closed; more of the same is told again.",
      },
      not_fraud: {
        ask: "Say that it was not fraud?",
        button: "It was not fraud",
        done: "Noted: not fraud. The alert is closed; more of the same stays quiet until tomorrow, unless it gets worse.",
      },
      snooze: {
        ask: "Keep it quiet for a while?",
        button: "Snooze",
        done: "Snoozed. More of the same is counted in silence, unless it gets worse.",
      },
    },
    about: "{merchant} · level {level}",
    howLong: "How long",
    spans: { 4: "4 hours", 24: "1 day", 72: "3 days", 168: "7 days" },
    untouched: "Nothing has happened yet. This link works once, for this alert only.",
    thanks: "Thank you",
    tooLate: "Somebody was faster",
    states: {
      open: "It is open.",
      reopened: "It is open again.",
      acknowledged: "Somebody is looking at it.",
      in_progress: "Somebody works on it.",
      snoozed: "It is snoozed.",
      resolved: "It is resolved.",
    },
    dead: "This link does not work",
    deadWhy: "It is wrong, was used already, or has run out; or the alert is closed.",
    signIn: "Sign in to Tillwatch to see how things stand",
    tooMany: "Too many tries",
    tooManyWhy: "Too many links that do not work came from here. Wait an hour.",
    stop: "No more digests?",
    stopWhat: "You will get no more daily or weekly digests of {merchant}. Alerts still reach you.",
    stopButton: "Stop the digests",
    stopped: "No more digests",
    stoppedWhat: "You get no more digests. Alerts still reach you.",
    toAlert: "Open the alert in Tillwatch (you sign in there)",
  },
};
