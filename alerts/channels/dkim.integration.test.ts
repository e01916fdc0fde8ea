// DKIM as RFC 6376 says it, checked by hand with the public key: what came in is what was signed, and nothing else is.
import { createHash, createVerify, generateKeyPairSync } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MailServer, startMailServer } from "../testing.ts";
import { openEmailChannel } from "./email.ts";

let server: MailServer;
beforeAll(async () => {
  server = await startMailServer();
});
afterAll(() => server.close());

const { publicKey, privateKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  publicKeyEncoding: { type: "spki", format: "pem" },
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
});

async function send(dkim: { domain: string; selector: string; privateKey: string } | null) {
  server.messages.length = 0;
  const from = { name: "Tillwatch", address: "t@alerts.example" };
  const channel = openEmailChannel({ url: server.url, requireTls: false, from, dkim });
  const result = await channel.send(
    {
      to: "owner@corner.example",
      subject: "[Digest] 2 offen, ü und 名",
      html: `<p>${"Grüße ".repeat(60)}</p>`,
      plain: "a line  with   spaces \n\n.a dot at its start\nGrüße\n\n\n",
      messageId: "m1@alerts.example",
      inReplyTo: "m0@alerts.example",
      reference: "alt_1",
      date: new Date(0),
      unsubscribe: `https://watch.example/m/ml_${"a".repeat(83)}`,
    },
    async () => true,
  );
  expect(result.outcome).toBe("accepted");
  return server.messages[0] ?? "";
}

type Header = { name: string; raw: string };

function split(message: string): { headers: Header[]; body: string } {
  const cut = message.indexOf("\r\n\r\n");
  const lines = message
    .slice(0, cut)
    .replace(/\r\n[ \t]/g, "\u0000")
    .split("\r\n");
  const headers = lines.map((line) => ({
    name: line.slice(0, line.indexOf(":")).toLowerCase(),
    raw: line.replaceAll("\u0000", "\r\n "),
  }));
  return { headers, body: message.slice(cut + 4) };
}

/** RFC 6376 §3.4.2. */
function relaxedHeader({ name, raw }: Header): string {
  const value = raw.slice(raw.indexOf(":") + 1).replace(/\r\n(?=[ \t])/g, "");
  return `${name}:${value.replace(/[ \t]+/g, " ").trim()}`;
}

/** RFC 6376 §3.4.4. */
function relaxedBody(body: string): string {
  const lines = body.split("\r\n").map((line) => line.replace(/[ \t]+/g, " ").replace(/ $/, ""));
  return `${lines.join("\r\n").replace(/(\r\n)+$/, "")}\r\n`;
}

function verify(message: string): { body: boolean; signature: boolean; names: string[] } {
  const { headers, body } = split(message);
  const own = headers.find(({ name }) => name === "dkim-signature");
  if (own === undefined) throw new Error("there is no signature");
  const tags = new Map(
    relaxedHeader(own)
      .slice("dkim-signature:".length)
      .split(";")
      .map((tag) => [
        tag.slice(0, tag.indexOf("=")).trim(),
        tag.slice(tag.indexOf("=") + 1).replace(/ /g, ""),
      ]),
  );
  expect([tags.get("a"), tags.get("c")]).toEqual(["rsa-sha256", "relaxed/relaxed"]);
  expect([tags.get("d"), tags.get("s")]).toEqual(["alerts.example", "tw1"]);
  const hash = createHash("sha256").update(relaxedBody(body)).digest("base64");
  const names = (tags.get("h") ?? "").split(":").map((name) => name.toLowerCase());
  const signed = names.flatMap((name) => {
    const header = headers.findLast((each) => each.name === name);
    return header === undefined ? [] : [`${relaxedHeader(header)}\r\n`];
  });
  const unsigned = relaxedHeader(own).replace(/(;\s*b=)[^;]*/, "$1");
  const check = createVerify("sha256").update(signed.join("") + unsigned);
  const signature = check.verify(publicKey, tags.get("b") ?? "", "base64");
  return { body: hash === tags.get("bh"), signature, names };
}

const dkim = { domain: "alerts.example", selector: "tw1", privateKey };

it("a signed mail verifies, with the one-click headers among what is signed", async () => {
  const { names, ...holds } = verify(await send(dkim));
  expect(holds).toEqual({ body: true, signature: true });
  expect(names).toEqual(
    expect.arrayContaining([
      ...["from", "to", "subject", "date", "message-id", "in-reply-to"],
      ...["list-unsubscribe", "list-unsubscribe-post"],
    ]),
  );
});

it.each([
  ["the subject", /^Subject: /m, "Subject: x", { body: true, signature: false }],
  [
    "the way out",
    /^List-Unsubscribe-Post: /m,
    "List-Unsubscribe-Post: x",
    { body: true, signature: false },
  ],
  ["the body", /Gr=C3=BC/, "Gr=C3=BB", { body: false, signature: true }],
])("%s changed on the way no longer verifies", async (_, what, instead, expected) => {
  const message = await send(dkim);
  expect(message).toMatch(what);
  expect(verify(message.replace(what, instead))).toMatchObject(expected);
});

it("without a key nothing is signed", async () => {
  expect(await send(null)).not.toMatch(/^DKIM-Signature:/im);
});
