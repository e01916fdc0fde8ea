// Holidays as data: a calendar is a list of dates with its source, and says for which years it holds.
import { z } from "zod";
import { isDate, LocalDate } from "./local-date.ts";

const Holiday = z.strictObject({ date: LocalDate, name: z.string().min(1) });

export const HolidayCalendar = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string().min(1),
  source: z.url(),
  as_of: LocalDate,
  confidence: z.enum(["A", "A-", "B", "C"]),
  /** First and last day that the list covers; beyond it nothing is counted. */
  from: LocalDate,
  until: LocalDate,
  holidays: z.array(Holiday).max(5_000),
});
export type HolidayCalendar = z.infer<typeof HolidayCalendar>;

/** Monday to Friday and nothing else: the strictest reading, where a row's source names no calendar. */
export const WEEKDAYS = "weekdays";

/** What a count of business days needs to know. Throws RangeError for a day that the calendar does not cover. */
export type BusinessDays = (date: string) => boolean;

/** In: a calendar, or undefined for plain weekdays. Out: whether a date is a business day. */
export function businessDays(calendar: HolidayCalendar | undefined): BusinessDays {
  const holidays = new Set(calendar?.holidays.map(({ date }) => date));
  return (date) => {
    if (!isDate(date)) throw new RangeError(`${date} is no date.`);
    if (calendar !== undefined && (date < calendar.from || date > calendar.until))
      throw new RangeError(
        `The calendar ${calendar.id} covers ${calendar.from} to ${calendar.until}; ${date} is beyond it.`,
      );
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay();
    return weekday !== 0 && weekday !== 6 && !holidays.has(date);
  };
}
