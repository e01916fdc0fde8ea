import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, it } from "vitest";
import { isTimeZone, localTime, parseIsoTime, parseSpan, zoneOffsetMs } from "./time.ts";

const ZONES = [
  "UTC",
  "Europe/London",
  "America/New_York",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Apia",
];

describe("localTime", () => {
  it("agrees with luxon over zones and years, clock changes among them", () => {
    const instant = fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2040, 0, 1) });
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), instant, (zone, ms) => {
        const oracle = DateTime.fromMillis(ms, { zone });
        expect(zoneOffsetMs(ms, zone)).toBe(oracle.offset * 60_000);
        expect(localTime(ms, zone)).toBe(oracle.toFormat("yyyy-MM-dd'T'HH:mm:ss.SSS"));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    {
      name: "just before the hour that is skipped",
      utc: "2026-03-29T00:59:59.999Z",
      local: "2026-03-29T00:59:59.999",
    },
    { name: "just after it", utc: "2026-03-29T01:00:00.000Z", local: "2026-03-29T02:00:00.000" },
    {
      name: "the hour that comes twice, first time",
      utc: "2026-10-25T00:30:00.000Z",
      local: "2026-10-25T01:30:00.000",
    },
    {
      name: "the hour that comes twice, second time",
      utc: "2026-10-25T01:30:00.000Z",
      local: "2026-10-25T01:30:00.000",
    },
  ])("London: $name", ({ utc, local }) => {
    expect(localTime(Date.parse(utc), "Europe/London")).toBe(local);
  });
});

describe("parseIsoTime", () => {
  it.each([
    { text: "2026-11-25T10:00:00Z", ms: Date.UTC(2026, 10, 25, 10) },
    { text: "2026-11-25T10:00Z", ms: Date.UTC(2026, 10, 25, 10) },
    { text: "2026-11-25T10:00:00.123456789Z", ms: Date.UTC(2026, 10, 25, 10, 0, 0, 123) },
    { text: "2026-11-25T10:00:00+02:00", ms: Date.UTC(2026, 10, 25, 8) },
    { text: "2026-11-25T10:00:00-0530", ms: Date.UTC(2026, 10, 25, 15, 30) },
  ])("$text", ({ text, ms }) => {
    expect(parseIsoTime(text)).toBe(ms);
  });

  it.each([
    "2026-11-25T10:00:00",
    "2026-11-25",
    "25/11/2026",
    "2026-13-01T00:00:00Z",
    "now",
    "",
    "1",
  ])("%j names no instant", (text) => {
    expect(parseIsoTime(text)).toBeUndefined();
  });
});

it.each([
  ["10m", 600_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
  ["5s", 5_000],
  ["250ms", 250],
  ["1w", undefined],
  ["1M", undefined],
  ["m", undefined],
  ["-1m", undefined],
])("parseSpan(%j) is %j", (text, expected) => {
  expect(parseSpan(text)).toBe(expected);
});

it("tells a time zone from other text", () => {
  expect(["Europe/London", "UTC", "Mars/Base", "", "../etc/passwd"].map(isTimeZone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
});
