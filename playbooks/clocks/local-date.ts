// Dates of a place, as texts such as 2026-03-02, and the instants where their days begin and end.
import { z } from "zod";
import { localTime, zoneOffsetMs } from "../../core/time.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const isDate = (text: string): boolean => {
  const ms = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === text;
};

export const LocalDate = z.string().refine(isDate, "a date such as 2026-03-02");

export const localDate = (utcMs: number, zone: string): string =>
  localTime(utcMs, zone).slice(0, 10);

export function addDays(date: string, days: number): string {
  return new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** A wall clock's time as an instant. Twice on a night of change: the earlier. Skipped: the moment of the change. */
export function instantOf(wall: string, zone: string): number {
  const asUtc = Date.parse(`${wall}Z`);
  const candidates = instantsOf(asUtc, zone);
  return candidates[0] ?? firstAtOrAfter(asUtc, zone);
}

/** The last millisecond of a local day, also where midnight is skipped or comes twice. */
export function endOfDay(date: string, zone: string): number {
  const midnight = Date.parse(`${addDays(date, 1)}T00:00:00Z`);
  return (instantsOf(midnight, zone).at(-1) ?? firstAtOrAfter(midnight, zone)) - 1;
}

/** Every instant at which the wall clock shows this time, in order: none, one or two. */
function instantsOf(asUtc: number, zone: string): number[] {
  const offsets = [zoneOffsetMs(asUtc - DAY_MS, zone), zoneOffsetMs(asUtc + DAY_MS, zone)];
  const instants = new Set(offsets.map((offset) => asUtc - offset));
  return [...instants].filter((at) => at + zoneOffsetMs(at, zone) === asUtc).sort((a, b) => a - b);
}

/** The first instant at which the wall clock shows this time or a later one. */
function firstAtOrAfter(asUtc: number, zone: string): number {
  let low = asUtc - 15 * HOUR_MS;
  let high = asUtc + 15 * HOUR_MS;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (middle + zoneOffsetMs(middle, zone) >= asUtc) high = middle;
    else low = middle;
  }
  return high;
}
