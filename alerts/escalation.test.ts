import { describe, expect, it } from "vitest";
import type { OnCall } from "../core/routing.ts";
import { escalate } from "./escalation.ts";

const NOW = Date.UTC(2026, 10, 25, 3);
const MINUTE = 60_000;
const [ANN, PUSH, BOB] = [
  { email: "ann@c.example" },
  { channel: "push" },
  { email: "b@c.example" },
];
const LIST: OnCall = { at_least: "critical", minutes: 15, steps: [ANN, PUSH, BOB] };
const all = { list: LIST, canTell: () => true };
const OPEN = { state: "open", level: "critical" } as const;
const due = (step: number, ms = 0) => ({ step, due_at: NOW + ms });
const over = { tell: null, next: null };

describe("whom next", () => {
  it.each([
    {
      name: "at once: the first, the second after their minutes",
      got: escalate(OPEN, all, due(0), NOW),
      expected: { tell: { step: 0, to: ANN }, next: due(1, 15 * MINUTE) },
    },
    {
      name: "at the deadline: the next",
      got: escalate(OPEN, all, due(1), NOW),
      expected: { tell: { step: 1, to: PUSH }, next: due(2, 15 * MINUTE) },
    },
    {
      name: "one millisecond before it: nobody",
      got: escalate(OPEN, all, due(1, 1), NOW),
      expected: { tell: null, next: due(1, 1) },
    },
    {
      name: "after an outage of hours: one place, and their whole time for the next",
      got: escalate(OPEN, all, due(1, -5 * 60 * MINUTE), NOW),
      expected: { tell: { step: 1, to: PUSH }, next: due(2, 15 * MINUTE) },
    },
    {
      name: "the last place: over after it",
      got: escalate(OPEN, all, due(2), NOW),
      expected: { tell: { step: 2, to: BOB }, next: null },
    },
    { name: "beyond the list", got: escalate(OPEN, all, due(3), NOW), expected: over },
    {
      name: "a channel that is off: the one after it, at once",
      got: escalate(OPEN, { list: LIST, canTell: (to) => !("channel" in to) }, due(1), NOW),
      expected: { tell: { step: 2, to: BOB }, next: null },
    },
    {
      name: "nobody can be told",
      got: escalate(OPEN, { list: LIST, canTell: () => false }, due(0), NOW),
      expected: over,
    },
    {
      name: "acknowledged",
      got: escalate({ ...OPEN, state: "acknowledged" }, all, due(1), NOW),
      expected: over,
    },
    {
      name: "resolved",
      got: escalate({ ...OPEN, state: "resolved" }, all, due(1), NOW),
      expected: over,
    },
    { name: "gone", got: escalate(undefined, all, due(1), NOW), expected: over },
    {
      name: "not serious enough",
      got: escalate({ ...OPEN, level: "high" }, all, due(0), NOW),
      expected: over,
    },
    {
      name: "the list was taken away",
      got: escalate(OPEN, { ...all, list: null }, due(1), NOW),
      expected: over,
    },
  ])("$name", ({ got, expected }) => expect(got).toEqual(expected));
});
