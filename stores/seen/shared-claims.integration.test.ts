// What Redis holds of claims, on a real one.
import { randomBytes } from "node:crypto";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { testQueueConfig } from "../connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "../event-columns.ts";
import { type TestClickHouse, testClickHouse } from "../testing.ts";
import { openSharedClaims, type SharedClaims } from "./shared-claims.ts";

const M = "mer_1";
const HOUR_MS = 3_600_000;
const { queue } = testQueueConfig();
const config = { queue, detection: "clickhouse" } as const;

it("is only for several processes over one Redis", async () => {
  const given = { ch: {} as never, now: Date.now };
  const redis = { kind: "redis", url: "redis://127.0.0.1:1" } as const;
  expect(await openSharedClaims({ queue: redis, detection: "memory" }, given)).toBeUndefined();
  const postgres = { kind: "postgres" } as const;
  expect(
    await openSharedClaims({ queue: postgres, detection: "clickhouse" }, given),
  ).toBeUndefined();
});

describe.skipIf(queue.kind !== "redis")("claims over one Redis", () => {
  let store: TestClickHouse;
  let redis: Redis;
  let prefix = "";
  const open: SharedClaims[] = [];
  const node = async (): Promise<SharedClaims> => {
    const claims = await openSharedClaims(config, { ch: store.ch, now: Date.now, prefix });
    open.push(claims as SharedClaims);
    return claims as SharedClaims;
  };
  const at = (id: string, ts = Date.now()) => ({ event_id: id, ts });

  beforeAll(async () => {
    store = await testClickHouse();
    redis = new Redis(queue.kind === "redis" ? queue.url : "");
  });
  beforeEach(() => {
    prefix = `test-${randomBytes(6).toString("hex")}`;
  });
  afterAll(async () => {
    for (const claims of open) await claims.close();
    await redis?.quit();
    await store?.close();
  });

  it("gives an id to one, is busy for others, and then known", async () => {
    const [a, b] = [await node(), await node()];
    expect(await a.claim(M, [at("e1"), at("e2")])).toEqual(["new", "new"]);
    expect(await b.claim(M, [at("e2"), at("e3")])).toEqual(["busy", "new"]);
    a.settle(M, [at("e2")], true);
    await expect.poll(() => b.claim(M, [at("e2"), at("e1")])).toEqual(["known", "busy"]);
    expect(await a.claim(M, [at("e2"), at("e1")])).toEqual(["known", "new"]);
  });

  it("keeps merchants apart", async () => {
    const [a, b] = [await node(), await node()];
    expect(await a.claim(M, [at("e1")])).toEqual(["new"]);
    expect(await b.claim("mer_2", [at("e1")])).toEqual(["new"]);
  });

  it("frees what was not made durable, but never another's claim", async () => {
    const [a, b] = [await node(), await node()];
    await a.claim(M, [at("e1")]);
    b.settle(M, [at("e1")], false);
    expect(await b.claim(M, [at("e1")])).toEqual(["busy"]);
    a.settle(M, [at("e1")], false);
    await expect.poll(() => b.claim(M, [at("e1")])).toEqual(["new"]);
  });

  it("ends a claim after ten seconds, and a known id an hour after its event's time", async () => {
    const a = await node();
    await a.claim(M, [at("e1")]);
    const [key] = await redis.keys(`${prefix}:seen:*`);
    const claimed = await redis.pttl(key as string);
    expect(claimed).toBeGreaterThan(5000);
    expect(claimed).toBeLessThanOrEqual(10_000);
    a.settle(M, [at("e1", Date.now() + 5 * HOUR_MS)], true);
    await expect.poll(() => redis.pttl(key as string)).toBeGreaterThan(5.9 * HOUR_MS);
    expect(await redis.pttl(key as string)).toBeLessThanOrEqual(6 * HOUR_MS);
  });

  it("finds an older event in ClickHouse, also when Redis knows it no longer", async () => {
    const a = await node();
    const row = (id: string, ts: number) =>
      `${encodeEvent({ event_id: id, event_type: "sale", merchant_id: M, source: "api", ts, received_ts: ts })}\n`;
    const oldMs = Date.now() - 2 * HOUR_MS;
    await store.ch.insertFile("events", EVENT_COLUMNS, { rows: row("old", oldMs) }, "old");
    expect(await a.claim(M, [at("old", oldMs), at("else", oldMs)])).toEqual(["known", "new"]);
    // Told to the others as well, and no claim is left.
    await expect.poll(() => a.claim(M, [at("old")])).toEqual(["known"]);
  });

  it("takes an older event when ClickHouse does not answer, and counts it", async () => {
    const query = () => Promise.reject(new Error("away"));
    const ch = { ...store.ch, query };
    const a = (await openSharedClaims(config, { ch, now: Date.now, prefix })) as SharedClaims;
    open.push(a);
    expect(await a.claim(M, [at("e1", Date.now() - 2 * HOUR_MS)])).toEqual(["new"]);
    expect(a.failed()).toBe(1);
  });
});

it("gives an answer at once when there is no Redis, counts, and tells it once a minute", async () => {
  const told: string[] = [];
  const log = {
    debug() {},
    info() {},
    warn: (_: unknown, text: string) => told.push(text),
    error() {},
  };
  let nowMs = 1_000_000;
  const claims = (await openSharedClaims(
    { queue: { kind: "redis", url: "redis://127.0.0.1:1" }, detection: "clickhouse" },
    { ch: {} as never, now: () => nowMs, log },
  )) as SharedClaims;
  const startMs = performance.now();
  const event = { event_id: "e1", ts: nowMs };
  expect(await claims.claim(M, [event, { ...event, event_id: "e2" }])).toEqual(["new", "new"]);
  claims.settle(M, [event], true);
  await expect.poll(() => claims.failed()).toBe(3);
  expect(performance.now() - startMs).toBeLessThan(400);
  expect(told).toHaveLength(1);
  nowMs += 60_000;
  await claims.claim(M, [event]);
  expect(told).toHaveLength(2);
  await claims.close();
});
