import { expect, it } from "vitest";
import { localTime } from "../../core/time.ts";
import { demoShop, threeStoreChain } from "./chain.ts";
import { localDay, momentOf, openingOf, wallToUtc, weekday } from "./opening.ts";
import type { ShopStore } from "./shop.ts";

const [london] = threeStoreChain("1").stores as [ShopStore];
const stall = demoShop("1").stores[1] as ShopStore;
const at = (text: string) => Date.parse(text);
const dayOf = (text: string) => Math.floor(at(`${text}T00:00:00Z`) / 86_400_000);

it.each([
  { name: "winter", day: "2026-11-02", from: "2026-11-02T07:30:00Z" },
  { name: "summer", day: "2026-07-06", from: "2026-07-06T06:30:00Z" },
  { name: "the day the clocks go back", day: "2026-10-25", from: "2026-10-25T09:00:00Z" },
  { name: "the day the clocks go forward", day: "2026-03-29", from: "2026-03-29T08:00:00Z" },
])("the shop opens at its wall-clock time: $name", ({ day, from }) => {
  expect(openingOf(london, dayOf(day))?.from).toBe(at(from));
});

it.each([
  { ts: "2026-11-02T07:29:59Z", open: false, phase: undefined },
  { ts: "2026-11-02T07:30:00Z", open: true, phase: "first_hour" },
  { ts: "2026-11-02T12:00:00Z", open: true, phase: "middle" },
  { ts: "2026-11-02T18:00:00Z", open: true, phase: "last_hour" },
  { ts: "2026-11-02T18:30:00Z", open: false, phase: undefined },
])("at $ts the shop is open: $open, $phase", ({ ts, open, phase }) => {
  const moment = momentOf(london, at(ts));
  expect({ open: moment.open, phase: moment.phase }).toEqual({ open, phase });
});

it("hours after midnight belong to the evening before", () => {
  const bar = {
    ...london,
    opening_hours: london.opening_hours.map(() => ({ from: 1080, to: 1560 })),
  };
  expect(momentOf(bar, at("2026-11-03T01:30:00Z"))).toEqual({
    open: true,
    phase: "last_hour",
    day: dayOf("2026-11-02"),
  });
});

it("the stall is open on Saturdays only", () => {
  const days = Array.from({ length: 7 }, (_, n) => dayOf("2026-11-02") + n);
  expect(days.map((day) => openingOf(stall, day) !== undefined)).toEqual(
    days.map((day) => weekday(day) === 5),
  );
});

it("a wall-clock time and its UTC agree through a whole year", () => {
  for (let wall = Date.UTC(2026, 0, 1, 3); wall < Date.UTC(2027, 0, 1); wall += 86_400_000) {
    const utc = wallToUtc(wall, "Europe/London");
    expect(localTime(utc, "Europe/London")).toBe(new Date(wall).toISOString().slice(0, 23));
    expect(localDay(utc, "Europe/London")).toBe(Math.floor(wall / 86_400_000));
  }
});
