// All alerts, newest first, with their evidence, and filters that live in the address.
import { ALERT_STATES, type AlertState } from "../../core/alert.ts";
import { type Html, html } from "../../core/html.ts";
import { LEVELS, type Level } from "../../core/level.ts";
import { LEVEL_WORDS } from "../../core/story-words.ts";
import { alertCard, type ToldAlert } from "./alert-card.ts";
import { emptyCard, STATE_WORDS } from "./parts.ts";

export type AlertListView = {
  alerts: ToldAlert[];
  merchants: { id: string; name: string }[];
  filter: { state: AlertState | ""; level: Level | ""; merchant: string };
  /** Query text of the next page, or null. */
  older: string | null;
  now: number;
};

export function alertListPage(view: AlertListView): Html {
  const many = view.merchants.length > 1;
  return html`<h1>Alerts</h1>
<form class="filters" method="get" action="/alerts">
${choice("state", "State", { "": "All states", ...pick(ALERT_STATES, STATE_WORDS) }, view.filter.state)}
${choice("level", "Level", { "": "All levels", ...pick([...LEVELS].reverse(), LEVEL_WORDS) }, view.filter.level)}
${many ? choice("merchant", "Business", { "": "All", ...names(view) }, view.filter.merchant) : ""}
<button class="button quiet" type="submit">Show</button>
</form>
${view.alerts.length === 0 ? nothing(view) : view.alerts.map((told) => alertCard(told, view.now, { many }))}
${view.older === null ? "" : html`<p class="pages"><a class="button quiet" href="/alerts?${view.older}">Older alerts</a></p>`}`;
}

function nothing({ filter }: AlertListView): Html {
  if (filter.state === "" && filter.level === "" && filter.merchant === "") {
    return emptyCard(
      "No alerts yet",
      "As soon as something unusual happens, it stands here, with what we saw and what to do.",
    );
  }
  const hint =
    filter.state === "open" ? "Nothing is waiting for you here." : "Nothing fits these filters.";
  return emptyCard("No such alerts", html`${hint} <a href="/alerts">Show all alerts</a>.`);
}

function choice(
  name: string,
  label: string,
  options: Readonly<Record<string, string>>,
  chosen: string,
): Html {
  const entries = Object.entries(options).map(([value, text]) =>
    value === chosen
      ? html`<option value="${value}" selected>${text}</option>`
      : html`<option value="${value}">${text}</option>`,
  );
  return html`<label>${label}<select name="${name}">${entries}</select></label>`;
}

function pick<K extends string>(
  keys: readonly K[],
  words: Readonly<Record<K, string>>,
): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, words[key]]));
}

function names(view: AlertListView): Record<string, string> {
  return Object.fromEntries(view.merchants.map(({ id, name }) => [id, name]));
}
