// What each channel makes of a note, above all of one whose names are hostile.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CHANNEL_KINDS } from "../../core/channel.ts";
import { next } from "../lifecycle.ts";
import { viewOf } from "../mail/alert-mail-view.ts";
import { aFinding } from "../testing.ts";
import { CHANNELS, findChannel } from "./catalogue.ts";
import type { OutRequest } from "./channel.ts";
import { type Note, noteOf, testNote } from "./note.ts";

const NOW = Date.UTC(2026, 10, 25, 15);
const HOSTILE =
  'Sam <!channel> <@U1> @all [x](javascript:alert(1)) `*b*` ``` <https://evil.example|ok> https://evil.example {{secret}} "}, "to": "+1 \r\nX-Evil: 1 \u202e';

function aNote(text?: string): Note {
  const over =
    text === undefined
      ? {}
      : { title: text, explanation: text, terminal_id: text, cashier_id: text, event_count: 1 };
  const finding = aFinding(over);
  const { alert } = next(undefined, { kind: "finding", finding, cooldownMs: null }, NOW);
  const names = {
    ...{ merchant: text ?? "Corner Coffee", zone: "Europe/London", language: "en" },
    ...{ stores: new Map(), terminals: new Map(), staff: new Map() },
  };
  const view = viewOf({
    ...{ alert, names, advice: undefined, kind: "opened", recipient: "" },
    ...{ publicUrl: "https://watch.example", isDemo: false },
  });
  return noteOf(view, alert, { kind: "opened", at: NOW });
}

const SMS_FORM = {
  url: "https://sms.example/2010/{{to}}/send?key={{secret}}",
  headers: [
    "Content-Type: application/x-www-form-urlencoded",
    "Authorization: Basic {{secret_base64}}",
  ],
  body: "To={{to}}&Body={{text}}",
  to: "+447700900123",
  secret: "user:päss&word",
};
const SMS_JSON = {
  ...SMS_FORM,
  headers: ["Content-Type: application/json"],
  body: '{"to": "{{to}}", "text": "{{text}}"}',
};
const SETTINGS: Record<string, unknown> = {
  webhook: {
    url: "https://hooks.example/secret-path",
    secret: `whsec_${Buffer.alloc(32).toString("base64")}`,
  },
  slack: { url: "https://hooks.slack.example/services/T0/B0/XYZ" },
  teams: { url: "https://flow.example/workflows/1?sig=XYZ" },
  ntfy: { url: "https://ntfy.example/base/my-topic", secret: "tk_abc" },
  sms: SMS_JSON,
};

function requestOf(kind: string, note: Note, settings = SETTINGS[kind]): OutRequest {
  const channel = CHANNELS.find((each) => each.kind === kind);
  if (channel === undefined) throw new Error("no such channel");
  return channel.open(settings).request(note, { id: "msg_1", at: new Date(NOW) });
}

it("every kind but the sink has its file and is in the catalogue", () => {
  expect([...CHANNELS.map(({ kind }) => kind), "sink"].sort()).toEqual([...CHANNEL_KINDS].sort());
  expect(findChannel("sink")).toBeUndefined();
});

