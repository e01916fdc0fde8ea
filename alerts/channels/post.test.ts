// Bad input of the whole internet: slow, rude, redirecting, endless, and addresses that lead inside.
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { type Received, type Receiver, startReceiver } from "../testing/receiver.ts";
import { type PostResult, post, readRetryAfter } from "./post.ts";

let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterAll(() => receiver.close());
beforeEach(() => {
  receiver.received.length = 0;
  receiver.answer = () => ({ status: 200 });
});

const NOW = Date.UTC(2026, 10, 25);

async function send(
  url: string,
  over: { loopback?: boolean; beforeEnd?: () => Promise<boolean>; timeoutMs?: number } = {},
): Promise<PostResult> {
  return await post(
    { url, method: "POST", headers: { "content-type": "application/json" }, body: '{"a":"ä"}' },
    {
      rules: { loopback: over.loopback ?? true },
      beforeEnd: over.beforeEnd ?? (async () => true),
      now: () => NOW,
      timeoutMs: over.timeoutMs ?? 2000,
    },
  );
}

it("a request arrives whole, with its length", async () => {
  expect(await send(`${receiver.url}/hook?a=b`)).toEqual({
    outcome: "accepted",
    response: "HTTP 200",
  });
  expect(receiver.received).toMatchObject([
    { method: "POST", path: "/hook?a=b", body: '{"a":"ä"}', headers: { "content-length": "10" } },
  ]);
});

it.each([
  [204, "accepted"],
  [400, "refused"],
  [401, "refused"],
  [404, "refused"],
  [410, "refused"],
  [408, "again"],
  [429, "again"],
  [500, "again"],
  [503, "again"],
  [301, "refused"],
])("HTTP %i: %s", async (status, outcome) => {
  receiver.answer = () => ({ status });
  expect(await send(receiver.url)).toMatchObject({ outcome });
});

it("a redirect to the metadata address is not followed", async () => {
  receiver.answer = () => ({
    status: 307,
    headers: { location: "http://169.254.169.254/latest/meta-data/iam" },
  });
  expect(await send(receiver.url)).toMatchObject({ outcome: "refused" });
  receiver.answer = () => ({ status: 307, headers: { location: `${receiver.url}/second` } });
  expect(await send(receiver.url)).toMatchObject({ outcome: "refused" });
  expect(receiver.received.map(({ path }: Received) => path)).toEqual(["/", "/"]);
});

it.each([
  ["https://169.254.169.254/latest", /private network/],
  ["https://10.0.0.1/", /private network/],
  ["https://[fd00:ec2::254]/", /private network/],
  ["http://example.com/", /https/],
  ["file:///etc/passwd", /https/],
])("%s is refused before anything is connected to", async (url, why) => {
  expect(await send(url)).toMatchObject({
    outcome: "refused",
    response: expect.stringMatching(why),
  });
});

it("a name that leads to this machine is refused at connecting, unless a setting allows it", async () => {
  const before = receiver.connections();
  const { port } = new URL(receiver.url);
  expect(await send(`https://localhost:${port}/`, { loopback: false })).toEqual({
    outcome: "refused",
    response: "The name leads into a private network.",
  });
  expect(receiver.connections()).toBe(before);
});

it("silence ends in time, and nobody knows whether it was taken", async () => {
  receiver.answer = () => "silence";
  const from = performance.now();
  expect(await send(receiver.url, { timeoutMs: 200 })).toEqual({
    outcome: "maybe",
    response: "No answer in time.",
  });
  expect(performance.now() - from).toBeLessThan(1500);
});

it("a connection that drops after the request: maybe", async () => {
  receiver.answer = () => "drop";
  expect(await send(receiver.url)).toMatchObject({ outcome: "maybe" });
});

it("nobody listens: nothing was taken", async () => {
  const closed = await startReceiver();
  await closed.close();
  expect(await send(closed.url)).toMatchObject({ outcome: "again" });
});

it("an answer without end is cut off, and its status counts", async () => {
  receiver.answer = () => "endless";
  const from = performance.now();
  expect(await send(receiver.url)).toMatchObject({ outcome: "accepted" });
  expect(performance.now() - from).toBeLessThan(1500);
});

it("who lost the message stops before the last byte: the receiver never has it whole", async () => {
  expect(await send(receiver.url, { beforeEnd: async () => false })).toEqual({ outcome: "lost" });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(receiver.received).toEqual([]);
});

it("what a receiver says back is kept short, in one line, without anything as long as a secret", async () => {
  receiver.answer = () => ({
    status: 400,
    body: `invalid_payload\r\nfor token=abcdefghijklmnopqrstuvwxyz ${"x ".repeat(5000)}`,
  });
  const { response } = (await send(receiver.url)) as { response: string };
  expect(response).toMatch(/^HTTP 400 invalid_payload for …/);
  expect(response).not.toContain("abcdefghijklmnop");
  expect(response.length).toBeLessThan(150);
});

it.each([
  ["120", 120_000],
  ["0", 0],
  [new Date(NOW + 90_000).toUTCString(), 90_000],
  [new Date(NOW - 90_000).toUTCString(), 0],
  ["soon", undefined],
  ["-5", undefined],
  [undefined, undefined],
])("Retry-After %s is %s ms", (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});
