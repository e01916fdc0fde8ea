// A re-sent event counts once: in flight, in memory, after a restart, and when it is older than memory.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { EVENT_COLUMNS, encodeEvent } from "./event-columns.ts";
import { openSeenEvents } from "./seen-events.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 25, 10);
const DAY = 86_400_000;
let store: TestClickHouse;

beforeAll(async () => {
  store = await testClickHouse();
  const line = (id: string, ts: number, merchant_id = "mer_a") =>
    `${encodeEvent({ event_id: id, event_type: "sale", merchant_id, source: "api", ts, received_ts: ts, store_id: "s1" })}\n`;
  const rows = [line("old", NOW - 300 * DAY)];
  for (let at = 0; at < 20_000; at += 1) rows.push(line(`e${at}`, NOW - at * 60_000));
  const path = join(store.folder, "seen.rows");
  writeFileSync(path, rows.join(""));
  await store.ch.insertFile("events", EVENT_COLUMNS, path, "seen");
});
afterAll(() => store?.close());

describe("claims", () => {
  it("gives an id to one claimer; a second waits for the outcome", async () => {
    const seen = await openSeenEvents({ ch: store.ch });
    expect(seen.claimSync("mer_a", "n1", NOW)).toBe("new");
    expect(seen.claimSync("mer_a", "n1", NOW)).toBeUndefined();
    const second = seen.claim("mer_a", "n1", NOW);
    const third = seen.claim("mer_a", "n1", NOW);
    seen.settle("mer_a", "n1", false);
    expect(await second).toBe("new");
    seen.settle("mer_a", "n1", true);
    expect(await third).toBe("known");
    expect(seen.claimSync("mer_a", "n1", NOW)).toBe("known");
    seen.close();
  });
  it("keeps merchants apart", async () => {
    const seen = await openSeenEvents({ ch: store.ch });
    expect(await seen.claim("mer_a", "same", NOW)).toBe("new");
    expect(await seen.claim("mer_b", "same", NOW)).toBe("new");
    seen.settle("mer_a", "same", true);
    seen.settle("mer_b", "same", false);
    expect(await seen.claim("mer_a", "same", NOW)).toBe("known");
    expect(await seen.claim("mer_b", "same", NOW)).toBe("new");
    expect(await seen.claim("mer_b", "e1", NOW)).toBe("new");
    seen.close();
  });
});

describe("after a restart", () => {
  it("knows all that is stored, and takes what is not as new without asking", async () => {
    const seen = await openSeenEvents({ ch: store.ch });
    expect(seen.size()).toBe(20_001);
    for (let at = 0; at < 20_000; at += 1)
      expect(seen.claimSync("mer_a", `e${at}`, NOW)).toBe("known");
    expect(seen.claimSync("mer_a", "old", NOW)).toBe("known");
    for (let at = 0; at < 20_000; at += 1)
      expect(seen.claimSync("mer_a", `f${at}`, NOW)).toBe("new");
    seen.close();
  });
  it("asks ClickHouse about what is older than memory covers", async () => {
    const seen = await openSeenEvents({ ch: store.ch, horizon: 5000 });
    expect(seen.size()).toBeLessThanOrEqual(6000);
    expect(seen.claimSync("mer_a", "f1", NOW + 60_000)).toBe("new");
    const early = NOW - 19_000 * 60_000;
    expect(seen.claimSync("mer_a", "e19000", early)).toBeUndefined();
    const answers = await Promise.all([
      seen.claim("mer_a", "e19000", early, "s1"),
      seen.claim("mer_a", "e19001", early - 60_000),
      seen.claim("mer_a", "g1", early, "s1"),
      seen.claim("mer_a", "old", NOW - 300 * DAY, "s1"),
      seen.claim("mer_b", "e19000", early, "s1"),
    ]);
    expect(answers).toEqual(["known", "known", "new", "known", "new"]);
    seen.settle("mer_a", "g1", true);
    expect(await seen.claim("mer_a", "g1", early, "s1")).toBe("known");
    seen.close();
  });
  it("passes the engine's absence on, and lets the id be claimed again", async () => {
    let away = false;
    const query: typeof store.ch.query = (...args) =>
      away ? Promise.reject(new Error("away")) : store.ch.query(...args);
    const seen = await openSeenEvents({ ch: { ...store.ch, query }, horizon: 5000 });
    away = true;
    await expect(seen.claim("mer_a", "h1", NOW - 100 * DAY)).rejects.toThrow("away");
    away = false;
    expect(await seen.claim("mer_a", "h1", NOW - 100 * DAY)).toBe("new");
    seen.close();
  });
});
