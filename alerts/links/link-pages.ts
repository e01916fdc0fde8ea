// What somebody sees who follows a link in a mail: one question and one button, or that the link does not work.
import type { Alert } from "../../core/alert.ts";
import { fill } from "../../core/fill.ts";
import { type Html, html } from "../../core/html.ts";
import type { MailAct } from "../../core/mail-link.ts";
import { tongueOf } from "../../core/story-words.ts";
import { mailWords } from "../mail/words.ts";

export const LINK_STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; overflow-wrap: anywhere; display: grid; min-height: 100vh; place-items: center; }
main { max-width: 30rem; padding: 1.5rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
.about { border-left: 4px solid #17457d; padding-left: .75rem; }
label { display: block; margin: 0 0 1rem; }
select { font: inherit; padding: .5rem; min-height: 44px; margin-left: .5rem; }
button { font: inherit; padding: .75rem 1.5rem; border: 0; border-radius: .375rem; background: #17457d; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #e59400; outline-offset: 2px; }
.soft { color: #5b6876; font-size: .875rem; }
@media (max-width: 30rem) { main { width: 100%; box-sizing: border-box; } form button { width: 100%; } }
@media (prefers-color-scheme: dark) {
  .soft { color: #9fb0c2; }
  .about { border-color: #7db4f5; }
  button { background: #7db4f5; color: #0b1a2c; }
  a { color: #a9cdf8; }
}
`;

const SPANS = ["4", "24", "72", "168"] as const;

export type LinkView = {
  language: string;
  act: MailAct;
  headline: string;
  level: string;
  merchant: string;
};

/** Nothing has happened yet: scanners and previews open links too. */
export function confirmPage({ language, act, headline, level, merchant }: LinkView): string {
  const words = mailWords(language).link;
  const span =
    act === "snooze"
      ? html`<label>${words.howLong}<select name="hours">${SPANS.map((hours) => html`<option value="${hours}">${words.spans[hours]}</option>`)}</select></label>`
      : "";
  return page(
    language,
    words.acts[act].ask,
    html`<p class="about"><b>${fill(words.about, { level, merchant })}</b><br>${headline}</p>
<form method="post">${span}<button type="submit">${words.acts[act].button}</button></form>
<p class="soft">${words.untouched}</p>`,
  );
}

export function donePage(language: string, act: MailAct, alertAddress: string): string {
  const words = mailWords(language).link;
  const done = html`<p>${words.acts[act].done}</p>`;
  return page(language, words.thanks, html`${done}${toAlert(language, alertAddress)}`);
}

/** Somebody was faster, or the alert has moved on; the link is not spent by that. */
export function tooLatePage(language: string, state: Alert["state"], alertAddress: string): string {
  const words = mailWords(language).link;
  const now = html`<p>${words.states[state]}</p>`;
  return page(language, words.tooLate, html`${now}${toAlert(language, alertAddress)}`);
}

/** The same words for every reason. */
export function deadLinkPage(language: string, publicUrl: string): string {
  const words = mailWords(language).link;
  return page(
    language,
    words.dead,
    html`<p>${words.deadWhy}</p>
<p><a href="${publicUrl}/alerts">${words.signIn}</a></p>`,
  );
}

export function tooManyPage(language: string): string {
  const words = mailWords(language).link;
  return page(language, words.tooMany, html`<p>${words.tooManyWhy}</p>`);
}

export function unsubscribePage(language: string, merchant: string): string {
  const words = mailWords(language).link;
  return page(
    language,
    words.stop,
    html`<p>${fill(words.stopWhat, { merchant })}</p>
<form method="post"><button type="submit">${words.stopButton}</button></form>`,
  );
}

export function unsubscribedPage(language: string): string {
  const words = mailWords(language).link;
  return page(language, words.stopped, html`<p>${words.stoppedWhat}</p>`);
}

function toAlert(language: string, address: string): Html {
  return html`<p><a href="${address}">${mailWords(language).link.toAlert}</a></p>`;
}

function page(language: string, title: string, body: Html): string {
  return html`<!doctype html>
<html lang="${tongueOf(language)}">
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
