// Tells an alert in plain words: what, where, who, how much, since when. Mail and pages say the same because of it.
import type { Advice } from "./advice.ts";
import type { Alert } from "./alert.ts";
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
import { actNoun, FALLBACK, LEVEL_WORDS } from "./story-words.ts";
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

/** In: the alert, names, the rule's advice where known, and at most how many rows of evidence (the newest) to show. */
export function tellAlert(
  alert: Alert,
  names: Names,
  advice: Advice | undefined,
  maxRows = 8,
): Story {
  const rows = alert.evidence.slice(-maxRows);
  const zone = zoneOf(alert, names);
  return {
    level: LEVEL_WORDS[alert.level],
    headline: headline(alert, names),
    sentence: sentence(alert, names, zone),
    why: [alert.explanation, alert.counterfactual]
      .map((text) => plainText(readable(text, alert, names), SENTENCE))
      .filter((text) => text !== ""),
    money: money(alert, names),
    rows: rows.map((event) => tellRow(event, names, { zone, days: spansDays(rows, zone) })),
    hidden: Math.max(0, alert.event_count - rows.length),
    doNow: lines(advice?.do_now, FALLBACK.doNow).map((text) => fillAdvice(text, alert, names)),
    explains: lines(advice?.explains, FALLBACK.explains),
    meaning: advice?.why ? plainText(advice.why, SENTENCE) : null,
  };
}

function lines(given: readonly string[] | undefined, fallback: readonly string[]): string[] {
  const texts = given === undefined || given.length === 0 ? fallback : given;
  return texts.map((text) => plainText(text, SENTENCE));
}

function headline(alert: Alert, names: Names): string {
  const amount = money(alert, names, true);
  const parts = [
    what(alert, true),
    terminalName(alert, names, true),
    storeName(alert, names, true),
  ];
  const line = parts.filter((part) => part !== null).join(", ");
  return plainText(amount === null ? line : `${line} (${amount})`, 120);
}

function sentence(alert: Alert, names: Names, zone: string): string {
  const terminal = terminalName(alert, names, false);
  const store = storeName(alert, names, false);
  const where = [terminal && ` on ${terminal}`, store && ` in ${store}`].filter(Boolean).join("");
  const amount = money(alert, names);
  const total = amount === null ? "" : `, ${amount}${alert.event_count > 1 ? " in all" : ""}`;
  const who =
    alert.cashier_id === null ? "" : ` At the till: ${personName(alert.cashier_id, names)}.`;
  return plainText(
    `${capital(what(alert, false))}${where}, ${when(alert, names, zone)}${total}.${who}`,
    SENTENCE,
  );
}

/** `5 refunds to one card within 10 minutes` where all events are of one kind, else the rule's own title. */
function what(alert: Alert, short: boolean): string {
  const nouns = new Set(alert.evidence.map((event) => actNoun(event.event_type, event.fields)[1]));
  const [noun] = nouns;
  const about = short ? null : aboutSubject(alert);
  if (alert.event_count < 2 || nouns.size !== 1 || noun === undefined) {
    return plainText(alert.title, 90) + (about === null ? "" : ` (${about.name})`);
  }
  const whom =
    about === null ? "" : ` ${noun.includes("refund") ? "to" : about.link} ${about.name}`;
  const counted = `${alert.event_count} ${noun}${whom}`;
  if (alert.event_count > alert.evidence.length) return counted;
  const spanMs = (alert.evidence.at(-1)?.ts ?? 0) - (alert.evidence[0]?.ts ?? 0);
  return `${counted} ${short ? shortSpan(spanMs) : longSpan(spanMs)}`;
}

function shortSpan(ms: number): string {
  if (ms <= 90 * 60_000) return `in ${Math.max(1, Math.ceil(ms / 60_000))} min`;
  if (ms <= 48 * 3_600_000) return `in ${Math.ceil(ms / 3_600_000)} h`;
  return `in ${Math.ceil(ms / 86_400_000)} days`;
}

function longSpan(ms: number): string {
  if (ms < 60_000) return "within a minute";
  return shortSpan(ms)
    .replace("in ", "within ")
    .replace(/ 1 min$/, " a minute")
    .replace(/ min$/, " minutes")
    .replace(/ h$/, " hours");
}

/** Whom or what it is about, where place and person do not say it already. */
function aboutSubject(alert: Alert): { name: string; link: string } | null {
  const { type, id } = subjectParts(alert.subject);
  const last4 = new Set(alert.evidence.map((event) => event.fields.last4).filter(Boolean));
  const quoted = `“${plainText(id, NAME)}”`;
  const machine = isMachineName(id);
  switch (type) {
    case "card":
      return {
        name:
          last4.size === 1 ? `one card ending ${plainText([...last4][0] ?? "", 4)}` : "one card",
        link: "with",
      };
    case "account":
      return { name: machine ? "one account" : `account ${quoted}`, link: "for" };
    case "device":
      return { name: machine ? "one device" : quoted, link: "from" };
    case "bin":
      return { name: `cards that begin with ${plainText(id, 8)}`, link: "with" };
    case "gift_card":
      return { name: "one gift card", link: "with" };
    case "customer":
      return { name: "one customer", link: "for" };
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
  if (last - first < 60_000) return `${from} (${place} time)`;
  const sameDay = localTime(first, zone).slice(0, 10) === localTime(last, zone).slice(0, 10);
  const to = sameDay ? clock(last, zone) : `${day(last, names, zone)}, ${clock(last, zone)}`;
  return `${from} to ${to} (${place} time)`;
}

function day(ts: number, names: Names, zone: string): string {
  return new Intl.DateTimeFormat(names.language.startsWith("en") ? "en-GB" : names.language, {
    weekday: "short",
    day: "numeric",
    month: "long",
    timeZone: zone,
  }).format(ts);
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
  return short ? null : `shop ${plainText(alert.store_id, NAME)}`;
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
  const [one] = actNoun(event.event_type, event.fields);
  const detail =
    event.fields.decline_code?.replaceAll("_", " ") ?? event.fields.path ?? event.fields.dest_host;
  const amount =
    event.amount === undefined || event.currency === undefined
      ? ""
      : formatMoney(event.amount, event.currency, names.language);
  return {
    time: plainText(
      days ? `${local.slice(5, 10)} ${local.slice(11, 16)}` : local.slice(11, 19),
      20,
    ),
    act: plainText(detail === undefined ? capital(one) : `${capital(one)}: ${detail}`, 60),
    amount,
    person: event.cashier_id === undefined ? "" : personName(event.cashier_id, names),
    place: event.terminal_id === undefined ? "" : (tillName(event.terminal_id, names, false) ?? ""),
    card: event.fields.last4 ? `••••\u00a0${plainText(event.fields.last4, 4)}` : "",
  };
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
