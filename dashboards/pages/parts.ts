// Small pieces that several pages show: levels, states, times, evidence.
import type { AlertState, Label } from "../../core/alert.ts";
import type { Story, StoryRow } from "../../core/alert-story.ts";
import { type Html, html } from "../../core/html.ts";
import type { Level } from "../../core/level.ts";
import { LEVEL_WORDS } from "../../core/story-words.ts";
import { localTime } from "../../core/time.ts";

/** A sign beside the word, so that colour is never alone. */
const SIGNS: Readonly<Record<Level, string>> = {
  critical: "◆",
  high: "▲",
  medium: "●",
  low: "○",
  informational: "–",
};

export function levelBadge(level: Level): Html {
  return html`<span class="level level-${level}"><span aria-hidden="true">${SIGNS[level]}</span>${LEVEL_WORDS[level]}</span>`;
}

export const STATE_WORDS: Readonly<Record<AlertState, string>> = {
  open: "Open",
  acknowledged: "Being looked at",
  in_progress: "Being worked on",
  snoozed: "Snoozed",
  reopened: "Open again",
  resolved: "Resolved",
};

export const LABEL_WORDS: Readonly<Record<Label, string>> = {
  fraud: "Fraud",
  not_fraud: "Not fraud",
  unsure: "Unsure",
};

export function stateBadge(state: AlertState, label: Label | null): Html {
  const kind = state === "resolved" ? "state state-good" : "state";
  const verdict = label === null ? "" : `: ${LABEL_WORDS[label].toLowerCase()}`;
  return html`<span class="${kind}">${STATE_WORDS[state]}${verdict}</span>`;
}

/** `3 min ago`, with the merchant's wall clock on hover and for machines. */
export function ago(ts: number, now: number, zone: string): Html {
  return html`<time datetime="${new Date(ts).toISOString()}" title="${wallClock(ts, zone)}">${agoText(ts, now)}</time>`;
}

function agoText(ts: number, now: number): string {
  const minutes = Math.floor((now - ts) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

/** `25 Nov 2026, 14:02 (Europe/London)`. */
export function wallClock(ts: number, zone: string): string {
  const day = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: zone,
  }).format(ts);
  return `${day}, ${localTime(ts, zone).slice(11, 16)} (${zone})`;
}

const COLUMNS = {
  time: "Time",
  act: "What",
  amount: "Amount",
  person: "Who",
  place: "Till",
  card: "Card",
} as const satisfies Record<keyof StoryRow, string>;

/** The evidence as a table; columns in which no row says anything are left out. */
export function evidenceTable(story: Story, caption: string, unseen = false): Html {
  if (story.rows.length === 0) return html`<p class="soft">No single events are kept with it.</p>`;
  const keys = (Object.keys(COLUMNS) as (keyof StoryRow)[]).filter((key) => {
    const values = new Set(story.rows.map((row) => row[key]));
    // One till for all rows stands in the sentence above already; a phone has no room to repeat it.
    return key === "place" ? values.size > 1 : values.size > 1 || !values.has("");
  });
  const kind = (key: keyof StoryRow) =>
    key === "amount" ? "num" : key === "time" || key === "card" ? "nowrap" : "";
  const more =
    story.hidden === 0 ? "" : html`<p class="soft small">… and ${story.hidden} more.</p>`;
  return html`<div class="scroll"><table>
<caption><span class="${unseen ? "unseen" : ""}">${caption}</span></caption>
<thead><tr>${keys.map((key) => html`<th scope="col" class="${kind(key)}">${COLUMNS[key]}</th>`)}</tr></thead>
<tbody>${story.rows.map((row) => html`<tr>${keys.map((key) => html`<td class="${kind(key)}">${row[key]}</td>`)}</tr>`)}</tbody>
</table></div>${more}`;
}

export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-GB")} ${count === 1 ? one : many}`;
}

export function emptyCard(title: string, text: Html | string): Html {
  return html`<div class="card empty"><h2>${title}</h2><p>${text}</p></div>`;
}
