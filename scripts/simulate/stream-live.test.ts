import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, expect, it } from "vitest";
import { streamLive } from "./stream-live.ts";

let server: Server | undefined;
afterEach(() => {
  server?.close();
});

it("a live shop's events reach the service, each once, and what it sets aside is said", async () => {
  const ids: string[] = [];
  let ask = 0;
  server = createServer((request, response) => {
    void text(request).then((body) => {
      ask += 1;
      // The first answer is "later": nothing may be lost or doubled by that.
      if (ask === 1) return response.writeHead(429, { "retry-after": "0" }).end();
      for (const line of body.split("\n")) ids.push(JSON.parse(line).event_id);
      return response.end(JSON.stringify({ accepted: 0, quarantined: 1, rejected: 0 }));
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  const stop = new AbortController();
  const started = performance.now();
  const said: string[] = [];
  setTimeout(() => stop.abort(), 1_500);
  const posted = await streamLive({
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    key: "tw_k",
    seed: "1",
    speed: 1,
    attacks: ["weak-password"],
    attackEveryMs: 60_000,
    signal: stop.signal,
    // A clock twenty times as fast as ours.
    now: () => Math.floor(Date.UTC(2026, 10, 25, 10) + (performance.now() - started) * 20),
    say: (line) => said.push(line),
  });
  expect(posted).toBeGreaterThan(5);
  expect(ids.length).toBe(posted);
  expect(new Set(ids).size).toBe(posted);
  expect(said).toContain("attack: weak-password");
  expect(said.some((line) => line.includes("set aside"))).toBe(true);
});
