// Tells an alert in plain words: what, where, who, how much, since when. Mail and pages say the same because of it.
import type { Advice } from "./advice.ts";
import type { Alert } from "./alert.ts";
import { fill } from "./fill.ts";
import type { EvidenceEvent } from "./finding.ts";
import { formatMoney } from "./money.ts";
import { plainText } from "./plain-text.ts";
import {
  fillAdvice,
  isMachineName,
  NAME,
  type Names,
  personName,
  readable,
  tillName,
} from "./story-names.ts";
import { actNoun, ruleWords, storyWords, tongueOf } from "./story-words.ts";
import type { StoryWords } from "./story-words-en.ts";
import { subjectParts } from "./subject.ts";
import { localTime } from "./time.ts";

export type StoryRow = {
  /** Store's wall clock: `14:02:10`, with the day before it when the rows span several. */
  time: string;
  act: string;
  amount: string;
  person: string;
  place: string;
  /** `•••• 4242` (kept on one line), or empty. */
  card: string;
};

/** Plain lines without control characters, of bounded length. Escaping is the template's work. */
export type Story = {
  level: string;
  /** Subject line without level: what, where, how much; no names, no ids. */
  headline: string;
  sentence: string;
  why: string[];
  money: string | null;
  rows: StoryRow[];
  /** Events that the rows leave out. */
  hidden: number;
  doNow: string[];
  explains: string[];
  /** Why such a thing matters. */
  meaning: string | null;
};

const SENTENCE = 400;

/** In a shop nothing fires. */
const STAYED_SILENT = "We would have said nothing";

/** In: the alert, names, the rule's advice where known, and at most how many rows of evidence (the newest) to show. */
export function tellAlert(
  alert: Alert,
  names: Names,
  advice: Advice | undefined,
  maxRows = 8,
): Story {
  const rows = alert.evidence.slice(-maxRows);
  const zone = zoneOf(alert, names);
  const words = storyWords(names.language);
  const rule = ruleWords(names.language, alert.rule);
  // A rule's own sentences are English, so what is put into them is too.
  const ruleNames = { ...names, language: "en" };
  const advised = rule === undefined ? ruleNames : names;
  return {
    level: words.levels[alert.level],
    headline: headline(alert, names),
    sentence: sentence(alert, names, zone),
    why: [alert.explanation, alert.counterfactual.replace(/^Would not fire\b/, STAYED_SILENT)]
      .map((text) => plainText(readable(text, alert, ruleNames), SENTENCE))
      .filter((text) => text !== ""),
    money: money(alert, names),
    rows: rows.map((event) => tellRow(event, names, { zone, days: spansDays(rows, zone) })),
    hidden: Math.max(0, alert.event_count - rows.length),
    doNow: lines(rule?.doNow ?? advice?.do_now, words.doNow).map((text) =>
      fillAdvice(text, alert, advised),
    ),
    explains: lines(rule?.explains ?? advice?.explains, words.explains),
    meaning: rule === undefined && advice?.why ? plainText(advice.why, SENTENCE) : null,
  };
}

function lines(given: readonly string[] | undefined, fallback: readonly string[]): string[] {
  const texts = given === undefined || given.length === 0 ? fallback : given;
  return texts.map((text) => plainText(text, SENTENCE));
}

function headline(alert: Alert, names: Names): string {
  const amount = money(alert, names, true);
  const parts = [
    what(alert, names, true),
    terminalName(alert, names, true),
    storeName(alert, names, true),
  ];
  const line = parts.filter((part) => part !== null).join(", ");
  return plainText(amount === null ? line : `${line} (${amount})`, 120);
}

function sentence(alert: Alert, names: Names, zone: string): string {
  const words = storyWords(names.language);
  const till = terminalName(alert, names, false);
  const store = storeName(alert, names, false);
  const where = [till && fill(words.onTill, { till }), store && fill(words.inStore, { store })];
  const amount = money(alert, names);
  const total = alert.event_count > 1 ? words.totalOfMany : words.total;
  const person = alert.cashier_id === null ? null : personName(alert.cashier_id, names);
  const told = fill(words.sentence, {
    what: capital(what(alert, names, false)),
    where: where.filter(Boolean).join(""),
    when: when(alert, names, zone),
    total: amount === null ? "" : fill(total, { amount }),
    who: person === null ? "" : fill(words.who, { person }),
  });
  return plainText(told, SENTENCE);
}

