// The buttons beside an alert: look at it, work on it, keep it quiet, decide, open it again; only those that fit its state.
import { type Alert, type AlertState, LABELS } from "../../core/alert.ts";
import { type Html, html } from "../../core/html.ts";
import { LABEL_WORDS, plural, wallClock } from "./parts.ts";

type View = { alert: Alert; zone: string; csrf: string };

const LOOKS: readonly AlertState[] = ["open", "reopened", "snoozed"];

export function decisionCard(view: View): Html {
  const { alert } = view;
  if (alert.state === "resolved") {
    return html`<div class="card"><h2>Correct the verdict</h2>
${verdictForm(view)}<hr>${reopenForm(view)}</div>`;
  }
  return html`<div class="card"><h2>Decide</h2>
${snoozedNote(view)}${lookForms(view)}${verdictForm(view)}
<details><summary>Keep it quiet for a while</summary>${snoozeForm(view)}</details></div>`;
}

function token({ csrf }: View): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

function snoozedNote({ alert, zone }: View): Html | string {
  if (alert.snoozed_until === null) return "";
  const hidden = plural(alert.hidden_count, "finding", "findings");
  return html`<p class="notice">Snoozed until ${wallClock(alert.snoozed_until, zone)}; ${hidden} hidden so far.</p>`;
}

function lookForms(view: View): Html | string {
  const { id, state } = view.alert;
  if (state === "in_progress") return "";
  const look = LOOKS.includes(state)
    ? html`<form method="post" action="/alerts/${id}/acknowledge">${token(view)}
<p>Tell the others that you are on it. It stays here until you decide.</p>
<button class="button" type="submit">I am looking at it</button></form>`
    : "";
  return html`${look}<form method="post" action="/alerts/${id}/start">${token(view)}
<button class="button quiet" type="submit">I work on it now</button></form><hr>`;
}

function verdictForm(view: View): Html {
  return html`<form method="post" action="/alerts/${view.alert.id}/resolve">${token(view)}
<fieldset><legend>What was it?</legend><div class="choices">${LABELS.map(
    (label) =>
      html`<label><input type="radio" name="label" value="${label}" required>${LABEL_WORDS[label]}</label>`,
  )}</div></fieldset>
<label>Why (optional)<textarea name="reason" maxlength="2000" placeholder="What you found out, for those who look later"></textarea></label>
<p class="soft small">“Not fraud” keeps more of the same quiet until tomorrow, unless it gets worse.</p>
<button class="button" type="submit">Resolve</button>
</form>`;
}

function reopenForm(view: View): Html {
  return html`<form method="post" action="/alerts/${view.alert.id}/reopen">${token(view)}
<label>Why it is not over (optional)<textarea name="reason" maxlength="2000"></textarea></label>
<button class="button quiet" type="submit">Open it again</button>
</form>`;
}

const SPANS = [
  [4, "4 hours"],
  [24, "1 day"],
  [72, "3 days"],
  [168, "7 days"],
  [720, "30 days"],
] as const;

function snoozeForm(view: View): Html {
  return html`<form method="post" action="/alerts/${view.alert.id}/snooze">${token(view)}
<label>How long<select name="hours">${SPANS.map(([hours, text]) => html`<option value="${hours}">${text}</option>`)}</select></label>
<label>Why<textarea name="reason" maxlength="2000" required></textarea></label>
<p class="soft small">More of the same is counted, and nobody is told. Something worse still comes through.</p>
<button class="button quiet" type="submit">Snooze</button>
</form>`;
}
