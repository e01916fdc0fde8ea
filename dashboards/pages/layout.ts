// The frame of every page: head, navigation, footer. No script anywhere; one stylesheet of ours.
import { type Html, html } from "../../core/html.ts";

export type Frame = {
  title: string;
  /** Which entry of the navigation is this page. */
  here: "start" | "alerts" | "outbox" | null;
  openAlerts: number;
  csrf: string;
  /** Address of the stylesheet, with its hash. */
  stylesheet: string;
  /** Reload by itself after so many seconds; not on pages with forms. */
  refreshS?: number;
};

const NAVIGATION = [
  { key: "start", href: "/", name: "Overview" },
  { key: "alerts", href: "/alerts", name: "Alerts" },
  { key: "outbox", href: "/outbox", name: "Mail" },
] as const;

export function layout(frame: Frame, body: Html): string {
  const refresh =
    frame.refreshS === undefined
      ? ""
      : html`<meta http-equiv="refresh" content="${frame.refreshS}">`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${refresh}
<title>${frame.title} · Tillwatch</title>
<link rel="icon" href="/assets/tillwatch.svg" type="image/svg+xml">
<link rel="stylesheet" href="${frame.stylesheet}">
</head>
<body>
<a class="skip" href="#main">Skip to content</a>
<header class="top"><div class="top-in">
<a class="brand" href="/">Tillwatch</a>
<nav class="nav" aria-label="Main">${NAVIGATION.map((entry) => navigationEntry(entry, frame))}</nav>
<form method="post" action="/sign-out"><input type="hidden" name="csrf" value="${frame.csrf}"><button type="submit">Sign out</button></form>
</div></header>
<main id="main">
${body}
</main>
<footer class="foot">Tillwatch points at what is unusual. What it means, people decide.</footer>
</body>
</html>
`.text;
}

function navigationEntry(entry: (typeof NAVIGATION)[number], frame: Frame): Html {
  const count =
    entry.key === "alerts" && frame.openAlerts > 0
      ? html` <span class="count"><span aria-hidden="true">${frame.openAlerts}</span></span>`
      : "";
  return entry.key === frame.here
    ? html`<a href="${entry.href}" aria-current="page">${entry.name}${count}</a>`
    : html`<a href="${entry.href}">${entry.name}${count}</a>`;
}