/** `5 refunds to one card within 10 minutes` where all events are of one kind, else the rule's own title. */
function what(alert: Alert, names: Names, short: boolean): string {
  const words = storyWords(names.language);
  const { evidence, event_count } = alert;
  const nouns = new Set(evidence.map((event) => actNoun(event.event_type, event.fields, words)[1]));
  const [noun] = nouns;
  const about = short ? null : aboutSubject(alert, words);
  if (event_count < 2 || nouns.size !== 1 || noun === undefined) {
    const title = ruleWords(names.language, alert.rule)?.title ?? alert.title;
    return plainText(title, 90) + (about === null ? "" : ` (${about[0]})`);
  }
  const isRefund = evidence[0]?.event_type === "refund";
  const whom = about === null ? "" : ` ${about[isRefund ? 1 : 2]}`;
  const counted = `${event_count} ${noun}${whom}`;
  if (event_count > evidence.length) return counted;
  const spanMs = (evidence.at(-1)?.ts ?? 0) - (evidence[0]?.ts ?? 0);
  return `${counted} ${short ? shortSpan(spanMs, words) : longSpan(spanMs, words)}`;
}

const MOST_MINUTES_MS = 90 * 60_000;
const MOST_HOURS_MS = 48 * 3_600_000;

function shortSpan(ms: number, { span }: StoryWords): string {
  if (ms <= MOST_MINUTES_MS) return fill(span.minutes, { n: Math.max(1, Math.ceil(ms / 60_000)) });
  if (ms <= MOST_HOURS_MS) return fill(span.hours, { n: Math.ceil(ms / 3_600_000) });
  return fill(span.days, { n: Math.ceil(ms / 86_400_000) });
}

function longSpan(ms: number, { longSpan: span }: StoryWords): string {
  if (ms <= 60_000) return span.minute;
  if (ms <= MOST_MINUTES_MS) return fill(span.minutes, { n: Math.ceil(ms / 60_000) });
  if (ms <= MOST_HOURS_MS) return fill(span.hours, { n: Math.ceil(ms / 3_600_000) });
  return fill(span.days, { n: Math.ceil(ms / 86_400_000) });
}

/** Whom or what it is about, where place and person do not say it already. */
function aboutSubject(
  alert: Alert,
  { about }: StoryWords,
): StoryWords["about"][keyof StoryWords["about"]] | null {
  const { type, id } = subjectParts(alert.subject);
  const last4 = new Set(alert.evidence.map((event) => event.fields.last4).filter(Boolean));
  const isMachine = isMachineName(id);
  const named = (words: StoryWords["about"]["card"], value: string) => {
    const [name, refunded, done] = words;
    const put = (text: string) => fill(text, { id: value, last4: value });
    return [put(name), put(refunded), put(done)] as const;
  };
  switch (type) {
    case "card":
      if (last4.size !== 1) return about.card;
      return named(about.cardEnding, plainText([...last4][0] ?? "", 4));
    case "account":
      return isMachine ? about.account : named(about.accountNamed, plainText(id, NAME));
    case "device":
      return isMachine ? about.device : named(about.deviceNamed, plainText(id, NAME));
    case "bin":
      return named(about.bin, plainText(id, 8));
    case "gift_card":
    case "customer":
      return about[type];
    case "cashier":
    case "terminal":
    case "store":
    case "merchant":
      return null;
  }
}

