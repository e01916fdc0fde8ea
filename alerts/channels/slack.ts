// Slack's incoming webhook, and what imitates it (Mattermost, Rocket.Chat, Discord's /slack address).
import { z } from "zod";
import { defineChannel, hostOnly, JSON_BODY } from "./channel.ts";

const LONGEST_SECTION = 2900;

/** Source: https://docs.slack.dev/messaging/formatting-message-text */
export const slack = defineChannel({
  kind: "slack",
  about: "an incoming webhook of Slack, or of what imitates it",
  knowsRepeats: false,
  settings: z.strictObject({ url: z.string() }),
  shown: hostOnly,
  request(note, { url }) {
    const headline = safe(note.subject);
    const told = [note.greeting, note.sentence, ...note.why, ...note.do_now.map(arrow)].map(safe);
    const link = `<${note.link.replace(/&/g, "&amp;")}|${safe(note.button)}>`;
    // `text` is the notification, and all that the imitations show. `verbatim`: nothing becomes a link by itself.
    const text = [headline, safe(note.sentence), link].join("\n");
    const body = {
      text,
      blocks: [section(`*${headline}*`), section(cutLines(told)), section(link)],
      unfurl_links: false,
      unfurl_media: false,
    };
    return { url, method: "POST", headers: JSON_BODY, body: JSON.stringify(body) };
  },
});

function section(text: string) {
  return { type: "section", text: { type: "mrkdwn", text, verbatim: true } };
}

function arrow(text: string): string {
  return `→ ${text}`;
}

/** Whole lines, so that no escape is cut in two. */
function cutLines(lines: readonly string[]): string {
  let text = "";
  for (const line of lines) {
    if (text.length + line.length > LONGEST_SECTION) break;
    text += `${line}\n`;
  }
  return text.trimEnd();
}

/**
 * Nothing in a name may call people (`<!channel>`, and `@all` of the imitations), make a link, or open a block of code
 * that swallows the rest. An unseen space breaks what has no escape.
 */
function safe(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/`/g, "'")
    .replace(/@(?=\S)/g, "@\u200b")
    .replace(/\](?=[([:])/g, "]\u200b");
}
