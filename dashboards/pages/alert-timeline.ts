// What happened with an alert, in order: seen, told, looked at, decided.
import type { Alert } from "../../core/alert.ts";
import { type Html, html } from "../../core/html.ts";
import { LABEL_WORDS, wallClock } from "./parts.ts";

export type TimelineMail = {
  id: string;
  recipient: string;
  kind: string;
  state: string;
  created_at: number;
  settled_at: number | null;
};

type Entry = { at: number; what: Html | string };

export function timeline(view: { alert: Alert; zone: string; mails: TimelineMail[] }): Html {
  const entries = [...lifeOf(view.alert), ...view.mails.map(mailEntry)].sort((a, b) => a.at - b.at);
  return html`<ol class="timeline">${entries.map(
    ({ at, what }) =>
      html`<li><time datetime="${new Date(at).toISOString()}">${wallClock(at, view.zone)}</time>${what}</li>`,
  )}</ol>`;
}

function lifeOf(alert: Alert): Entry[] {
  const entries: Entry[] = [
    { at: alert.evidence[0]?.ts ?? alert.first_ts, what: "First event of those we keep" },
    { at: alert.opened_at, what: "Alert opened" },
  ];
  if (alert.last_ts > alert.first_ts) {
    entries.push({ at: alert.last_ts, what: `Found again, ${alert.finding_count} times in all` });
  }
  if (alert.acknowledged_at !== null) {
    entries.push({ at: alert.acknowledged_at, what: `${who(alert.acknowledged_by)} looks at it` });
  }
  if (alert.resolved_at !== null && alert.label !== null) {
    const verdict = LABEL_WORDS[alert.label].toLowerCase();
    const reason =
      alert.reason === null ? "" : html`<br><span class="soft">“${alert.reason}”</span>`;
    entries.push({
      at: alert.resolved_at,
      what: html`${who(alert.resolved_by)} decided: ${verdict}${reason}`,
    });
  }
  return entries;
}

function who(actor: string | null): string {
  if (actor === null) return "Somebody";
  if (actor.startsWith("account:")) return actor === "account:owner" ? "The owner" : actor.slice(8);
  return actor.startsWith("api_key:") ? `A program (key ${actor.slice(8)})` : actor;
}

const MAIL_WORDS: Readonly<Record<string, string>> = {
  queued: "waits to be sent",
  claimed: "is being sent",
  ending: "is being sent",
  accepted: "was taken by the mail server",
  refused: "was refused",
  maybe: "may have been sent",
  local: "lies in the outbox here",
};

function mailEntry(mail: TimelineMail): Entry {
  const to = mail.recipient === "" ? "" : ` to ${mail.recipient}`;
  const what = html`<a href="/outbox/${mail.id}">Mail</a>${to} ${MAIL_WORDS[mail.state] ?? mail.state}`;
  return { at: mail.settled_at ?? mail.created_at, what };
}
