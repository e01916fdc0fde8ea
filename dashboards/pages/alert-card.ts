// One alert in a list: enough to decide whether to open it.
import type { Alert } from "../../core/alert.ts";
import type { Story } from "../../core/alert-story.ts";
import { type Html, html } from "../../core/html.ts";
import { ago, evidenceTable, levelBadge, stateBadge } from "./parts.ts";

/** An alert with its story and where it belongs. `many`: the reader has several merchants, so name this one. */
export type ToldAlert = { alert: Alert; story: Story; merchant: string; zone: string };

export function alertCard(
  { alert, story, merchant, zone }: ToldAlert,
  now: number,
  options: { many: boolean },
): Html {
  const state = alert.state === "open" ? "" : stateBadge(alert.state, alert.label);
  const owner = options.many ? html`<span>${merchant}</span>` : "";
  return html`<article class="card alert-card">
<p class="tags">${levelBadge(alert.level)}${state}${owner}<span class="push">${ago(alert.opened_at, now, zone)}</span></p>
<h2><a href="/alerts/${alert.id}">${story.headline}</a></h2>
<p>${story.sentence}</p>
${story.why[0] === undefined ? "" : html`<p class="why">${story.why[0]}</p>`}
${evidenceTable(story, "Newest events", true)}
</article>`;
}
