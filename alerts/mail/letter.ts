// A mail about several alerts: a digest, or what was held back. Same frame as the alert's mail, HTML and text alike.
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
import type { MailContent } from "../../stores/mails.ts";
import { SHEET, style } from "./alert-mail-style.ts";
import { wrapText } from "./wrap-text.ts";

/** `text` is harmless already: cut, and no link can be made of it. */
export type LetterLine = { text: string; href: string | null };

export type Letter = {
  language: string;
  subject: string;
  heading: string;
  lead: string;
  sections: { title: string; lines: LetterLine[]; note: string | null }[];
  button: { text: string; href: string };
  /** The last one may lead somewhere: the way out. */
  footer: LetterLine[];
};

export async function writeLetter(letter: Letter): Promise<MailContent> {
  return { subject: letter.subject, html: await htmlOf(letter), plain: plainOf(letter) };
}

async function htmlOf(letter: Letter): Promise<string> {
  const { language, subject, heading, lead, sections, button, footer } = letter;
  return await render(
    h(
      Html,
      { lang: language, dir: "ltr" },
      h(
        Head,
        null,
        h("title", null, subject),
        h("meta", { name: "color-scheme", content: "light dark" }),
        h("style", null, SHEET),
      ),
      h(
        "body",
        { style: style.body, className: "tw-body" },
        h(Preview, null, lead),
        h(
          Container,
          { style: style.card, className: "tw-card" },
          h(
            Section,
            { style: style.inner, className: "tw-inner" },
            h("p", { style: style.brand, className: "tw-soft" }, "Tillwatch"),
            h(Heading, { as: "h1", style: style.h1, className: "tw-strong tw-h1" }, heading),
            h(Text, { style: style.sentence, className: "tw-text" }, lead),
            ...sections.map(sectionOf),
            h(
              Link,
              { href: button.href, style: style.button, className: "tw-button" },
              button.text,
            ),
          ),
        ),
        h(
          Container,
          { style: style.footer, className: "tw-footer" },
          footer.map((line, key) =>
            h("p", { key, style: style.small, className: "tw-soft" }, lineOf(line)),
          ),
        ),
      ),
    ),
  );
}

function sectionOf({ title, lines, note }: Letter["sections"][number]): ReactNode {
  return h(
    Section,
    { key: title },
    h(Heading, { as: "h2", style: style.h2, className: "tw-strong" }, title),
    h(
      "ul",
      { style: style.list },
      lines.map((line, key) =>
        h("li", { key, style: style.text, className: "tw-text" }, lineOf(line)),
      ),
    ),
    note === null ? null : h("p", { style: style.small, className: "tw-soft" }, note),
  );
}

function lineOf({ text, href }: LetterLine): ReactNode {
  return href === null ? text : h(Link, { href, style: style.link, className: "tw-link" }, text);
}

function plainOf({ heading, lead, sections, button, footer }: Letter): string {
  const line = ({ text, href }: LetterLine, indent = "") =>
    `${wrapText(text, indent)}${href === null ? "" : `\n  ${href}`}`;
  const blocks = [
    heading.toUpperCase(),
    wrapText(lead),
    ...sections.map(({ title, lines, note }) =>
      [
        title.toUpperCase(),
        ...lines.map((each) => line({ ...each, text: `- ${each.text}` }, "  ")),
        ...(note ? [note] : []),
      ].join("\n"),
    ),
    `${button.text}:\n${button.href}`,
    `-- \n${footer.map((each) => line(each)).join("\n")}`,
  ];
  return `${blocks.join("\n\n")}\n`;
}
