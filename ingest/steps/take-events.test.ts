import { Registry } from "prom-client";
import { beforeEach, describe, expect, it } from "vitest";
import type { EventDraft } from "../../core/event.ts";
import type { Merchant } from "../../core/merchant.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { SharedClaims, SharedVerdict } from "../../stores/seen/shared-claims.ts";
import { openSeenEvents, type SeenEvents } from "../../stores/seen-events.ts";
import { ingestMetrics } from "../metrics.ts";
import type { Batch } from "./append-durable.ts";
import { recentFacts } from "./recent-facts.ts";
import { type TakeTools, takeEvents } from "./take-events.ts";

const M = "mer_1";
const SHOP = {
  merchant: { id: M } as Merchant,
  stores: new Map(),
  terminals: new Set<string>(),
  staff: new Map(),
};
const ORIGIN = { merchantId: M, source: "api" };
const EMPTY_STORE = { query: async () => [] } as unknown as ClickHouse;

/** What Redis holds, in memory: the claims of every node, each ending ten seconds after it was made. */
class Board {
  nowMs = 1_000_000;
  readonly held = new Map<string, { node: string; untilMs: number } | "durable">();
  asked: string[] = [];

  /** How one node sees it. */
  of(node: string): Pick<SharedClaims, "claim" | "settle"> {
    return {
      claim: async (merchantId, events) => {
        await Promise.resolve();
        return events.map(({ event_id: id }) => this.claim(node, `${merchantId} ${id}`));
      },
      settle: (merchantId, events, durable) => {
        for (const { event_id: id } of events) {
          const key = `${merchantId} ${id}`;
          const held = this.held.get(key);
          if (durable) this.held.set(key, "durable");
          else if (held !== "durable" && held?.node === node) this.held.delete(key);
        }
      },
    };
  }

  claim(node: string, key: string): SharedVerdict {
    this.asked.push(key);
    const held = this.held.get(key);
    if (held === "durable") return "known";
    if (held !== undefined && held.node !== node && held.untilMs > this.nowMs) return "busy";
    this.held.set(key, { node, untilMs: this.nowMs + 10_000 });
    return "new";
  }
}

type Node = TakeTools & { seen: SeenEvents; onDisk: string[] };

let board: Board;
let a: Node;
beforeEach(async () => {
  board = new Board();
  a = await node("a");
});

async function node(name: string): Promise<Node> {
  const onDisk: string[] = [];
  return {
    onDisk,
    seen: await openSeenEvents({ ch: EMPTY_STORE }),
    shared: board.of(name),
    pause: async (ms) => {
      board.nowMs += ms;
      await new Promise(setImmediate);
    },
    recent: recentFacts(),
    metrics: ingestMetrics(new Registry()),
    now: () => board.nowMs,
    append: async ({ drafts }: Batch) => {
      await new Promise(setImmediate);
      onDisk.push(...drafts.map(({ event_id: id }) => id as string));
    },
    prepare(raw) {
      const draft = (raw as { value: EventDraft }).value;
      const found =
        draft.reason_code === "card" ? [{ field: "reason_code", kind: "pan" as const }] : [];
      return { ok: true, draft: { ...draft }, notes: [], found };
    },
  };
}

const sale = (id: string, over: Partial<EventDraft> = {}): EventDraft => ({
  event_id: id,
  event_type: "sale",
  ts: 1_000_000,
  ...over,
});

async function take(tools: TakeTools, ...drafts: EventDraft[]): Promise<string[]> {
  const events = drafts.map((value, index) => ({ index, value }));
  const outcomes = await takeEvents({ events, lines: [], shop: SHOP }, ORIGIN, tools);
  return outcomes.map(({ outcome }) => outcome);
}

describe("an event that another process has", () => {
  it("is a duplicate and not stored, and neither is the report of its card data", async () => {
    board.held.set(`${M} e1`, "durable");
    const answers = await take(a, sale("e1", { reason_code: "card" }), sale("e2"));
    expect(answers).toEqual(["duplicate", "accepted"]);
    expect(a.onDisk).toEqual(["e2"]);
  });

  it("is known here from then on without asking again", async () => {
    board.held.set(`${M} e1`, "durable");
    await take(a, sale("e1"));
    board.asked = [];
    expect(await take(a, sale("e1"))).toEqual(["duplicate"]);
    expect(board.asked).toEqual([]);
  });
});

