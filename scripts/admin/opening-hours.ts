// Reads opening hours as a person writes them: `mon-fri 08:00-20:00, sat 09:00-18:00`.
import { AppError } from "../../core/errors.ts";
import type { OpeningDay } from "../../core/merchant.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/**
 * Seven entries, Monday first, in minutes after local midnight; days that are not named are closed. A closing time that
 * is not after the opening time is on the next day (`18:00-02:00` ends at 1560). Throws REQUEST_INVALID.
 */
export function parseOpeningHours(text: string): OpeningDay[] {
  const week: OpeningDay[] = DAYS.map(() => null);
  const named = new Set<number>();
  for (const part of text.toLowerCase().split(",")) {
    const { days, hours } = parsePart(part.trim());
    for (const day of days) {
      if (named.has(day)) throw wrong(`${DAYS[day]} is named twice`);
      named.add(day);
      week[day] = hours;
    }
  }
  return week;
}

function parsePart(part: string): { days: number[]; hours: OpeningDay } {
  const match = /^([a-z]{3})(?:-([a-z]{3}))? +(closed|(\d\d):(\d\d)-(\d\d):(\d\d))$/.exec(part);
  if (match === null) throw wrong(`"${part.slice(0, 40)}" is not like "mon-fri 08:00-20:00"`);
  const days = daysFrom(match[1] ?? "", match[2] ?? match[1] ?? "");
  if (match[3] === "closed") return { days, hours: null };
  const from = minutes(match[4], match[5]);
  const to = minutes(match[6], match[7]);
  return { days, hours: { from, to: to > from ? to : to + 1440 } };
}

function daysFrom(first: string, last: string): number[] {
  const from = DAYS.indexOf(first);
  const to = DAYS.indexOf(last);
  if (from < 0 || to < 0) throw wrong(`days are ${DAYS.join(", ")}`);
  const count = ((to - from + 7) % 7) + 1;
  return Array.from({ length: count }, (_, i) => (from + i) % 7);
}

function minutes(hour: string | undefined, minute: string | undefined): number {
  const value = Number(hour) * 60 + Number(minute);
  if (Number(minute) > 59 || value > 1440) throw wrong(`${hour}:${minute} is no time of day`);
  return value;
}

function wrong(why: string): AppError {
  return new AppError("REQUEST_INVALID", `hours: ${why}.`);
}
