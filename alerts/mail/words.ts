// Every word of the mails that is not the alert's own story, by language; another language is another entry.

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
  meaning: string;
  reason: string;
  noAddress: string;
  judgement: string;
  demo: string;
  moneyAtRisk: string;
};

const en: MailWords = {
  subject: "[{level}] {headline}",
  greeting: {
    opened: "Unusual at {merchant}: please take a look.",
    escalated: "This grew since we last wrote. It is now {level}.",
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
  meaning: "Why it matters",
  reason:
    "You get this because {recipient} is an alert address of {merchant}. The owner can change that in Tillwatch.",
  noAddress: "No address for alerts is set for {merchant} yet, so this mail lies in the outbox.",
  judgement: "This is a hint from a rule ({rule}, version {version}), not a verdict on anyone.",
  demo: "Demo: this shop and its people are made up.",
  moneyAtRisk: "Money concerned",
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
