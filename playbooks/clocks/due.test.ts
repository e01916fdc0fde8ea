import fc from "fast-check";
import { DateTime } from "luxon";
import { expect, it, vi } from "vitest";
import { businessDays } from "./calendar.ts";
import { readCalendars, readClockFiles, readClocks } from "./catalogue.ts";
import { dueAt, type Span, UNITS } from "./due.ts";
import { endOfDay, instantOf } from "./local-date.ts";

vi.setConfig({ testTimeout: 30_000 }); // the property test, on a busy machine

const weekdays = businessDays(undefined);
const [usFederal] = readCalendars();
const federal = businessDays(usFederal);
const local = (
  amount: number,
  unit: Span["unit"],
  [wall, zone]: [string, string],
  isBusinessDay = weekdays,
) => dueAt({ amount, unit }, instantOf(wall, zone), { zones: [zone], isBusinessDay }).due_local;

const BERLIN = "Europe/Berlin";
const NEW_YORK = "America/New_York";
it.each<[string, number, Span["unit"], [string, string], string]>([
  [
    "72 h while the clocks go forward",
    72,
    "hour",
    ["2026-03-28T10:00", BERLIN],
    "2026-03-31T11:00:00.000",
  ],
  [
    "72 h over a weekend",
    72,
    "hour",
    ["2026-10-23T17:30", "Europe/London"],
    "2026-10-26T16:30:00.000",
  ],
  [
    "72 h while the clocks go back",
    72,
    "hour",
    ["2026-10-30T18:00", NEW_YORK],
    "2026-11-02T17:00:00.000",
  ],
  ["3 calendar days", 3, "calendar_day", ["2026-11-06T09:00", NEW_YORK], "2026-11-09T23:59:59.999"],
  [
    "3 calendar days from late at night",
    3,
    "calendar_day",
    ["2026-11-06T23:59", NEW_YORK],
    "2026-11-09T23:59:59.999",
  ],
  [
    "30 calendar days over February",
    30,
    "calendar_day",
    ["2026-01-31T00:00", NEW_YORK],
    "2026-03-02T23:59:59.999",
  ],
  [
    "30 calendar days over 29 February",
    30,
    "calendar_day",
    ["2028-01-31T00:00", NEW_YORK],
    "2028-03-01T23:59:59.999",
  ],
  [
    "60 calendar days",
    60,
    "calendar_day",
    ["2026-01-05T00:00", "America/Chicago"],
    "2026-03-06T23:59:59.999",
  ],
  [
    "15 calendar days",
    15,
    "calendar_day",
    ["2026-03-02T00:00", "America/Los_Angeles"],
    "2026-03-17T23:59:59.999",
  ],
  [
    "30 days over a new year",
    30,
    "calendar_day",
    ["2026-12-15T12:00", BERLIN],
    "2027-01-14T23:59:59.999",
  ],
])("%s", (...[, amount, unit, start, due]) => expect(local(amount, unit, start)).toBe(due));

it.each([
  ["5 business days over Thanksgiving", 5, "2026-11-20", "2026-11-30"],
  ["14 business days over two holidays", 14, "2026-11-06", "2026-11-30"],
  ["1 business day from a Saturday", 1, "2026-11-21", "2026-11-23"],
  ["1 business day before 4 July, kept on Friday", 1, "2026-07-02", "2026-07-06"],
  ["1 business day before a Christmas on Saturday", 1, "2027-12-23", "2027-12-27"],
])("%s, US federal", (_name, amount, start, due) => {
  expect(local(amount, "business_day", [`${start}T12:00`, NEW_YORK], federal)).toBe(
    `${due}T23:59:59.999`,
  );
});

it("aims at 17:00 of the last business day, and not before the start", () => {
  const aim = (start: string) =>
    dueAt({ amount: 3, unit: "calendar_day" }, instantOf(start, NEW_YORK), {
      zones: [NEW_YORK],
      isBusinessDay: weekdays,
    }).aim;
  expect(aim("2026-11-04T10:00")).toBe("2026-11-06T22:00:00.000Z"); // due on Saturday
  expect(aim("2026-11-06T18:00")).toBe("2026-11-09T22:00:00.000Z"); // due on Monday
  expect(
    dueAt({ amount: 1, unit: "calendar_day" }, instantOf("2026-11-06T18:00", NEW_YORK), {
      zones: [NEW_YORK],
      isBusinessDay: weekdays,
    }).aim,
  ).toBeNull();
});

it("of several zones the earliest end counts", () => {
  const found = dueAt(
    { amount: 60, unit: "calendar_day" },
    instantOf("2026-01-05T12:00", "America/Chicago"),
    {
      zones: ["America/Denver", "America/Chicago"],
      isBusinessDay: weekdays,
    },
  );
  expect(found).toMatchObject({ zone: "America/Chicago", due: "2026-03-07T05:59:59.999Z" });
});

