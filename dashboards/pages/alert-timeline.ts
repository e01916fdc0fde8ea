// What happened with an alert, in order: seen, told, looked at, decided.
import { type Alert, type AlertChange, LABELS } from "../../core/alert.ts";
import type { AlertLabel } from "../../core/alert-label.ts";
import { type Html, html } from "../../core/html.ts";
import { LEVEL_WORDS } from "../../core/story-words.ts";
import { LABEL_WORDS, plural, wallClock } from "./parts.ts";

export type TimelineMail = {
  id: string;
  recipient: string;
  kind: string;
  state: string;
  created_at: number;
  settled_at: number | null;
};

type Entry = { at: number; what: Html | string };

export function timeline(view: {
  alert: Alert;
  zone: string;
  changes: readonly AlertChange[];
  labels: readonly AlertLabel[];
  mails: readonly TimelineMail[];
}): Html {
  const { alert, zone } = view;
  const entries = [
    ...seen(alert),
    ...view.changes.map((change) => ({ at: change.at, what: changeWords(change, zone) })),
    ...view.labels.flatMap(providerEntry),
    ...view.mails.map(mailEntry),
  ].sort((a, b) => a.at - b.at);
  return html`<ol class="timeline">${entries.map(
    ({ at, what }) =>
      html`<li><time datetime="${new Date(at).toISOString()}">${wallClock(at, zone)}</time>${what}</li>`,
  )}</ol>`;
}

function seen(alert: Alert): Entry[] {
  const first = alert.evidence[0]?.ts ?? alert.first_ts;
  const entries: Entry[] = [{ at: first, what: "First event of those we keep" }];
  if (alert.last_ts > alert.first_ts) {
    entries.push({ at: alert.last_ts, what: `Found again, ${alert.finding_count} times in all` });
  }
  return entries;
}

function changeWords({ act, actor, level, details }: AlertChange, zone: string): Html | string {
  const by = who(actor);
  const quoted =
    typeof details.reason === "string"
      ? html`<br><span class="soft">“${details.reason}”</span>`
      : "";
  const hidden = Number(details.hidden ?? 0);
  const meanwhile = hidden > 0 ? `; it hid ${plural(hidden, "finding", "findings")}` : "";
  switch (act) {
    case "open":
      return "Alert opened";
    case "escalate":
      return `It grew: now ${LEVEL_WORDS[level].toLowerCase()}${meanwhile}`;
    case "acknowledge":
      return `${by} looks at it`;
    case "start":
      return `${by} works on it`;
    case "snooze":
      return html`${by} snoozed it until ${wallClock(Number(details.until), zone)}${quoted}`;
    case "wake":
      return `The snooze was over${meanwhile}`;
    case "resolve":
      return html`${by} decided: ${verdict(details.label)}${quoted}`;
    case "reopen":
      return html`${by} opened it again${quoted}`;
    case "withdraw":
      return "Taken back: an event that arrived late shows that it was as usual";
  }
}

function verdict(label: unknown): string {
  return (
    LABELS.filter((one) => one === label).map((one) => LABEL_WORDS[one].toLowerCase())[0] ?? ""
  );
}

function who(actor: string | null): string {
  if (actor === null) return "Somebody";
  if (actor.startsWith("account:")) return actor === "account:owner" ? "The owner" : actor.slice(8);
  if (actor.startsWith("link:")) return `Somebody with the mail to ${actor.slice(5)}`;
  return actor.startsWith("api_key:") ? `A program (key ${actor.slice(8)})` : actor;
}

/** A person's verdicts stand among the changes already. */
function providerEntry({ kind, actor, label, known_at, reason_code }: AlertLabel): Entry[] {
  if (kind === "verdict") return [];
  const code = reason_code === null ? "" : ` (reason ${reason_code})`;
  const from = actor.replace(/^provider:/, "");
  const said =
    kind === "warning"
      ? "The bank warned of fraud on a payment of this alert"
      : "The card holder took back a payment of this alert";
  const fraud = kind === "chargeback" && label === "fraud" ? ", as fraud" : "";
  return [{ at: known_at, what: `${said}${fraud}${code}; told by ${from}` }];
}

const MAIL_WORDS: Readonly<Record<string, string>> = {
  queued: "waits to be sent",
  claimed: "is being sent",
  ending: "is being sent",
  accepted: "was taken by the mail server",
  refused: "was refused",
  maybe: "may have been sent",
  held: "was held back: too many within an hour",
  local: "lies in the outbox here",
};

function mailEntry(mail: TimelineMail): Entry {
  const to = mail.recipient === "" ? "" : ` to ${mail.recipient}`;
  const what = html`<a href="/outbox/${mail.id}">Mail</a>${to} ${MAIL_WORDS[mail.state] ?? mail.state}`;
  return { at: mail.settled_at ?? mail.created_at, what };
}
