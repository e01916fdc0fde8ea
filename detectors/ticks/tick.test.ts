import { expect, it } from "vitest";
import { LATE_LIMIT_MS } from "../watch.ts";
import { dueStretch } from "./tick.ts";

const NOW = Date.UTC(2026, 10, 25);
const rowsOf = (...stretches: [number, number][]) =>
  stretches.map(([from_ts, to_ts], at) => ({ seq: at + 1, merchant_id: "m", from_ts, to_ts }));

it.each([
  { name: "nothing", rows: rowsOf(), due: undefined },
  { name: "only what is ahead of the clock", rows: rowsOf([NOW + 1, NOW + 5]), due: undefined },
  {
    name: "neighbours: from the first to the last",
    rows: rowsOf([NOW - 5000, NOW - 4000], [NOW - 9000, NOW - 8000]),
    due: { seqs: [1, 2], fromTs: NOW - 9000, toTs: NOW - 4000 },
  },
  {
    name: "a late event of last month beside fresh ones: the fresh ones alone, and nothing in between",
    rows: rowsOf([NOW - LATE_LIMIT_MS / 2, NOW - LATE_LIMIT_MS / 2], [NOW - 9000, NOW - 8000]),
    due: { seqs: [2], fromTs: NOW - 9000, toTs: NOW - 8000 },
  },
  {
    name: "a long stretch that others lie within",
    rows: rowsOf([NOW - 50_000_000, NOW - 1000], [NOW - 40_000_000, NOW - 39_000_000]),
    due: { seqs: [1, 2], fromTs: NOW - 50_000_000, toTs: NOW - 1000 },
  },
  {
    name: "one that reaches ahead of the clock: up to now",
    rows: rowsOf([NOW - 10, NOW + 60_000]),
    due: { seqs: [1], fromTs: NOW - 10, toTs: NOW },
  },
  {
    name: "history: only what is not too old to raise anything",
    rows: rowsOf([0, NOW - 1000]),
    due: { seqs: [1], fromTs: NOW - LATE_LIMIT_MS, toTs: NOW - 1000 },
  },
  {
    name: "what is too old as a whole: an empty span, the row goes",
    rows: rowsOf([0, 1]),
    due: { seqs: [1], fromTs: NOW - LATE_LIMIT_MS, toTs: 1 },
  },
])("what is due of $name", ({ rows, due }) => {
  const found = dueStretch(rows, NOW);
  const seqs = found?.rows.map(({ seq }) => seq).sort();
  expect(found && { seqs, fromTs: found.fromTs, toTs: found.toTs }).toEqual(due);
});
