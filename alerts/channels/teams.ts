// Microsoft Teams: the address of a workflow ("When a Teams webhook request is received") takes an Adaptive Card.
import { z } from "zod";
import type { Level } from "../../core/level.ts";
import { defineChannel, hostOnly, JSON_BODY } from "./channel.ts";

const COLOURS: Readonly<Record<Level, string>> = {
  informational: "Default",
  low: "Default",
  medium: "Accent",
  high: "Warning",
  critical: "Attention",
};

/**
 * Every text that came from data is a TextRun: those know no Markdown, so that a name can be no link and no mention.
 * Source: https://adaptivecards.io/explorer/TextRun.html
 */
export const teams = defineChannel({
  kind: "teams",
  about: "a workflow webhook of Microsoft Teams",
  knowsRepeats: false,
  settings: z.strictObject({ url: z.string() }),
  shown: hostOnly,
  request(note, { url }) {
    const colour = COLOURS[note.level];
    const card = {
      $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
      type: "AdaptiveCard",
      version: "1.4",
      body: [
        line(note.subject, { weight: "Bolder", size: "Medium", color: colour }),
        line(note.greeting, { isSubtle: true }),
        line(note.sentence),
        ...note.why.map((text) => line(`• ${text}`)),
        ...note.do_now.map((text, n) => line(`${n + 1}. ${text}`)),
      ],
      actions: [{ type: "Action.OpenUrl", title: note.button, url: note.link }],
    };
    const contentType = "application/vnd.microsoft.card.adaptive";
    const attachments = [{ contentType, contentUrl: null, content: card }];
    const body = JSON.stringify({ type: "message", attachments });
    return { url, method: "POST", headers: JSON_BODY, body };
  },
});

function line(text: string, look: Readonly<Record<string, string | boolean>> = {}) {
  return { type: "RichTextBlock", inlines: [{ type: "TextRun", text, ...look }] };
}
