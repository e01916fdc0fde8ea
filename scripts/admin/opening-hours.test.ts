import { expect, it } from "vitest";
import { parseOpeningHours } from "./opening-hours.ts";

const d = (from: number, to: number) => ({ from, to });
const _ = null;

it.each([
  {
    text: "mon-fri 08:00-20:00, sat 09:00-18:00",
    week: [d(480, 1200), d(480, 1200), d(480, 1200), d(480, 1200), d(480, 1200), d(540, 1080), _],
  },
  { text: "sun 00:00-24:00", week: [_, _, _, _, _, _, d(0, 1440)] },
  { text: "fri 18:00-02:00", week: [_, _, _, _, d(1080, 1560), _, _] },
  { text: "sat-mon 10:00-12:00", week: [d(600, 720), _, _, _, _, d(600, 720), d(600, 720)] },
  { text: "MON 08:00-09:00,TUE closed", week: [d(480, 540), _, _, _, _, _, _] },
  { text: "wed 08:00-08:00", week: [_, _, d(480, 1920), _, _, _, _] },
])("$text", ({ text, week }) => {
  expect(parseOpeningHours(text)).toEqual(week);
});

it.each([
  "",
  "mon",
  "mon 8-20",
  "mon 08:00-20:00 sat 09:00-18:00",
  "mon 08:60-20:00",
  "mon 08:00-24:01",
  "mon-fri 08:00-20:00, wed 09:00-10:00",
  "foo 08:00-20:00",
  "mon-foo 08:00-20:00",
  `mon ${"0".repeat(100_000)}`,
])("%.40s is refused in words", (text) => {
  expect(() => parseOpeningHours(text)).toThrow(
    expect.objectContaining({ code: "REQUEST_INVALID" }),
  );
});
