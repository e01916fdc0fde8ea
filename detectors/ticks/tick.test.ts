import { expect, it } from "vitest";
import { LATE_LIMIT_MS } from "../watch.ts";
import { dueSpan } from "./tick.ts";

const NOW = Date.UTC(2026, 10, 25);
const row = (from_ts: number, to_ts: number) => ({ seq: 1, merchant_id: "m", from_ts, to_ts });

it.each([
  { name: "nothing", rows: [], span: undefined },
  {
    name: "two stretches: from the first to the last",
    rows: [row(NOW - 5000, NOW - 4000), row(NOW - 9000, NOW - 8000)],
    span: { fromTs: NOW - 9000, toTs: NOW - 4000 },
  },
  {
    name: "one that reaches ahead of the clock: up to now",
    rows: [row(NOW - 10, NOW + 60_000)],
    span: { fromTs: NOW - 10, toTs: NOW },
  },
  {
    name: "history: only what is not too old to raise anything",
    rows: [row(0, NOW - 1000)],
    span: { fromTs: NOW - LATE_LIMIT_MS, toTs: NOW - 1000 },
  },
  {
    name: "all too old: nothing is read, the rows go",
    rows: [row(0, 1)],
    span: { fromTs: NOW, toTs: NOW },
  },
])("what is due of $name", ({ rows, span }) => {
  expect(dueSpan(rows, NOW)).toEqual(span);
});
