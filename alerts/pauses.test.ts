import { expect, it } from "vitest";
import { circuitAfter, pauseMs } from "./pauses.ts";

const H = 3_600_000;

it.each([
  { name: "the first", attempts: 1, asked: undefined, expected: 10_000 },
  { name: "the third", attempts: 3, asked: undefined, expected: 40_000 },
  { name: "never over an hour", attempts: 40, asked: undefined, expected: H },
  { name: "what the receiver asks for", attempts: 1, asked: 120_000, expected: 120_000 },
  { name: "not shorter because it asks so", attempts: 3, asked: 0, expected: 40_000 },
  { name: "a year is not waited for", attempts: 1, asked: 365 * 24 * H, expected: 6 * H },
])("the pause before another try: $name", ({ attempts, asked, expected }) => {
  expect(pauseMs(attempts, asked)).toBe(expected);
});

const NOW = 1_000_000;
const silent = { answered: false };

it.each([
  { name: "two failures", failures: 1, after: silent, expected: { failures: 2, paused_until: 0 } },
  {
    name: "a third failure: it rests",
    failures: 2,
    after: silent,
    expected: { failures: 3, paused_until: NOW + 30_000 },
  },
  {
    name: "a try after the rest failed too: a longer rest",
    failures: 3,
    after: silent,
    expected: { failures: 4, paused_until: NOW + 60_000 },
  },
  {
    name: "never over a quarter of an hour",
    failures: 60,
    after: silent,
    expected: { failures: 61, paused_until: NOW + 900_000 },
  },
  {
    name: "a named time holds at once",
    failures: 0,
    after: { answered: false, retryAfterMs: 5000 },
    expected: { failures: 1, paused_until: NOW + 5000 },
  },
  {
    name: "any answer closes it",
    failures: 9,
    after: { answered: true },
    expected: { failures: 0, paused_until: 0 },
  },
])("the circuit after $name", ({ failures, after, expected }) => {
  expect(circuitAfter({ failures, paused_until: 0 }, after, NOW)).toEqual(expected);
});
