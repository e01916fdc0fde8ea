// Why the rule spoke, in full: for whoever wants to see the rule at work, or to tune it.
import type { Alert } from "../../core/alert.ts";
import type { Explanation } from "../../core/explanation.ts";
import { type Html, html } from "../../core/html.ts";
import { ruleVersionText } from "../../core/rule-version.ts";
import { localTime } from "../../core/time.ts";
import { plural } from "./parts.ts";

export type WhyView = { alert: Alert; zone: string; explanation: Explanation | undefined };

export function whyPage({ alert, zone, explanation }: WhyView): Html {
  const back = html`<p class="crumb"><a href="/alerts/${alert.id}">← Back to the alert</a></p>
<h1>How the rule came to it</h1>`;
  if (explanation === undefined) {
    return html`${back}<div class="card empty"><p>What was found is not stored any more.</p></div>`;
  }
  return html`${back}
<p class="lead">${measured(explanation)}</p>
${explanation.note === null ? "" : html`<p class="notice">${explanation.note}</p>`}
<div class="card"><h2>What would have kept it silent</h2>${changes(explanation)}</div>
<div class="card"><h2>The newest event against the rule’s conditions</h2>${leaves(explanation)}</div>
<div class="card"><h2>The events</h2>${events(explanation, zone)}</div>`;
}

function measured({ rule, value, threshold, version, current_version }: Explanation): Html {
  const numbers =
    value === null || threshold === null
      ? ""
      : `It measured ${value.toLocaleString("en-GB")}; this level starts at ${threshold.toLocaleString("en-GB")}.`;
  const since =
    current_version === null ? "" : version === current_version ? "" : " Changed since.";
  return html`Rule <code>${rule}</code>, version ${ruleVersionText(version)}. ${numbers}${since}`;
}

function changes(of: Explanation): Html {
  if (of.changes.length === 0) return html`<p>No small change was found that keeps it silent.</p>`;
  return html`<ul class="plain">${of.changes.map((text) => html`<li>${text}</li>`)}</ul>
<p class="soft small">Each was tried on the stored events.</p>`;
}

function leaves(of: Explanation): Html {
  if (of.leaves.length === 0) return html`<p>There is no event to show.</p>`;
  return html`<ul class="tree">${of.leaves.map(
    ({ depth, holds, text }) =>
      html`<li class="depth-${Math.min(depth, 6)}"><span class="${holds ? "yes" : "no"}">${holds ? "✓ yes" : "✗ no"}</span> ${text}</li>`,
  )}</ul>`;
}

function events(of: Explanation, zone: string): Html {
  const hidden = of.event_count - of.events.length;
  return html`<div class="scroll"><table><caption>${plural(of.event_count, "event", "events")}, newest last${hidden > 0 ? `; ${hidden} older ones are left out` : ""}; times of the shop (${zone})</caption>
<thead><tr><th scope="col">Time</th><th scope="col">What</th><th scope="col">Id</th></tr></thead>
<tbody>${of.events.map(
    ({ ts, event_type, event_id }) =>
      html`<tr><td class="nowrap">${localTime(ts, zone).slice(0, 19).replace("T", " ")}</td><td>${event_type.replaceAll("_", " ")}</td><td><code>${event_id}</code></td></tr>`,
  )}</tbody></table></div>`;
}
