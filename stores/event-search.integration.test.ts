// Search on a real engine: each kind of term, paging without gap or repeat, counts, and no other merchant's rows.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import { parseSearch } from "../core/search-query.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { EVENT_COLUMNS, encodeEvent } from "./event-columns.ts";
import { countByTime, findEvents, summarizeField } from "./event-search.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const T0 = Date.UTC(2026, 10, 25, 10);
const SPAN = { fromTs: T0 - 1000, toTs: T0 + 10_000 };
let store: TestClickHouse;
let ch: ClickHouse;

function event(id: string, ts: number, over: Partial<Event> = {}): Event {
  return {
    event_id: id,
    event_type: "payment",
    merchant_id: "mer_a",
    source: "api",
    ts,
    received_ts: ts + 5,
    ...over,
  };
}

const events: Event[] = [
  event("e1", T0, { amount: 500, currency: "EUR", outcome: "declined", terminal_id: "Till-1" }),
  event("e2", T0, { amount: 1500, currency: "EUR", outcome: "approved", terminal_id: "till-2" }),
  event("e3", T0 + 1, { amount: -5, currency: "EUR", training: true, entry_mode: "keyed" }),
  event("e4", T0 + 2, { attributes: { note: "Blue SHIRT 100% \\ _x" } }),
  event("e5", T0 + 3, { event_type: "sign_in", outcome: "failed", ip: "203.0.113.9" }),
  event("e5", T0 + 3, { event_type: "sign_in", outcome: "failed", ip: "203.0.113.9" }),
  event("x1", T0, { merchant_id: "mer_b", amount: 500, terminal_id: "Till-1" }),
];

beforeAll(async () => {
  store = await testClickHouse();
  ch = store.ch;
  const path = join(store.folder, "events.rows");
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  await ch.insertFile("events", EVENT_COLUMNS, path, "search-1");
});
afterAll(() => store?.close());

async function found(line: string, merchantId = "mer_a"): Promise<string[]> {
  const page = await findEvents(ch, merchantId, {
    ...SPAN,
    terms: parseSearch(line),
    order: "oldest",
    limit: 100,
  });
  return page.events.map((one) => one.event_id);
}

describe("search", () => {
  it.each([
    ["", ["e1", "e2", "e3", "e4", "e5"]],
    ["event_type:payment", ["e1", "e2", "e3", "e4"]],
    ["outcome:declined,failed", ["e1", "e5"]],
    ["-outcome:declined", ["e2", "e3", "e4", "e5"]],
    ["amount:>=500", ["e1", "e2"]],
    ["amount:<0", ["e3"]],
    ["-amount:>=500", ["e3", "e4", "e5"]],
    ["training:true", ["e3"]],
    ["training:false", []],
    ["entry_mode:keyed", ["e3"]],
    ["entry_mode:*", ["e3"]],
    ["-amount:*", ["e4", "e5"]],
    ["terminal_id:till*", ["e1", "e2"]],
    ["terminal_id:Till-1", ["e1"]],
    ["terminal_id:*_*", []],
    ['"blue shirt"', ["e4"]],
    ['"100%"', ["e4"]],
    ['"\\\\ _x"', ["e4"]],
    ["203.0.113", ["e5"]],
    ["-declined", ["e2", "e3", "e4", "e5"]],
    ["ts:>2026-11-25T10:00:00Z", ["e3", "e4", "e5"]],
    ["merchant_id:mer_b", []],
    ["event_id:x1", []],
  ])("%s", async (line, ids) => expect(await found(line)).toEqual(ids));

  it("shows each merchant its own rows alone", async () => {
    expect(await found("", "mer_b")).toEqual(["x1"]);
    expect(await found("terminal_id:Till-1", "mer_c")).toEqual([]);
  });

  it("takes any text as a value, not as SQL", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }),
        async (raw) => {
          const quoted = `"${raw.replace(/[\\"]/g, "\\$&")}"`;
          expect(await found(`reason:${quoted}`)).toEqual([]);
          await found(quoted);
        },
      ),
      { numRuns: 20 },
    );
  });

  it.each(["newest", "oldest"] as const)("pages without gap or repeat, %s first", async (order) => {
    const seen: string[] = [];
    let after: { ts: number; eventId: string } | undefined;
    for (let pages = 0; pages < 10; pages += 1) {
      const page = await findEvents(ch, "mer_a", { ...SPAN, terms: [], order, limit: 2, after });
      seen.push(...page.events.map((one) => one.event_id));
      after = page.next;
      if (after === undefined) break;
    }
    const all = ["e1", "e2", "e3", "e4", "e5"];
    expect(seen).toEqual(order === "oldest" ? all : all.reverse());
  });
});

it("counts by time, empty stretches too, split by a field", async () => {
  const counted = await countByTime(ch, "mer_a", {
    fromTs: T0,
    toTs: T0 + 8,
    terms: [],
    buckets: 4,
    by: "outcome",
  });
  expect(counted.widthMs).toBe(2);
  expect(counted.buckets.map(({ fromTs }) => fromTs - T0)).toEqual([0, 2, 4, 6]);
  expect(counted.buckets[0]).toEqual({
    fromTs: T0,
    count: 3,
    by: { declined: 1, approved: 1, "": 1 },
  });
  expect(counted.buckets[3]?.count).toBe(0);
});

it("sums up a subject", async () => {
  const summary = await summarizeField(ch, "mer_a", {
    ...SPAN,
    fields: ["terminal_id"],
    value: "Till-1",
  });
  expect(summary).toEqual([
    { event_type: "payment", currency: "EUR", count: 1, first_ts: T0, last_ts: T0, amount: 500 },
  ]);
});