function when(alert: Alert, names: Names, zone: string): string {
  const first = alert.evidence[0]?.ts ?? alert.first_ts;
  const last = Math.max(alert.evidence.at(-1)?.ts ?? alert.last_ts, first);
  const place = zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
  const from = `${day(first, names, zone)}, ${clock(first, zone)}`;
  const words = storyWords(names.language);
  if (last - first < 60_000) return fill(words.atTime, { from, place });
  const sameDay = localTime(first, zone).slice(0, 10) === localTime(last, zone).slice(0, 10);
  const to = sameDay ? clock(last, zone) : `${day(last, names, zone)}, ${clock(last, zone)}`;
  return fill(words.fromTo, { from, to, place });
}

function day(ts: number, names: Names, zone: string): string {
  return new Intl.DateTimeFormat(dateLanguage(names), {
    weekday: "short",
    day: "numeric",
    month: "long",
    timeZone: zone,
  }).format(ts);
}

/** Dates stand among our words, so they are in a language that we have. */
function dateLanguage({ language }: Names): string {
  const tongue = tongueOf(language);
  return tongue === "en" ? "en-GB" : language;
}

function clock(ts: number, zone: string): string {
  return localTime(ts, zone).slice(11, 16);
}

function zoneOf(alert: Alert, names: Names): string {
  return (
    (alert.store_id === null ? undefined : names.stores.get(alert.store_id)?.zone) ?? names.zone
  );
}

function money(alert: Alert, names: Names, short = false): string | null {
  if (alert.amount === null || alert.amount === 0 || alert.currency === null) return null;
  const exact = formatMoney(alert.amount, alert.currency, names.language);
  return short ? exact.replace(/(\d{3,})[.,]\d{2}(?!\d)/, "$1") : exact;
}

function storeName(alert: Alert, names: Names, short: boolean): string | null {
  if (alert.store_id === null) return null;
  const known = names.stores.get(alert.store_id)?.name;
  if (known !== undefined && known !== alert.store_id) return plainText(known, NAME);
  // An owner with one shop needs no id in the subject line.
  return short
    ? null
    : fill(storyWords(names.language).namelessStore, { id: plainText(alert.store_id, NAME) });
}

function terminalName(alert: Alert, names: Names, short: boolean): string | null {
  return alert.terminal_id === null ? null : tillName(alert.terminal_id, names, short);
}

function spansDays(rows: readonly EvidenceEvent[], zone: string): boolean {
  return new Set(rows.map((row) => wallClock(row, zone).slice(0, 10))).size > 1;
}

function wallClock(event: EvidenceEvent, zone: string): string {
  return event.ts_local ?? localTime(event.ts, zone);
}

function tellRow(
  event: EvidenceEvent,
  names: Names,
  { zone, days }: { zone: string; days: boolean },
): StoryRow {
  const local = wallClock(event, zone);
  const words = storyWords(names.language);
  const [one] = actNoun(event.event_type, event.fields, words);
  const { decline_code: code, path, dest_host } = event.fields;
  const decline = code === undefined ? undefined : words.declines[code.toLowerCase()];
  const detail = decline ?? code?.replaceAll("_", " ") ?? path ?? dest_host;
  const amount =
    event.amount === undefined || event.currency === undefined
      ? ""
      : formatMoney(event.amount, event.currency, names.language);
  return {
    time: plainText(
      days ? `${shortDay(local, names)} ${local.slice(11, 16)}` : local.slice(11, 19),
      20,
    ),
    act: plainText(detail === undefined ? capital(one) : `${capital(one)}: ${detail}`, 60),
    amount,
    person: event.cashier_id === undefined ? "" : personName(event.cashier_id, names),
    place: event.terminal_id === undefined ? "" : (tillName(event.terminal_id, names, false) ?? ""),
    card: event.fields.last4 ? `••••\u00a0${plainText(event.fields.last4, 4)}` : "",
  };
}

/** `25 Nov`, `25. Nov.`: a number for the month is read both ways. */
function shortDay(local: string, names: Names): string {
  return new Intl.DateTimeFormat(dateLanguage(names), {
    ...{ day: "numeric", month: "short", timeZone: "UTC" },
  }).format(Date.parse(`${local.slice(0, 10)}T00:00:00Z`));
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
