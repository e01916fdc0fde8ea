import { expect, it } from "vitest";
import { dueDigest } from "./digest-due.ts";

const at = (text: string) => Date.parse(text);

it.each([
  // Wednesday, London in winter: UTC.
  {
    name: "a minute early",
    now: "2026-11-25T07:29:59Z",
    last: "2026-11-24",
    news: true,
    kind: undefined,
  },
  {
    name: "at half past seven",
    now: "2026-11-25T07:30:00Z",
    last: "2026-11-24",
    news: true,
    kind: "daily",
  },
  {
    name: "late, after an outage",
    now: "2026-11-25T15:00:00Z",
    last: "2026-11-22",
    news: true,
    kind: "daily",
  },
  {
    name: "nothing to say",
    now: "2026-11-25T07:30:00Z",
    last: "2026-11-24",
    news: false,
    kind: null,
  },
  {
    name: "nothing to say on Monday",
    now: "2026-11-23T07:30:00Z",
    last: "2026-11-22",
    news: false,
    kind: "weekly",
  },
  {
    name: "something to say on Monday",
    now: "2026-11-23T07:30:00Z",
    last: "2026-11-22",
    news: true,
    kind: "weekly",
  },
  {
    name: "again the same day",
    now: "2026-11-25T18:00:00Z",
    last: "2026-11-25",
    news: true,
    kind: undefined,
  },
  {
    name: "a clock that stepped back",
    now: "2026-11-24T09:00:00Z",
    last: "2026-11-25",
    news: true,
    kind: undefined,
  },
  { name: "a new merchant", now: "2026-11-25T09:00:00Z", last: null, news: true, kind: null },
] as const)("$name -> $kind", ({ now, last, news, kind }) => {
  const due = dueDigest({ now: at(now), zone: "Europe/London", lastDay: last, hasNews: news });
  expect(due?.kind).toBe(kind);
});

it.each([
  ["Europe/London", "2026-07-01T06:30:00Z"],
  ["Europe/London", "2026-01-07T07:30:00Z"],
  ["America/New_York", "2026-01-07T12:30:00Z"],
  ["Asia/Kathmandu", "2026-01-07T01:45:00Z"],
  ["Pacific/Auckland", "2026-01-06T18:30:00Z"],
  // The night in which clocks go forward, and the one in which they go back.
  ["Europe/London", "2026-03-29T06:30:00Z"],
  ["Europe/London", "2026-10-25T07:30:00Z"],
])("%s: half past seven is %s, to the minute", (zone, instant) => {
  const of = { zone, lastDay: "2025-12-31", hasNews: true };
  expect(dueDigest({ ...of, now: at(instant) - 1 })).toBeUndefined();
  expect(dueDigest({ ...of, now: at(instant) })?.kind).not.toBeNull();
});

it("every day of a year has one digest, also where clocks change", () => {
  let lastDay: string | null = "2025-12-31";
  let sent = 0;
  const end = at("2027-01-01T00:00:00Z");
  for (let now = at("2026-01-01T00:00:00Z"); now < end; now += 600_000) {
    const due = dueDigest({ now, zone: "Europe/London", lastDay, hasNews: true });
    if (due === undefined) continue;
    lastDay = due.day;
    sent += 1;
  }
  expect(sent).toBe(365);
});
