// A shop's calendar: when its days begin in UTC, and where an instant lies within its opening hours.
import { zoneOffsetMs } from "../../core/time.ts";
import type { ShopStore } from "./shop.ts";

const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** UTC ms of a wall-clock time given as if it were UTC. In a skipped hour the time after it is meant. */
export function wallToUtc(wallMs: number, zone: string): number {
  const guess = wallMs - zoneOffsetMs(wallMs, zone);
  return wallMs - zoneOffsetMs(guess, zone);
}

/** Number of the local calendar day, counted from 1970-01-01. */
export function localDay(utcMs: number, zone: string): number {
  return Math.floor((utcMs + zoneOffsetMs(utcMs, zone)) / DAY_MS);
}

/** 0 = Monday. 1970-01-01 was a Thursday. */
export function weekday(day: number): number {
  return (((day + 3) % 7) + 7) % 7;
}

/** The opening of one local day in UTC ms, or undefined when the shop stays closed. */
export function openingOf(store: ShopStore, day: number): { from: number; to: number } | undefined {
  const hours = store.opening_hours[weekday(day)];
  if (hours === null || hours === undefined) return undefined;
  const at = (minute: number) => wallToUtc(day * DAY_MS + minute * MINUTE_MS, store.zone);
  return { from: at(hours.from), to: at(hours.to) };
}

export type Moment = {
  open: boolean;
  phase?: "first_hour" | "middle" | "last_hour";
  /** The trading day: hours after midnight belong to the evening before. */
  day: number;
};

/** Where an instant lies. In: utcMs. Out: open or closed, the part of the day, the trading day. */
export function momentOf(store: ShopStore, utcMs: number): Moment {
  const wall = utcMs + zoneOffsetMs(utcMs, store.zone);
  const today = Math.floor(wall / DAY_MS);
  for (const day of [today, today - 1]) {
    const hours = store.opening_hours[weekday(day)];
    if (hours === null || hours === undefined) continue;
    const minute = (wall - day * DAY_MS) / MINUTE_MS;
    if (minute < hours.from || minute >= hours.to) continue;
    const phase =
      minute < hours.from + 60 ? "first_hour" : minute >= hours.to - 60 ? "last_hour" : "middle";
    return { open: true, phase, day };
  }
  return { open: false, day: today };
}