describe.each(CHANNELS.map(({ kind }) => kind))("%s", (kind) => {
  it("says what happened, with one link, to our own host", () => {
    const { body } = requestOf(kind, aNote());
    expect(body).toContain("5 refunds in 8 min");
    expect(body).toContain("https://watch.example/alerts/alt_");
    const hosts = [...body.matchAll(/https?:\/\/[^/"<|\s\\)]+/g)].map(([host]) => host);
    expect(new Set(hosts.filter((host) => !host.includes("adaptivecards")))).toEqual(
      new Set(["https://watch.example"]),
    );
  });

  it("hostile names stay text: no mention, no link, no code, no header, no second field", () => {
    const request = requestOf(kind, aNote(HOSTILE));
    const { body, headers, url } = request;
    expect(() => JSON.parse(body)).not.toThrow();
    expect(body).not.toContain("\u202e");
    // A webhook's facts hold ids as they are, for a machine.
    const shown = kind === "webhook" ? body.replace(/"(terminal|cashier)_id":"[^,]*/g, "") : body;
    expect(shown).not.toMatch(/https:\/\/evil|evil\.example/);
    for (const text of [url, ...Object.values(headers)]) expect(text).not.toMatch(/[\r\n]|evil/i);
    expect(body.length).toBeLessThan(20_000);
  });

  it("a test message has the same form", () => {
    const { body } = requestOf(kind, testNote("Corner <b>", "https://watch.example", NOW));
    expect(body).toContain("[Test] Tillwatch can reach you here");
  });

  it("shows no secret of its address", () => {
    const shown = findChannel(kind)?.open(SETTINGS[kind]).shown ?? "";
    expect(shown).not.toMatch(/XYZ|tk_abc|whsec|päss|my-topic|7700900/);
    expect(shown).toContain(".example");
  });
});

it("a webhook's body has exactly the fields that docs/channels.md shows", () => {
  const page = readFileSync(new URL("../../docs/channels.md", import.meta.url), "utf8");
  const shown = JSON.parse(/```json\n(.*?)```/s.exec(page)?.[1] ?? "");
  const sent = JSON.parse(requestOf("webhook", aNote()).body);
  for (const path of [
    (it: typeof sent) => it,
    (it: typeof sent) => it.data,
    (it: typeof sent) => it.data.alert,
  ]) {
    expect(Object.keys(path(sent)).sort()).toEqual(Object.keys(path(shown)).sort());
  }
  expect(sent.type).toBe(shown.type);
});

it("Slack: what calls people or makes links is broken or escaped", () => {
  const { text, blocks } = JSON.parse(requestOf("slack", aNote(HOSTILE)).body);
  const all = [text, ...blocks.map((block: { text: { text: string } }) => block.text.text)];
  for (const each of all) {
    expect(each).not.toMatch(/<[!@#]/);
    expect(each).not.toMatch(/@(all|channel|here)/);
    expect(each).not.toContain("](");
    expect(each).not.toContain("`");
    const links = [...each.matchAll(/<([^>]*)>/g)].map(([, link]) => link);
    expect(links.every((link: string) => link.startsWith("https://watch.example/"))).toBe(true);
  }
  expect(all.join("\n")).toContain("&lt;!channel&gt;");
  for (const block of blocks) expect(block.text.verbatim).toBe(true);
});

it("Teams: every text from data is a run of text, which knows no Markdown and no mention", () => {
  const card = JSON.parse(requestOf("teams", aNote(HOSTILE)).body).attachments[0].content;
  for (const block of card.body) expect(block.type).toBe("RichTextBlock");
  expect(card.msteams).toBeUndefined();
  expect(card.actions).toEqual([
    {
      type: "Action.OpenUrl",
      title: "Open in Tillwatch",
      url: expect.stringMatching(/^https:\/\/watch\.example\//),
    },
  ]);
});

it("ntfy: to the server's root, with topic, token and a priority that rings for critical", () => {
  const { url, headers, body } = requestOf("ntfy", { ...aNote(), level: "critical" });
  expect(url).toBe("https://ntfy.example/base");
  expect(headers.authorization).toBe("Bearer tk_abc");
  expect(JSON.parse(body)).toMatchObject({ topic: "my-topic", priority: 5, markdown: false });
});

it("SMS as a form: values are encoded where they stand, the secret in its header", () => {
  const { url, headers, body } = requestOf("sms", aNote(HOSTILE), SMS_FORM);
  expect(url).toBe("https://sms.example/2010/%2B447700900123/send?key=user%3Ap%C3%A4ss%26word");
  expect(headers.authorization).toBe(`Basic ${Buffer.from("user:päss&word").toString("base64")}`);
  const form = new URLSearchParams(body);
  expect([...form.keys()]).toEqual(["To", "Body"]);
  expect(form.get("To")).toBe("+447700900123");
  expect(form.get("Body")?.length).toBeLessThanOrEqual(300);
});

it("SMS as JSON: two fields, whatever a name holds", () => {
  const sent = JSON.parse(requestOf("sms", aNote(HOSTILE)).body);
  expect(Object.keys(sent)).toEqual(["to", "text"]);
  expect(sent.to).toBe("+447700900123");
  expect(sent.text).not.toContain("päss");
});

it.each([
  { name: "a host from data", over: { url: "https://{{to}}.example/" } },
  { name: "a name that does not exist", over: { body: "{{password}}" } },
  { name: "a header that we set", over: { headers: ["Host: evil.example"] } },
  { name: "a header with a line break", over: { headers: ["A: b\r\nC: d"] } },
  { name: "a body of an unknown form", over: { headers: ["Content-Type: application/xml"] } },
  { name: "a number that is none", over: { to: "+44 7700" } },
  { name: "a setting that does not exist", over: { port: 25 } },
])("SMS settings with $name are refused", ({ over }) => {
  expect(() => findChannel("sms")?.open({ ...SMS_FORM, ...over })).toThrow();
  expect(() => findChannel("sms")?.open(SMS_FORM)).not.toThrow();
});
