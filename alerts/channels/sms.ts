// Text messages by any provider that takes an HTTP request: address, headers and body are templates that the owner fills.
import { z } from "zod";
import { plainText } from "../../core/plain-text.ts";
import { defineChannel } from "./channel.ts";

/** `{{secret_base64}}` is for providers that want `Authorization: Basic` of `user:password`. */
const NAMES = ["to", "text", "link", "secret", "secret_base64"] as const;
type Values = Readonly<Record<(typeof NAMES)[number], string>>;

const OURS = new Set(["host", "content-length", "transfer-encoding", "connection", "upgrade"]);

const Template = z
  .string()
  .max(4000)
  .refine(
    (text) => [...text.matchAll(/\{\{(.*?)\}\}/g)].every(([, name]) => isName(name)),
    `holds a name that is none of ${NAMES.map((name) => `{{${name}}}`).join(" ")}`,
  );

const Header = Template.regex(
  /^[A-Za-z0-9-]{1,60}: ?[\x20-\x7e]{1,1000}$/,
  "must be like Name: value",
).refine((text) => !OURS.has(headerName(text)), "is a header that we set ourselves");

const Settings = z
  .strictObject({
    /** The host is fixed: names stand behind it only. */
    url: Template.regex(/^https?:\/\/[^/?#{}]+(\/|$)/, "must name its host without {{…}}"),
    method: z.enum(["POST", "PUT", "GET"]).default("POST"),
    headers: z.array(Header).max(20).default([]),
    body: Template.default(""),
    to: z.string().regex(/^\+\d{6,15}$/, "must be a number such as +447700900123"),
    secret: z.string().optional(),
  })
  .refine(({ headers, body }) => body === "" || bodyForm(headers) !== undefined, {
    path: ["header"],
    message: "must name a Content-Type: JSON, a form or plain text",
  });

/** Three text messages at most. */
const LONGEST_TEXT = 300;

export const sms = defineChannel({
  kind: "sms",
  about: "text messages by a provider with an HTTP interface, from templates",
  knowsRepeats: false,
  settings: Settings,
  shown: ({ url, to }) => `${new URL(url).host}, to ${to.slice(0, 3)}…${to.slice(-3)}`,
  request(note, { url, method, headers, body, to, secret = "" }) {
    const room = LONGEST_TEXT - note.link.length - 1;
    const values: Values = {
      to,
      text: `${plainText(note.subject, Math.max(60, room))} ${note.link}`,
      link: note.link,
      secret,
      secret_base64: Buffer.from(secret, "utf8").toString("base64"),
    };
    const form = bodyForm(headers) ?? ((text: string) => text);
    return {
      url: fill(url, values, encodeURIComponent),
      method,
      // A header can hold the secrets; a text from data never gets into one, since it would have to be ASCII.
      headers: Object.fromEntries(headers.map((text) => headerOf(text, values))),
      body: method === "GET" ? "" : fill(body, values, form),
    };
  },
});

function isName(name: string | undefined): name is keyof Values {
  return NAMES.some((each) => each === name);
}

function fill(template: string, values: Values, encode: (text: string) => string): string {
  return template.replace(/\{\{(.*?)\}\}/g, (whole, name: string) =>
    isName(name) ? encode(values[name]) : whole,
  );
}

function headerName(text: string): string {
  return text.slice(0, text.indexOf(":")).toLowerCase();
}

function headerOf(text: string, values: Values): [string, string] {
  const cut = text.indexOf(":");
  const ascii = (value: string) => value.replace(/[^\x20-\x7e]/g, "?");
  return [headerName(text), fill(text.slice(cut + 1).trim(), values, ascii)];
}

/** How values are written into a body, by its content type: no value can end the text that it stands in. */
function bodyForm(headers: readonly string[]): ((text: string) => string) | undefined {
  const type = headers.find((text) => headerName(text) === "content-type")?.toLowerCase() ?? "";
  if (type.includes("json")) return (text) => JSON.stringify(text).slice(1, -1);
  if (type.includes("x-www-form-urlencoded")) return encodeURIComponent;
  if (type.includes("text/plain")) return (text) => text;
  return undefined;
}