it("refuses to count beyond its calendar, without a zone, or in one that is not", () => {
  const start = Date.parse("2030-12-20T12:00:00Z");
  const ask = (zones: string[]) => () =>
    dueAt({ amount: 30, unit: "business_day" }, start, { zones, isBusinessDay: federal });
  expect(ask([NEW_YORK])).toThrow(/covers 2025-01-01 to 2030-12-31/);
  expect(ask([])).toThrow(/zone is needed/);
  expect(ask(["Mars/Base"])).toThrow(/no time zone/);
});

it.each([
  [
    "a skipped hour is the moment of the change",
    "2026-03-29T02:30",
    BERLIN,
    "2026-03-29T01:00:00.000Z",
  ],
  [
    "an hour that comes twice is the earlier one",
    "2026-10-25T02:30",
    BERLIN,
    "2026-10-25T00:30:00.000Z",
  ],
])("%s", (...[, wall, zone, instant]) =>
  expect(new Date(instantOf(wall, zone)).toISOString()).toBe(instant),
);

it("a day ends right where midnight is skipped", () => {
  // Santiago goes from 23:59:59 on 5 September 2026 to 01:00 on the 6th.
  expect(new Date(endOfDay("2026-09-05", "America/Santiago")).toISOString()).toBe(
    "2026-09-06T03:59:59.999Z",
  );
});

it("agrees with luxon for any start, in zones that change their clocks in different ways", () => {
  const zones = [
    BERLIN,
    "Europe/London",
    NEW_YORK,
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Asia/Kolkata",
    "America/Santiago",
    "Pacific/Auckland",
    "Africa/Casablanca",
  ];
  const starts = fc.integer({ min: Date.parse("2020-01-01"), max: Date.parse("2029-12-31") });
  fc.assert(
    fc.property(
      starts,
      fc.constantFrom(...zones),
      fc.integer({ min: 1, max: 90 }),
      fc.constantFrom(...UNITS),
      (...[start, zone, amount, unit]) => {
        const found = dueAt({ amount, unit }, start, { zones: [zone], isBusinessDay: weekdays });
        expect(found.due_ms).toBe(byLuxon(start, zone, { amount, unit }));
      },
    ),
    { numRuns: 1_000 },
  );
});

function byLuxon(start: number, zone: string, { amount, unit }: Span): number {
  let at = DateTime.fromMillis(start, { zone });
  if (unit === "minute" || unit === "hour") return at.plus({ [unit]: amount }).toMillis();
  if (unit === "calendar_day") return at.plus({ days: amount }).endOf("day").toMillis();
  at = at.startOf("day").set({ hour: 12 });
  for (let left = amount; left > 0; ) {
    at = at.plus({ days: 1 });
    if (at.weekday <= 5) left -= 1;
  }
  return at.endOf("day").toMillis();
}

it("the federal calendar is what 5 U.S.C. 6103 says, for each of its years", () => {
  const observed = (date: DateTime) =>
    date.weekday === 6
      ? date.minus({ days: 1 })
      : date.weekday === 7
        ? date.plus({ days: 1 })
        : date;
  const nth = (year: number, month: number, [weekday, n]: [number, number]) => {
    const first = DateTime.utc(year, month, 1);
    return first.plus({ days: ((weekday - first.weekday + 7) % 7) + 7 * (n - 1) });
  };
  const inYear = (year: number) => [
    observed(DateTime.utc(year, 1, 1)),
    nth(year, 1, [1, 3]),
    nth(year, 2, [1, 3]),
    DateTime.utc(year, 5, 31).minus({ days: DateTime.utc(year, 5, 31).weekday - 1 }),
    observed(DateTime.utc(year, 6, 19)),
    observed(DateTime.utc(year, 7, 4)),
    nth(year, 9, [1, 1]),
    nth(year, 10, [1, 2]),
    observed(DateTime.utc(year, 11, 11)),
    nth(year, 11, [4, 4]),
    observed(DateTime.utc(year, 12, 25)),
  ];
  const all = [2025, 2026, 2027, 2028, 2029, 2030, 2031]
    .flatMap(inYear)
    .map((date) => date.toISODate() ?? "");
  expect(usFederal?.holidays.map(({ date }) => date)).toEqual(
    all.filter((date) => date <= "2030-12-31").sort(),
  );
});

it("every clock has one id, a source that its file spells out, and a calendar that exists", () => {
  const ids = readClocks().map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const calendars = ["weekdays", ...readCalendars().map(({ id }) => id)];
  for (const { rows, sources } of readClockFiles()) {
    for (const { source, deadline } of rows) {
      for (const name of source) expect(Object.keys(sources)).toContain(name);
      if (deadline?.unit === "business_day") expect(calendars).toContain(deadline.calendar);
    }
    expect(
      Object.keys(sources).filter((name) => !rows.some(({ source }) => source.includes(name))),
    ).toEqual([]);
  }
});
