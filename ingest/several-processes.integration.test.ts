// Two processes that take events over one Redis and one ClickHouse: each event is stored once, whichever door it comes to.
import { randomBytes } from "node:crypto";
import { createServer, connect as dial, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { EventOutcome } from "../core/event-outcome.ts";
import { silentLog } from "../core/log.ts";
import type { Merchant } from "../core/merchant.ts";
import { testQueueConfig } from "../stores/connect/testing.ts";
import { openSharedClaims, type SharedClaims } from "../stores/seen/shared-claims.ts";
import { openSeenEvents } from "../stores/seen-events.ts";
import { openSpool, type Spool } from "../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { ingestMetrics } from "./metrics.ts";
import { makePipeline, type Pipeline } from "./pipeline.ts";

const { queue } = testQueueConfig();
const redisUrl = queue.kind === "redis" ? queue.url : "";

type Node = { pipeline: Pipeline; spool: Spool; shared: SharedClaims; close(): Promise<void> };

describe.skipIf(queue.kind !== "redis")("two processes over one Redis", () => {
  let store: TestClickHouse;
  let merchantId = "";
  let prefix = "";
  let a: Node;
  let b: Node;

  beforeAll(async () => {
    store = await testClickHouse();
  });
  beforeEach(async () => {
    prefix = `test-${randomBytes(6).toString("hex")}`;
    merchantId = `mer_${prefix}`;
  });
  afterAll(() => store?.close());

  async function openNode(name: string, url = redisUrl): Promise<Node> {
    const { ch } = store;
    const spool = await openSpool({
      dir: join(store.folder, `${prefix}-${name}`),
      ch,
      limits: { maxBytes: 1e9, reserveBytes: 0 },
      log: silentLog,
      now: Date.now,
    });
    const seen = await openSeenEvents({ ch });
    const shared = (await openSharedClaims(
      { queue: { kind: "redis", url }, detection: "clickhouse" },
      { ch, now: Date.now, prefix },
    )) as SharedClaims;
    const merchant = { id: merchantId, currency: "EUR", zone: "UTC" } as Merchant;
    const pipeline = makePipeline({
      spool,
      seen,
      shared,
      directory: {
        shop: async () => ({
          merchant,
          stores: new Map(),
          terminals: new Set(),
          staff: new Map(),
        }),
        rememberSeen: async () => {},
      },
      secrets: { FINGERPRINT_KEY: "f".repeat(40), OPERATOR_KEY: "o".repeat(40) },
      now: Date.now,
      stampFrom: 0,
      log: silentLog,
      metrics: ingestMetrics(new Registry()),
      onDurable() {},
    });
    return {
      pipeline,
      spool,
      shared,
      async close() {
        await pipeline.close();
        await shared.close();
        seen.close();
        await spool.close();
      },
    };
  }

  const sales = (ids: readonly string[], ts = Date.now()) =>
    ids.map((id, index) => ({
      index,
      value: { event_id: id, event_type: "sale", ts, amount: 100, currency: "EUR" },
    }));
  const take = (node: Node, ids: readonly string[], ts?: number): Promise<EventOutcome[]> =>
    node.pipeline.take(sales(ids, ts), { merchantId, source: "api" });
  const stored = async (): Promise<{ rows: number; ids: number }> => {
    await Promise.all([a.spool.flush(), b.spool.flush()]);
    const [row] = await store.ch.query<{ rows: number; ids: number }>(
      merchantId,
      "SELECT count() AS rows, uniqExact(event_id) AS ids FROM events WHERE merchant_id = {m:String}",
      { m: merchantId },
    );
    return row as { rows: number; ids: number };
  };
  const count = (outcomes: EventOutcome[], what: string) =>
    outcomes.filter(({ outcome }) => outcome === what).length;

  /** The same ids in an order of its own for each seed. */
  function shuffled(ids: readonly string[], seed: number): string[] {
    const keyed = ids.map((id, at) => ({ id, key: ((at + 1) * seed * 2_654_435_761) % 1_000_003 }));
    return keyed.sort((x, y) => x.key - y.key).map(({ id }) => id);
  }

  it("stores each of 2,000 events once that come to both at once, in any order, and again later", async () => {
    [a, b] = [await openNode("a"), await openNode("b")];
    const ids = Array.from({ length: 2000 }, (_, at) => `e${at}`);
    for (const round of [0, 1]) {
      const answers = await Promise.all([
        take(a, shuffled(ids, 3 + round)),
        take(b, shuffled(ids, 7 + round)),
      ]);
      const taken = answers.map((one) => count(one, "accepted"));
      const accepted = taken.reduce((sum, one) => sum + one, 0);
      expect(accepted).toBe(round === 0 ? 2000 : 0);
      expect(count(answers.flat(), "duplicate")).toBe(4000 - accepted);
      // Both did some of it, or the test says nothing about two.
      if (round === 0) expect(Math.min(...taken)).toBeGreaterThan(0);
    }
    expect(await stored()).toEqual({ rows: 2000, ids: 2000 });
    expect(a.shared.failed() + b.shared.failed()).toBe(0);
    await Promise.all([a.close(), b.close()]);
  });

  it("knows an event that the other stored, also one from before what Redis holds", async () => {
    [a, b] = [await openNode("a"), await openNode("b")];
    // Another key space, as if an hour had passed and Redis had forgotten; its memory is read before anything is stored.
    prefix = `${prefix}-later`;
    const later = await openNode("later");
    const old = Date.now() - 3 * 3_600_000;
    expect(count(await take(a, ["e1", "e2"], old), "accepted")).toBe(2);
    expect(count(await take(b, ["e1"], old), "duplicate")).toBe(1);
    await a.spool.flush();
    expect(count(await take(later, ["e2", "e1"], old), "duplicate")).toBe(2);
    expect(await stored()).toEqual({ rows: 2, ids: 2 });
    await Promise.all([a.close(), b.close(), later.close()]);
  });

  it("takes ten seconds later what a process was taking that died", async () => {
    [a, b] = [await openNode("a"), await openNode("b")];
    const startMs = performance.now();
    // Dead between the claim and the disk: nobody settles.
    expect(await a.shared.claim(merchantId, [{ event_id: "e1", ts: Date.now() }])).toEqual(["new"]);
    const answers = await take(b, ["e1", "e2"]);
    const tookMs = performance.now() - startMs;
    expect(count(answers, "accepted")).toBe(2);
    expect(tookMs).toBeGreaterThan(9900);
    expect(tookMs).toBeLessThan(12_500);
    expect(await stored()).toEqual({ rows: 2, ids: 2 });
    await Promise.all([a.close(), b.close()]);
  });

  it.each(["gone", "silent"] as const)(
    "takes every event while Redis is %s, and once it is back the other knows of them",
    async (how) => {
      const wire = await openWire(redisUrl);
      [a, b] = [await openNode("a", wire.url), await openNode("b")];
      const ids = Array.from({ length: 1500 }, (_, at) => `e${at}`);
      const under = take(a, ids);
      await wire.cut(how);
      const more = ids.map((id) => `more-${id}`);
      const startMs = performance.now();
      expect(count(await under, "accepted")).toBe(1500);
      expect(count(await take(a, more), "accepted")).toBe(1500);
      expect(performance.now() - startMs).toBeLessThan(8000);
      expect(a.shared.failed()).toBeGreaterThan(0);
      expect(await stored()).toEqual({ rows: 3000, ids: 3000 });
      await wire.mend();
      await take(b, ["back"]);
      let probes = 0;
      await expect
        .poll(
          async () => {
            const before = a.shared.failed();
            probes += 1;
            await take(a, [`probe-${randomBytes(4).toString("hex")}`]);
            return a.shared.failed() - before;
          },
          { timeout: 20_000, interval: 200 },
        )
        .toBe(0);
      expect(count(await take(a, ["back"]), "duplicate")).toBe(1);
      // The other has learned of what was taken meanwhile.
      expect(count(await take(b, [...ids, ...more]), "duplicate")).toBe(3000);
      expect(await stored()).toMatchObject({ ids: 3001 + probes, rows: 3001 + probes });
      await Promise.all([a.close(), b.close()]);
      await wire.close();
    },
  );
});

/** A wire to Redis that can be cut: connections end and are refused, or nothing is answered any more. */
async function openWire(to: string) {
  const target = new URL(to);
  const sockets = new Set<Socket>();
  let state: "whole" | "gone" | "silent" = "whole";
  const server: Server = createServer((near) => {
    if (state === "gone") return near.destroy();
    const far = dial(Number(target.port), target.hostname);
    for (const [from, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on("data", (bytes) => state === "whole" && other.write(bytes));
      from.on("error", () => other.destroy());
      from.on("close", () => {
        sockets.delete(from);
        other.destroy();
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const drop = () => {
    for (const socket of sockets) socket.destroy();
  };
  const url = new URL(to);
  url.hostname = "127.0.0.1";
  url.port = String((server.address() as { port: number }).port);
  return {
    url: url.href,
    async cut(how: "gone" | "silent") {
      state = how;
      if (how === "gone") drop();
    },
    async mend() {
      state = "whole";
      drop();
    },
    async close() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
