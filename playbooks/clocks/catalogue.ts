// The clocks and calendars that Tillwatch comes with, read from their files. To add a file, add its name here.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { z } from "zod";
import { HolidayCalendar } from "./calendar.ts";
import { ClockFile, type ClockRow } from "./clock-row.ts";

const CLOCK_FILES = ["payment-schemes", "outside-usa", "united-states"] as const;
const CALENDAR_FILES = ["us-federal"] as const;

const here = import.meta.dirname;

function readYaml<Shape extends z.ZodType>(path: string, shape: Shape): z.infer<Shape> {
  const text = readFileSync(join(here, path), "utf8");
  return shape.parse(parse(text, { schema: "core", uniqueKeys: true }));
}

export const readClockFiles = (): ClockFile[] =>
  CLOCK_FILES.map((name) => readYaml(`${name}.yml`, ClockFile));

export const readClocks = (): ClockRow[] => readClockFiles().flatMap(({ rows }) => rows);

export const readCalendars = (): HolidayCalendar[] =>
  CALENDAR_FILES.map((name) => readYaml(`calendars/${name}.yml`, HolidayCalendar));
