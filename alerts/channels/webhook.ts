// A signed webhook per Standard Webhooks: the receiver checks who sent it, and knows a repeat by its id.
import { z } from "zod";
import { hmacSha256 } from "../../core/signature.ts";
import { defineChannel, JSON_BODY } from "./channel.ts";

const Settings = z.strictObject({
  url: z.string(),
  /** `whsec_` and base64 of the key. */
  secret: z.string().regex(/^whsec_[A-Za-z0-9+/]{22,}={0,2}$/, "must be whsec_ and base64"),
});

/** The body is described in docs/channels.md. Source: https://www.standardwebhooks.com */
export const webhook = defineChannel({
  kind: "webhook",
  about: "a signed POST of JSON to your own server (Standard Webhooks)",
  knowsRepeats: true,
  settings: Settings,
  shown: ({ url }) => {
    const { origin, pathname } = new URL(url);
    return origin + pathname;
  },
  request(note, { url, secret }, { id, at }) {
    const { kind, at: dueAt, alert, button, ...told } = note;
    const body = JSON.stringify({
      type: kind === "test" ? "test" : `alert.${kind}`,
      timestamp: new Date(dueAt).toISOString(),
      data: { ...told, alert },
    });
    const seconds = String(Math.floor(at.getTime() / 1000));
    const key = Buffer.from(secret.slice("whsec_".length), "base64");
    const signature = hmacSha256(key, `${id}.${seconds}.${body}`).toString("base64");
    const headers = {
      ...JSON_BODY,
      "webhook-id": id,
      "webhook-timestamp": seconds,
      "webhook-signature": `v1,${signature}`,
    };
    return { url, method: "POST", headers, body };
  },
});
