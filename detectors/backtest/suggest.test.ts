import { expect, it } from "vitest";
import type { HistoryLabel } from "./report.ts";
import {
  checkLabels,
  knobTries,
  LEAST_LABELS,
  type Outcome,
  outcomeOf,
  pickBetter,
  sentenceOf,
  type Tried,
} from "./suggest.ts";

const outcome = (over: Partial<Outcome> = {}): Outcome => ({
  ...{ alerts: 20, alerts_per_week: 5, caught: 10, missed: 0, needless: 10, unlabelled: 0 },
  ...over,
});
const tried = (value: number, over: Partial<Outcome>): Tried => ({
  ...{ knob: "declines", value, present: 5 },
  outcome: outcome(over),
});

it("tries values around the present one, nearest first, within the bounds, whole where the knob is", () => {
  const values = knobTries([{ name: "declines", min: 3, max: 9 }], { declines: 5 }).map(
    ({ value }) => value,
  );
  expect(values.slice(0, 2).sort()).toEqual([4, 6]);
  expect([...values].sort()).toEqual([3, 4, 6, 8]);
  expect(knobTries([{ name: "share", min: 0.1, max: 0.9 }], { share: 0.3 })).toContainEqual({
    knob: "share",
    value: 0.33,
  });
});

it("tries nothing where the knob cannot move, and at most two dozen in all", () => {
  expect(knobTries([{ name: "n", min: 5, max: 5 }], { n: 5 })).toEqual([]);
  const many = Array.from({ length: 9 }, (_, nth) => ({ name: `k${nth}`, min: 0, max: 1000 }));
  const values = Object.fromEntries(many.map(({ name }) => [name, 100]));
  expect(knobTries(many, values)).toHaveLength(24);
});

it.each([
  { name: "fewer needless, no fraud missed", tries: [tried(6, { needless: 4 })], picks: 6 },
  {
    name: "not one that misses a known fraud",
    tries: [tried(9, { caught: 9, missed: 1, needless: 0 })],
    picks: null,
  },
  {
    name: "not one with more needless alerts",
    tries: [tried(4, { caught: 11, needless: 11 })],
    picks: null,
  },
  { name: "not one that is only the same", tries: [tried(6, { alerts: 1 })], picks: null },
  {
    name: "more frauds first",
    tries: [tried(6, { needless: 1 }), tried(4, { caught: 11 })],
    picks: 4,
  },
  {
    name: "then fewer alerts",
    tries: [tried(6, { needless: 1 }), tried(7, { needless: 1, alerts: 9 })],
    picks: 7,
  },
])("suggests $name", ({ tries, picks }) => {
  expect(pickBetter(outcome(), tries)?.value ?? null).toBe(picks);
});

it("says in words what changes, and what the figures cannot know", () => {
  const words = sentenceOf(outcome(), tried(6, { needless: 4, alerts_per_week: 3.5 }));
  expect(words).toContain("declines 6 instead of 5: 4 needless alerts instead of 10");
  expect(words).toContain("3.5 alerts a week instead of 5.0");
  expect(words).toContain("nobody noticed");
  expect(sentenceOf(outcome(), null)).toContain("No value");
});

it("a rule that finds nothing misses every known fraud", () => {
  const span = { from: 0, to: 14 * 86_400_000 };
  expect(outcomeOf(undefined, 7, span)).toMatchObject({ alerts: 0, caught: 0, missed: 7 });
});

it("refuses below the least number of clear verdicts; unsure ones and other detections do not count", () => {
  const label = (over: Partial<HistoryLabel>): HistoryLabel => ({
    ...{ detection: "d", subject: "ip:1", firstTs: 1, lastTs: 1, label: "fraud" },
    ...over,
  });
  const clear = Array.from({ length: LEAST_LABELS - 1 }, () => label({}));
  const rest = [label({ label: "unsure" }), label({ detection: "other" })];
  expect(() => checkLabels([...clear, ...rest], "d")).toThrow(/19 alerts .* at least 20/);
  expect(checkLabels([...clear, ...rest, label({})], "d")).toHaveLength(LEAST_LABELS + 1);
});
