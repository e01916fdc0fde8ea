import { expect, it } from "vitest";
import { AppError } from "../core/errors.ts";
import { createLog } from "./log.ts";

function logged(fields: Record<string, unknown>, sentence = "a fixed sentence"): string {
  const lines: string[] = [];
  const to = { write: (line: string) => void lines.push(line) };
  createLog({ level: "debug", to }).child({ service: "ingest" }).warn(fields, sentence);
  return lines.join("");
}

const PAN = "4242424242424242";
const KEY = `tw_k1_${"a".repeat(43)}`;
const SECRET = "b3f1c0ffee5ec2e7";

it.each([
  { name: "a card number in a text", fields: { detail: `card ${PAN} was sent` }, gone: PAN },
  {
    name: "a card number with spaces",
    fields: { detail: "4242 4242 4242 4242" },
    gone: "4242 4242 4242",
  },
  { name: "a card number as a number", fields: { id: Number(PAN) }, gone: PAN },
  { name: "a card number deep inside", fields: { a: { b: [{ c: PAN }] } }, gone: PAN },
  { name: "a card number as a name", fields: { a: { [PAN]: 1 } }, gone: PAN },
  {
    name: "track data",
    fields: { detail: `;${PAN}=29121010000000000?` },
    gone: "29121010000000000",
  },
  { name: "a security code", fields: { cvv: "987" }, gone: "987" },
  {
    name: "an authorization header",
    fields: { headers: { authorization: `x ${SECRET}` } },
    gone: SECRET,
  },
  { name: "a cookie", fields: { headers: { "set-cookie": [SECRET] } }, gone: SECRET },
  {
    name: "a signature header",
    fields: { headers: { "Webhook-Signature": SECRET } },
    gone: SECRET,
  },
  { name: "a password", fields: { new_password: SECRET }, gone: SECRET },
  { name: "the sources' secrets", fields: { secrets: [SECRET] }, gone: SECRET },
  { name: "a sign-in token", fields: { linkToken: SECRET }, gone: SECRET },
  {
    name: "an API key in a text",
    fields: { detail: `key ${KEY} was refused` },
    gone: "a".repeat(43),
  },
  {
    name: "the token of a link in a mail",
    fields: { url: `https://watch.example/m/ml_${"c".repeat(83)}` },
    gone: "c".repeat(20),
  },
  { name: "a bearer in a text", fields: { detail: `Bearer ${SECRET}` }, gone: SECRET },
  {
    name: "a webhook secret",
    fields: { detail: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZ" },
    gone: "MfKQ9r8",
  },
  { name: "a password in a URL", fields: { url: `postgres://me:${SECRET}@db/x` }, gone: SECRET },
  { name: "an error's message", fields: { err: new Error(`no card ${PAN}`) }, gone: PAN },
  {
    name: "an error's cause",
    fields: { err: new Error("x", { cause: new Error(KEY) }) },
    gone: "a".repeat(43),
  },
  {
    name: "an error's details",
    fields: { err: new AppError("INTERNAL", "x", { details: { token: SECRET } }) },
    gone: SECRET,
  },
  { name: "bytes", fields: { body: Buffer.from(PAN) }, gone: PAN },
])("does not write $name", ({ fields, gone }) => {
  const line = logged(fields);
  expect(line).toContain('"service":"ingest"');
  expect(line).not.toContain(gone);
});

it("does not write a card number that slipped into the sentence", () => {
  expect(logged({}, `sale with ${PAN}`)).not.toContain(PAN);
});

it("writes what a reader needs: level, time, part, sentence, fields, the error's stack", () => {
  const line = JSON.parse(
    logged({
      eventId: "ev_1",
      amount: 1230,
      card_token: "fp_1",
      ts: 1_764_000_000_000,
      err: new Error("no"),
    }),
  );
  expect(line).toMatchObject({
    level: "warn",
    service: "ingest",
    msg: "a fixed sentence",
    eventId: "ev_1",
    amount: 1230,
    card_token: "fp_1",
    ts: 1_764_000_000_000,
    err: { type: "Error", message: "no" },
  });
  expect(line.err.stack).toContain("log.test.ts");
  expect(Date.parse(line.time)).toBeGreaterThan(0);
});

it("cuts a text of a megabyte", () => {
  expect(logged({ detail: "x".repeat(1_000_000) }).length).toBeLessThan(3_000);
});

it("writes nothing under its level", () => {
  const lines: string[] = [];
  const to = { write: (line: string) => void lines.push(line) };
  createLog({ level: "warn", to }).info({}, "quiet");
  expect(lines).toEqual([]);
});
