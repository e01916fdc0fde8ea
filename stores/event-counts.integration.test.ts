// The overview's counts: each merchant's own, by when things happened.
import { afterAll, beforeAll, expect, it } from "vitest";
import { EVENT_COLUMNS, encodeEvent } from "./event-columns.ts";
import { countEvents } from "./event-counts.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 25, 10);
const MINUTE = 60_000;
let store: TestClickHouse;

beforeAll(async () => {
  store = await testClickHouse();
  const rows = [
    { merchant_id: "mer_a", ago: 1 },
    { merchant_id: "mer_a", ago: 59 },
    { merchant_id: "mer_a", ago: 61 },
    { merchant_id: "mer_a", ago: 24 * 60 + 1 },
    { merchant_id: "mer_a", ago: -5 },
    { merchant_id: "mer_b", ago: 30 },
  ].map(({ merchant_id, ago }, n) => ({
    event_id: `e${n}`,
    event_type: "sale" as const,
    merchant_id,
    source: "api",
    ts: NOW - ago * MINUTE,
    received_ts: NOW,
  }));
  const text = rows.map((row) => `${encodeEvent(row)}\n`).join("");
  await store.ch.insertFile("events", EVENT_COLUMNS, { rows: text }, "counts-1");
});
afterAll(() => store?.close());

it.each([
  { merchant: "mer_a", expected: { hour: 2, day: 3, last_ts: NOW - MINUTE } },
  { merchant: "mer_b", expected: { hour: 1, day: 1, last_ts: NOW - 30 * MINUTE } },
  { merchant: "mer_none", expected: { hour: 0, day: 0, last_ts: null } },
])("$merchant", async ({ merchant, expected }) => {
  expect(await countEvents(store.ch, merchant, NOW)).toEqual(expected);
});
