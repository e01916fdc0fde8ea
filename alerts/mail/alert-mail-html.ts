// The HTML part of an alert's mail. React escapes every text; nothing remote is loaded.
import {
  Container,
  Head,
  Heading,
  Html,
  Link,
  Preview,
  Section,
  Text,
} from "@react-email/components";
import { render } from "@react-email/render";
import { createElement as h, type ReactNode } from "react";
import type { StoryRow } from "../../core/alert-story.ts";
import { fill } from "../../core/fill.ts";
import { LEVEL_COLOURS, SHEET, style } from "./alert-mail-style.ts";
import { shownColumns } from "./alert-mail-text.ts";
import type { AlertMailView } from "./alert-mail-view.ts";

export async function renderAlertMail(view: AlertMailView): Promise<string> {
  return await render(
    h(
      Html,
      { lang: view.language, dir: "ltr" },
      head(view),
      // Not react-email's Body: it paints a second surface that dark mode cannot reach.
      h(
        "body",
        { style: style.body, className: "tw-body" },
        h(Preview, null, view.story.sentence),
        h(
          Container,
          { style: style.card, className: "tw-card" },
          h(
            Section,
            { style: { ...style.bar, backgroundColor: LEVEL_COLOURS[view.level] } },
            "\u00a0",
          ),
          h(Section, { style: style.inner, className: "tw-inner" }, ...content(view)),
        ),
        footer(view),
      ),
    ),
  );
}

function head(view: AlertMailView): ReactNode {
  return h(
    Head,
    null,
    h("title", null, view.subject),
    h("meta", { name: "color-scheme", content: "light dark" }),
    h("meta", { name: "supported-color-schemes", content: "light dark" }),
    h("meta", {
      name: "format-detection",
      content: "telephone=no,date=no,address=no,email=no,url=no",
    }),
    h("style", null, SHEET),
  );
}

/** Rules explain themselves in English; a screen reader should say it so. */
const RULE = { lang: "en" };

function content(view: AlertMailView): ReactNode[] {
  const { story, words } = view;
  return [
    banner(view),
    view.demo === null
      ? null
      : h("p", { key: "demo", style: style.demo, className: "tw-demo" }, view.demo),
    h(
      Heading,
      { key: "h1", as: "h1", style: style.h1, className: "tw-strong tw-h1" },
      story.headline,
    ),
    h(Text, { key: "hi", style: style.greeting, className: "tw-soft" }, view.greeting),
    h(Text, { key: "what", style: style.sentence, className: "tw-text" }, story.sentence),
    title("why", words.why),
    ...story.why.map((text, n) => paragraph(`why${n}`, text, view.ruleNote === "" ? {} : RULE)),
    view.ruleNote === ""
      ? null
      : h(Text, { key: "rule", style: style.small, className: "tw-soft" }, view.ruleNote),
    title("rows", words.evidence),
    evidence(view),
    doNow(view),
    answers(view),
    title("else", words.explains),
    ...story.explains.map((text, n) => paragraph(`else${n}`, text)),
    ...(story.meaning === null
      ? []
      : [title("meaning", words.meaning), paragraph("meaning-text", story.meaning)]),
  ];
}

function banner(view: AlertMailView): ReactNode {
  const pill = { ...style.pill, backgroundColor: LEVEL_COLOURS[view.level] };
  const cell = { padding: 0, verticalAlign: "middle" } as const;
  return h(
    "table",
    { key: "banner", role: "presentation", style: style.table },
    h(
      "tbody",
      null,
      h(
        "tr",
        null,
        h("td", { style: cell }, h("p", { style: style.brand, className: "tw-soft" }, "Tillwatch")),
        h(
          "td",
          { style: { ...cell, textAlign: "right" } },
          h("span", { style: pill }, view.story.level),
        ),
      ),
    ),
  );
}

function title(key: string, text: string): ReactNode {
  return h(Heading, { key: `h-${key}`, as: "h2", style: style.h2, className: "tw-strong" }, text);
}

function paragraph(key: string, text: string, attributes: { lang?: string } = {}): ReactNode {
  return h(Text, { key, style: style.text, className: "tw-text", ...attributes }, text);
}

function evidence({ story, words }: AlertMailView): ReactNode {
  const keys = shownColumns(story.rows);
  const alignment = (key: keyof StoryRow) => (key === "amount" ? style.number : {});
  const header = keys.map((key) =>
    h(
      "th",
      { key, scope: "col", style: { ...style.th, ...alignment(key) }, className: "tw-th tw-soft" },
      words.columns[key],
    ),
  );
  const rows = story.rows.map((row, n) =>
    h(
      "tr",
      { key: n },
      keys.map((key) =>
        h(
          "td",
          { key, style: { ...style.td, ...alignment(key) }, className: "tw-td tw-text" },
          row[key],
        ),
      ),
    ),
  );
  return h(
    "div",
    { key: "evidence" },
    h(
      "table",
      { style: style.table },
      h("thead", null, h("tr", null, header)),
      h("tbody", null, rows),
    ),
    story.hidden > 0
      ? h(
          "p",
          { style: { ...style.small, marginTop: 8 }, className: "tw-soft" },
          fill(words.hidden, { count: story.hidden }),
        )
      : null,
  );
}

function doNow(view: AlertMailView): ReactNode {
  const { story, words } = view;
  return h(
    Section,
    { key: "do", style: style.box, className: "tw-box" },
    h("p", { style: style.boxTitle, className: "tw-strong" }, words.doNow),
    h(
      "ol",
      { style: style.list },
      story.doNow.map((text) =>
        h("li", { key: text, style: style.text, className: "tw-text" }, text),
      ),
    ),
    h(Link, { href: view.link, style: style.button, className: "tw-button" }, words.button),
  );
}

function answers({ acts, words }: AlertMailView): ReactNode {
  if (acts.length === 0) return null;
  return h(
    Section,
    { key: "answer" },
    h(Heading, { as: "h2", style: style.h2, className: "tw-strong" }, words.answer),
    h(
      "p",
      { style: style.acts },
      acts.flatMap(({ act, text, href }) => [
        h("a", { key: act, href, style: style.act, className: "tw-act" }, text),
        " ",
      ]),
    ),
    h("p", { style: style.small, className: "tw-soft" }, words.answerNote),
  );
}

function footer(view: AlertMailView): ReactNode {
  return h(
    Container,
    { style: style.footer, className: "tw-footer" },
    h(Text, { style: style.small, className: "tw-soft" }, view.judgement),
    h(Text, { style: style.small, className: "tw-soft" }, view.reason),
  );
}
