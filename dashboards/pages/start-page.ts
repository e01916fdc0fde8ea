// The first page: is my shop safe today, what waits for me, do you see my shop at all?
import { type Html, html } from "../../core/html.ts";
import type { Level } from "../../core/level.ts";
import { LEVEL_WORDS } from "../../core/story-words.ts";
import { alertCard, type ToldAlert } from "./alert-card.ts";
import { connectHelp } from "./connect-help.ts";
import { ago, emptyCard, plural } from "./parts.ts";
import type { ShopLine } from "./shop-line.ts";
import type { ShopStatus } from "./shop-status.ts";

export type StartView = {
  status: ShopStatus;
  open: { level: Level; count: number }[];
  events: { hour: number; day: number } | null;
  newest: ToldAlert[];
  shops: ShopLine[];
  publicUrl: string;
  now: number;
};

export function startPage(view: StartView): Html {
  const demo = view.shops.find((shop) => shop.isDemo);
  const onlyDemo = demo !== undefined && view.shops.every((shop) => shop.sources.length === 0);
  return html`${onlyDemo ? demoNotice(demo) : ""}
<div class="card status status-${view.status.tone}">
<h1>${view.status.sentence}</h1>
<p class="lead">${view.status.detail}</p>
</div>
<ul class="tiles">
${view.open.map(({ level, count }) => html`<li class="tile"><a href="/alerts?state=open&amp;level=${level}"><b>${count}</b>open, ${LEVEL_WORDS[level].toLowerCase()}</a></li>`)}
<li class="tile"><b>${view.events === null ? "–" : view.events.hour.toLocaleString("en-GB")}</b>events in the last hour</li>
<li class="tile"><b>${view.events === null ? "–" : view.events.day.toLocaleString("en-GB")}</b>events in 24 hours</li>
</ul>
<section aria-labelledby="newest">
<div class="head"><h2 id="newest">What waits for you</h2><a href="/alerts?state=open">All open alerts</a></div>
${
  view.newest.length === 0
    ? emptyCard(
        "Nothing to do",
        "No alert is open. When one comes, it stands here and goes out by mail.",
      )
    : view.newest.map((told) => alertCard(told, view.now, { many: view.shops.length > 1 }))
}
</section>
<section aria-labelledby="shops"><div class="head"><h2 id="shops">What we watch</h2></div>
${view.shops.length === 0 ? "" : html`<div class="card">${shopTable(view)}</div>`}
</section>
${sources(view)}
<section aria-labelledby="connect"><div class="head"><h2 id="connect">Connect a source</h2></div>
${connectHelp(view.shops, view.publicUrl)}</section>`;
}

function demoNotice(demo: ShopLine): Html {
  return html`<p class="notice"><strong>This is a demo.</strong> ${demo.name} is a made-up shop that trades live, with an attack now and then. It stops when you <a href="#connect">connect your first source</a>.</p>`;
}

function shopTable(view: StartView): Html {
  return html`<div class="scroll"><table>
<caption>Events by when they happened</caption>
<thead><tr><th scope="col">Business</th><th scope="col" class="num">Open alerts</th><th scope="col" class="num">Last hour</th><th scope="col" class="num">24 hours</th><th scope="col">Newest event</th></tr></thead>
<tbody>${view.shops.map(
    (
      shop,
    ) => html`<tr><td>${shop.name}${shop.isDemo ? html` <span class="soft">(demo)</span>` : ""}<br><span class="soft small">${shop.id}</span></td>
<td class="num"><a href="/alerts?state=open&amp;merchant=${shop.id}">${shop.open}</a></td>
<td class="num">${shop.events === null ? "–" : shop.events.hour.toLocaleString("en-GB")}</td>
<td class="num">${shop.events === null ? "–" : shop.events.day.toLocaleString("en-GB")}</td>
<td class="nowrap">${shop.events?.last_ts ? ago(shop.events.last_ts, view.now, shop.zone) : html`<span class="soft">none in 24 hours</span>`}</td></tr>`,
  )}</tbody></table></div>`;
}

function sources(view: StartView): Html {
  const rows = view.shops.flatMap((shop) => shop.sources.map((source) => ({ shop, source })));
  if (rows.length === 0) return html``;
  return html`<section aria-labelledby="sources"><div class="head"><h2 id="sources">${plural(rows.length, "source", "sources")} connected</h2></div>
<div class="card"><div class="scroll"><table>
<thead><tr><th scope="col">Source</th><th scope="col">Business</th><th scope="col">Account</th><th scope="col">Address for the provider</th><th scope="col">Since</th></tr></thead>
<tbody>${rows.map(
    ({ shop, source }) => html`<tr><td>${source.kind}</td><td>${shop.name}</td>
<td>${source.account ?? html`<span class="soft">not known yet</span>`}${source.account !== null && !source.account_confirmed ? html` <span class="soft">(as its first delivery said)</span>` : ""}</td>
<td><code>${source.url}</code></td><td class="nowrap">${ago(source.created_at, view.now, shop.zone)}</td></tr>`,
  )}</tbody></table></div></div></section>`;
}