describe("an event that another process is taking", () => {
  it("is a duplicate once that process has it, and holds up nothing else of its batch", async () => {
    board.claim("b", `${M} e1`);
    a.pause = async () => {
      expect(a.onDisk).toEqual(["e2"]);
      board.of("b").settle(M, [{ event_id: "e1", ts: 0 }], true);
    };
    expect(await take(a, sale("e1"), sale("e2"))).toEqual(["duplicate", "accepted"]);
    expect(a.onDisk).toEqual(["e2"]);
  });

  it("is taken here when that process could not, with its report", async () => {
    board.claim("b", `${M} e1`);
    a.pause = async () => board.of("b").settle(M, [{ event_id: "e1", ts: 0 }], false);
    expect(await take(a, sale("e1", { reason_code: "card" }), sale("e2"))).toEqual([
      "accepted",
      "accepted",
    ]);
    expect(a.onDisk).toHaveLength(3);
    expect(a.onDisk.slice(0, 2)).toEqual(["e2", "e1"]);
  });

  it("is taken here ten seconds after that process died", async () => {
    board.claim("b", `${M} e1`);
    const startMs = board.nowMs;
    expect(await take(a, sale("e1"))).toEqual(["accepted"]);
    expect(board.nowMs - startMs).toBeGreaterThanOrEqual(10_000);
    expect(board.nowMs - startMs).toBeLessThan(11_000);
  });

  it("makes the sender repeat all when it stays so, and the repeat stores nothing twice", async () => {
    board.held.set(`${M} e1`, { node: "b", untilMs: Number.POSITIVE_INFINITY });
    await expect(take(a, sale("e1"), sale("e2"))).rejects.toMatchObject({
      code: "STORE_UNAVAILABLE",
    });
    board.held.delete(`${M} e1`);
    expect(await take(a, sale("e1"), sale("e2"))).toEqual(["accepted", "duplicate"]);
    expect(a.onDisk).toEqual(["e2", "e1"]);
  });

  it("is not claimed here meanwhile, so that no two processes wait for each other", async () => {
    board.claim("b", `${M} e1`);
    let free: unknown;
    a.pause = async () => {
      free = a.seen.claimSync(M, "e1", 1_000_000);
      a.seen.settle(M, "e1", true);
    };
    expect(await take(a, sale("e1"))).toEqual(["duplicate"]);
    expect(free).toBe("new");
  });

  it("does not stand as a newer fact than what came after it", async () => {
    const activated = (id: string, ts: number) =>
      sale(id, { event_type: "gift_card", action: "activated", gift_card_id: "g", ts });
    board.claim("b", `${M} e1`);
    a.pause = async () => board.of("b").settle(M, [{ event_id: "e1", ts: 0 }], false);
    await take(a, activated("e1", 1_000_000), activated("e2", 1_000_500));
    expect(a.onDisk).toEqual(["e2", "e1"]);
    expect(a.recent.activationOf(M, "g")?.ts).toBe(1_000_500);
  });
});

it("is free for every process again when the disk refused it", async () => {
  const { append } = a;
  a.append = async () => Promise.reject(new Error("full"));
  await expect(take(a, sale("e1"))).rejects.toThrow("full");
  expect(board.held.size).toBe(0);
  a.append = append;
  expect(await take(a, sale("e1"))).toEqual(["accepted"]);
});

it("gives each of many events to exactly one of three processes, whatever the order", async () => {
  const nodes = [a, await node("b"), await node("c")];
  const ids = Array.from({ length: 300 }, (_, at) => `e${at}`);
  // Each process and request goes through them by another step, which shares no factor with 300.
  const orders = [1, 7, 11, 13, 17, 19].map((step) => ids.map((_, at) => ids[(at * step) % 300]));
  const answers = await Promise.all(
    orders.map((order, at) =>
      take(nodes[at % 3] as Node, ...order.map((id) => sale(id as string))),
    ),
  );
  const stored = nodes.flatMap(({ onDisk }) => onDisk);
  expect(stored.toSorted()).toEqual(ids.toSorted());
  expect(answers.flat().filter((one) => one === "accepted")).toHaveLength(300);
  expect(answers.flat().filter((one) => one === "duplicate")).toHaveLength(1500);
});
