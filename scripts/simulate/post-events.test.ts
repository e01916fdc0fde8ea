import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { type PostOptions, postEvents } from "./post-events.ts";
import type { SimulatedEvent } from "./recorder.ts";

const EVENTS: SimulatedEvent[] = ["a", "b"].map((event_id) => ({
  draft: { event_id, event_type: "store_day", ts: 1_793_604_600_000, action: "opened" },
  label: { attack: "x", id: "1" },
}));

type Reply = { status: number; retryAfter?: string };
type Got = { path: string | undefined; key: string | undefined; body: string };
let server: Server | undefined;

afterEach(() => {
  server?.close();
});

/** A service that gives these answers, one after another. */
async function service(replies: Reply[]): Promise<{ url: string; got: Got[] }> {
  const got: Got[] = [];
  const take = async (request: IncomingMessage) => {
    got.push({ path: request.url, key: request.headers.authorization, body: await text(request) });
    return replies[got.length - 1] ?? { status: 500 };
  };
  server = createServer((request, response) => {
    void take(request).then(({ status, retryAfter }) => {
      response.writeHead(status, retryAfter === undefined ? {} : { "retry-after": retryAfter });
      response.end("answer");
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got };
}

function optionsFor(url: string): { options: PostOptions; waits: number[] } {
  const waits: number[] = [];
  const sleep = async (ms: number) => void waits.push(ms);
  return { options: { url, key: "tw_k", fetch, sleep, onWait: () => undefined }, waits };
}

it("a batch is NDJSON with the key, and the labels stay at home", async () => {
  const { url, got } = await service([{ status: 202 }]);
  expect(await postEvents(EVENTS, optionsFor(url).options)).toBe("answer");
  expect(got[0]?.path).toBe("/v1/events");
  expect(got[0]?.key).toBe("Bearer tw_k");
  expect(got[0]?.body.split("\n").map((line) => JSON.parse(line))).toEqual(
    EVENTS.map(({ draft }) => draft),
  );
});

it.each([
  {
    name: "429 with a time is tried again then",
    first: { status: 429, retryAfter: "7" },
    waits: [7_000],
  },
  {
    name: "503 with a time is tried again then",
    first: { status: 503, retryAfter: "2" },
    waits: [2_000],
  },
  { name: "503 without a time is tried again soon", first: { status: 503 }, waits: [500] },
  {
    name: "a time that is no number is not believed",
    first: { status: 503, retryAfter: "soon" },
    waits: [500],
  },
])("$name", async ({ first, waits }) => {
  const { url, got } = await service([first, { status: 200 }]);
  const { options, waits: waited } = optionsFor(url);
  await postEvents(EVENTS, options);
  expect(waited).toEqual(waits);
  expect(got[1]?.body).toBe(got[0]?.body);
});

it("a refusal is not tried again", async () => {
  const { url, got } = await service([{ status: 401 }]);
  await expect(postEvents(EVENTS, optionsFor(url).options)).rejects.toMatchObject({
    code: "REQUEST_INVALID",
  });
  expect(got.length).toBe(1);
});

it("where nobody answers it tries for some minutes and says so", async () => {
  const { options, waits } = optionsFor("http://127.0.0.1:9");
  await expect(postEvents(EVENTS, options)).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
  const total = waits.reduce((sum, ms) => sum + ms, 0);
  expect(total).toBeGreaterThan(5 * 60_000);
});

it("after the end is asked for there are no more pauses", async () => {
  const { options, waits } = optionsFor("http://127.0.0.1:9");
  const stop = new AbortController();
  stop.abort();
  await expect(postEvents(EVENTS, { ...options, signal: stop.signal })).rejects.toThrow(/2 events/);
  expect(waits).toEqual([]);
});
