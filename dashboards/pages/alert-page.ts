// One alert in full: what happened, why we think so, what to do, and the decision.
import type { AlertChange } from "../../core/alert.ts";
import type { AlertLabel } from "../../core/alert-label.ts";
import { type Html, html } from "../../core/html.ts";
import { ruleVersionText } from "../../core/rule-version.ts";
import type { ToldAlert } from "./alert-card.ts";
import { type TimelineMail, timeline } from "./alert-timeline.ts";
import { decisionCard } from "./decision-card.ts";
import { evidenceTable, levelBadge, plural, stateBadge } from "./parts.ts";

export type AlertView = ToldAlert & {
  mails: TimelineMail[];
  changes: AlertChange[];
  labels: AlertLabel[];
  csrf: string;
  isDemo: boolean;
  /** What to say above the page after an act, or null. */
  said: string | null;
};

export function alertPage(view: AlertView): Html {
  const { alert, story } = view;
  return html`<p class="crumb"><a href="/alerts">← All alerts</a></p>
${view.said === null ? "" : html`<p class="notice" role="status">${view.said}</p>`}
<p class="tags">${levelBadge(alert.level)}${stateBadge(alert.state, alert.label)}<span>${view.merchant}${view.isDemo ? " (demo, made up)" : ""}</span></p>
<h1>${story.headline}</h1>
${alert.held_why === null ? "" : html`<p class="notice">Nobody was mailed at once: ${alert.held_why}</p>`}
<p class="lead">${story.sentence}</p>
<div class="card do-now"><h2>Do now</h2>
<ol class="steps">${story.doNow.map((text) => html`<li>${text}</li>`)}</ol></div>
<div class="columns columns-wide">
<div class="columns">
<div class="card"><h2>Why we think so</h2>
${story.why.map((text) => html`<p>${text}</p>`)}
${story.meaning === null ? "" : html`<p class="soft">${story.meaning}</p>`}
</div>
<div class="card"><h2>What we saw</h2>${evidenceTable(story, caption(view))}</div>
<div class="card"><h2>What else explains it</h2>
<ul class="plain">${story.explains.map((text) => html`<li>${text}</li>`)}</ul></div>
</div>
<div class="columns">
${decisionCard(view)}
<div class="card"><h2>In numbers</h2>${figures(view)}
<p class="small"><a href="/alerts/${alert.id}/why">How the rule came to it, and what would have kept it silent</a></p></div>
<div class="card"><h2>What happened since</h2>${timeline(view)}</div>
</div>
</div>`;
}

function caption({ alert, zone }: AlertView): string {
  return `${plural(alert.event_count, "event", "events")}, newest last; times of the shop (${zone})`;
}

function figures({ alert, story }: AlertView): Html {
  const rows: [string, string | null][] = [
    ["Money concerned", story.money],
    ["Measured", alert.value === null ? null : alert.value.toLocaleString("en-GB")],
    ["Threshold", alert.threshold === null ? null : alert.threshold.toLocaleString("en-GB")],
    ["Events", alert.event_count.toLocaleString("en-GB")],
    ["Times found", alert.finding_count.toLocaleString("en-GB")],
    ["Rule", `${alert.detection}, version ${ruleVersionText(alert.rule_version)}`],
  ];
  return html`<dl>${rows.map(([name, value]) =>
    value === null ? "" : html`<dt>${name}</dt><dd>${value}</dd>`,
  )}</dl>`;
}
