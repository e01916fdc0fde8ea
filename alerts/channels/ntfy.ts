// A push to phones by ntfy (ntfy.sh or a server of one's own): the address ends in the topic.
import { z } from "zod";
import type { Level } from "../../core/level.ts";
import { defineChannel, hostOnly, JSON_BODY } from "./channel.ts";

/** 5 rings through "do not disturb" where the phone allows it. */
const PRIORITY: Readonly<Record<Level, number>> = {
  informational: 2,
  low: 2,
  medium: 3,
  high: 4,
  critical: 5,
};

const Settings = z.strictObject({
  url: z
    .string()
    .regex(/\/[-_A-Za-z0-9]{1,64}\/?$/, "must end in the topic: https://ntfy.sh/topic"),
  /** An access token, where the topic needs one. */
  secret: z.string().optional(),
});

const LONGEST_MESSAGE = 1500;

/** JSON to the server's root: titles in headers could hold no accents. Source: https://docs.ntfy.sh/publish/#publish-as-json */
export const ntfy = defineChannel({
  kind: "ntfy",
  about: "a push by ntfy; the address ends in the topic",
  knowsRepeats: false,
  settings: Settings,
  shown: (settings) => hostOnly(settings),
  request(note, { url, secret }) {
    const target = new URL(url);
    const parts = target.pathname.split("/").filter((part) => part !== "");
    const topic = parts.pop();
    target.pathname = `/${parts.join("/")}`;
    target.search = "";
    const body = JSON.stringify({
      topic,
      title: note.subject,
      message: [note.sentence, ...note.why].join("\n").slice(0, LONGEST_MESSAGE),
      priority: PRIORITY[note.level],
      markdown: false,
      click: note.link,
      actions: [{ action: "view", label: note.button, url: note.link }],
    });
    const headers: Record<string, string> = { ...JSON_BODY };
    if (secret !== undefined) headers.authorization = `Bearer ${secret}`;
    return { url: target.href, method: "POST", headers, body };
  },
});
