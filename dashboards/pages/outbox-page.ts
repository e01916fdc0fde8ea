// Every mail that was due, what became of it, and one of them as it looks.
import { type Html, html } from "../../core/html.ts";
import type { MailState } from "../../stores/postgres/alert-tables.ts";
import { ago, emptyCard, wallClock } from "./parts.ts";

export type OutboxMail = {
  id: string;
  alert_id: string | null;
  recipient: string;
  subject: string | null;
  state: MailState;
  response: string | null;
  message_id: string;
  attempts: number;
  created_at: number;
  settled_at: number | null;
  plain: string | null;
  html: string | null;
};
export type ListedMail = { mail: OutboxMail; merchant: string; zone: string };

const STATES: Readonly<Record<MailState, { word: string; kind: string }>> = {
  queued: { word: "Waiting", kind: "state" },
  claimed: { word: "Sending", kind: "state" },
  ending: { word: "Sending", kind: "state" },
  accepted: { word: "Accepted", kind: "state state-good" },
  refused: { word: "Refused", kind: "state state-bad" },
  maybe: { word: "Maybe sent", kind: "state state-bad" },
  held: { word: "Held back", kind: "state" },
  local: { word: "Kept here", kind: "state" },
};

function mailState(state: MailState): Html {
  return html`<span class="${STATES[state].kind}">${STATES[state].word}</span>`;
}

export function outboxPage(mails: readonly ListedMail[], now: number): Html {
  return html`<h1>Mail</h1>
<p class="lead">Each mail that was due, newest first. “Accepted” means that the mail server took it; “kept here” that it goes nowhere else.</p>
${
  mails.length === 0
    ? emptyCard("No mail yet", "The first alert writes the first mail.")
    : html`<div class="card"><div class="scroll"><table>
<thead><tr><th scope="col">Subject</th><th scope="col">To</th><th scope="col">State</th><th scope="col">When</th></tr></thead>
<tbody>${mails.map(
        ({ mail, merchant, zone }) => html`<tr>
<td><a href="/outbox/${mail.id}">${mail.subject ?? "(being written)"}</a><br><span class="soft small">${merchant}</span></td>
<td>${recipient(mail)}</td><td>${mailState(mail.state)}</td><td class="nowrap">${ago(mail.created_at, now, zone)}</td></tr>`,
      )}</tbody></table></div></div>`
}`;
}

export function mailPage({ mail, merchant, zone }: ListedMail): Html {
  const shown =
    mail.html === null
      ? emptyCard("Being written", "Look again in a few seconds.")
      : html`<iframe sandbox="allow-popups allow-popups-to-escape-sandbox" src="/outbox/${mail.id}/html" title="The mail as it looks"></iframe>`;
  return html`<p class="crumb"><a href="/outbox">← All mail</a></p>
<p class="tags">${mailState(mail.state)}<span>${merchant}</span></p>
<h1 class="spaced">${mail.subject ?? "A mail that is being written"}</h1>
<div class="card"><dl>
<dt>To</dt><dd>${recipient(mail)}</dd>
<dt>About</dt><dd>${mail.alert_id === null ? "several alerts" : html`<a href="/alerts/${mail.alert_id}">the alert</a>`}</dd>
<dt>Due since</dt><dd>${wallClock(mail.created_at, zone)}</dd>
${mail.settled_at === null ? "" : html`<dt>Settled</dt><dd>${wallClock(mail.settled_at, zone)}</dd>`}
<dt>Tries</dt><dd>${mail.attempts}</dd>
${mail.response === null ? "" : html`<dt>${mail.state === "local" ? "Why here" : "Last answer"}</dt><dd>${mail.response}</dd>`}
<dt>Message-ID</dt><dd><code>${mail.message_id}</code></dd>
</dl></div>
<section class="columns columns-mail" aria-label="The mail">
<div><h2>As it looks</h2>${shown}</div>
<div><h2>As plain text</h2>${mail.plain === null ? "" : html`<pre class="mail-text">${mail.plain}</pre>`}</div>
</section>`;
}

function recipient(mail: OutboxMail): Html {
  return mail.recipient === ""
    ? html`<span class="soft">nobody: no address yet</span>`
    : html`${mail.recipient}`;
}
