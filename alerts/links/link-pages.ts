// What somebody sees who follows a link in a mail: one question and one button, or that the link does not work.
import type { Alert } from "../../core/alert.ts";
import { type Html, html } from "../../core/html.ts";
import type { MailAct } from "../../core/mail-link.ts";

export const LINK_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; display: grid; min-height: 100vh; place-items: center; }
main { max-width: 30rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
.about { border-left: 4px solid #17457d; padding-left: .75rem; }
label { display: block; margin: 0 0 1rem; }
select { font: inherit; padding: .5rem; margin-left: .5rem; }
button { font: inherit; padding: .75rem 1.5rem; border: 0; border-radius: .375rem; background: #17457d; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #e59400; outline-offset: 2px; }
.soft { color: #5b6876; font-size: .875rem; }
@media (prefers-color-scheme: dark) { .soft { color: #9fb0c2; } }
`;

const WORDS: Readonly<Record<MailAct, { ask: string; button: string; done: string }>> = {
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
};

const SPANS = [
  [4, "4 hours"],
  [24, "1 day"],
  [72, "3 days"],
  [168, "7 days"],
] as const;

export type LinkView = { act: MailAct; headline: string; level: string; merchant: string };

/** Nothing has happened yet: scanners and previews open links too. */
export function confirmPage({ act, headline, level, merchant }: LinkView): string {
  const span =
    act === "snooze"
      ? html`<label>How long<select name="hours">${SPANS.map(([hours, text]) => html`<option value="${hours}">${text}</option>`)}</select></label>`
      : "";
  return page(
    WORDS[act].ask,
    html`<p class="about"><b>${level}</b> at ${merchant}<br>${headline}</p>
<form method="post">${span}<button type="submit">${WORDS[act].button}</button></form>
<p class="soft">Nothing has happened yet. This link works once, for this alert only.</p>`,
  );
}

export function donePage(act: MailAct, alertAddress: string): string {
  return page("Thank you", html`<p>${WORDS[act].done}</p>${toAlert(alertAddress)}`);
}

const STATES: Readonly<Record<Alert["state"], string>> = {
  open: "It is open.",
  reopened: "It is open again.",
  acknowledged: "Somebody is looking at it.",
  in_progress: "Somebody works on it.",
  snoozed: "It is snoozed.",
  resolved: "It is resolved.",
};

/** Somebody was faster, or the alert has moved on; the link is not spent by that. */
export function tooLatePage(state: Alert["state"], alertAddress: string): string {
  return page("Somebody was faster", html`<p>${STATES[state]}</p>${toAlert(alertAddress)}`);
}

/** The same words for every reason. */
export function deadLinkPage(publicUrl: string): string {
  return page(
    "This link does not work",
    html`<p>It is wrong, was used already, or has run out; or the alert is closed.</p>
<p><a href="${publicUrl}/alerts">Sign in to Tillwatch</a> to see how things stand.</p>`,
  );
}

export function tooManyPage(): string {
  return page(
    "Too many tries",
    html`<p>Too many links that do not work came from here. Wait an hour.</p>`,
  );
}

export function unsubscribePage(merchant: string): string {
  return page(
    "No more digests?",
    html`<p>You will get no more daily or weekly digests of ${merchant}. Alerts still reach you.</p>
<form method="post"><button type="submit">Stop the digests</button></form>`,
  );
}

export function unsubscribedPage(): string {
  return page("No more digests", html`<p>You get no more digests. Alerts still reach you.</p>`);
}

function toAlert(address: string): Html {
  return html`<p><a href="${address}">Open the alert in Tillwatch</a> (you sign in there).</p>`;
}

function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex">
<title>${title} · Tillwatch</title>
<link rel="stylesheet" href="/m.css">
</head>
<body><main>
<h1>${title}</h1>
${body}
</main></body>
</html>
`.text;
}
