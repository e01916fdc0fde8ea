// When a duty ends: a rule, a start and a zone make an absolute time. Pure; a running clock never asks again.
import { z } from "zod";
import { isTimeZone, localTime } from "../../core/time.ts";
import type { BusinessDays } from "./calendar.ts";
import { addDays, endOfDay, instantOf, localDate } from "./local-date.ts";

export const UNITS = ["minute", "hour", "calendar_day", "business_day"] as const;

export const Span = z.strictObject({
  amount: z.int().min(1).max(100_000),
  unit: z.enum(UNITS),
});
export type Span = z.infer<typeof Span>;

/** `due_ms` is the last moment in time (UTC ms). `aim`: 17:00 on the last business day not after it; null for hours, or when that has passed at the start. */
export type Due = {
  due_ms: number;
  due: string;
  due_local: string;
  zone: string;
  aim: string | null;
};

const MINUTE_MS = 60_000;
const MAX_DAYS = 3_660;

/**
 * In: the span; the start (UTC ms); the zones of the place, one or several; which days are business days.
 * Hours are exact UTC hours: no weekend and no change of the clocks moves them. Days are counted from the local date of the start, whatever
 * its hour; day 0 does not count; they end with the local day. Of several zones the earliest end counts.
 * Throws RangeError for an unknown zone, no zone, over ten years, or a calendar that does not reach.
 */
export function dueAt(
  span: Span,
  startMs: number,
  place: { zones: readonly string[]; isBusinessDay: BusinessDays },
): Due {
  const unknown = place.zones.find((zone) => !isTimeZone(zone));
  if (unknown !== undefined) throw new RangeError(`There is no time zone ${unknown}.`);
  const ends = place.zones.map((zone) =>
    dueIn(span, startMs, { zone, isBusinessDay: place.isBusinessDay }),
  );
  const [first, ...others] = ends;
  if (first === undefined) throw new RangeError("A zone is needed, such as Europe/Berlin.");
  return others.reduce((earliest, end) => (end.due_ms < earliest.due_ms ? end : earliest), first);
}

type Place = { zone: string; isBusinessDay: BusinessDays };

function dueIn({ amount, unit }: Span, startMs: number, { zone, isBusinessDay }: Place): Due {
  if (unit === "minute" || unit === "hour") {
    const dueMs = startMs + amount * MINUTE_MS * (unit === "hour" ? 60 : 1);
    return answer(dueMs, zone, null);
  }
  if (amount > MAX_DAYS) throw new RangeError("Over ten years of days are not counted.");
  const start = localDate(startMs, zone);
  const date =
    unit === "calendar_day"
      ? addDays(start, amount)
      : addBusinessDays(start, amount, isBusinessDay);
  const aimMs = instantOf(`${lastBusinessDay(date, isBusinessDay)}T17:00:00.000`, zone);
  return answer(endOfDay(date, zone), zone, aimMs > startMs ? aimMs : null);
}

function answer(dueMs: number, zone: string, aimMs: number | null): Due {
  return {
    due_ms: dueMs,
    due: new Date(dueMs).toISOString(),
    due_local: localTime(dueMs, zone),
    zone,
    aim: aimMs === null ? null : new Date(aimMs).toISOString(),
  };
}

function addBusinessDays(start: string, amount: number, isBusinessDay: BusinessDays): string {
  let date = start;
  for (let counted = 0; counted < amount; ) {
    date = addDays(date, 1);
    if (isBusinessDay(date)) counted += 1;
  }
  return date;
}

function lastBusinessDay(date: string, isBusinessDay: BusinessDays): string {
  let day = date;
  while (!isBusinessDay(day)) day = addDays(day, -1);
  return day;
}
