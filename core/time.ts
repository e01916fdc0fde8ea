// Time is UTC milliseconds; the store's wall clock stands beside it, written once at the door.

const MINUTE_MS = 60_000;
const partsOf = new Map<string, Intl.DateTimeFormat>();
const offsets = new Map<string, { quarter: number; offsetMs: number }>();

function formatter(zone: string): Intl.DateTimeFormat {
  let format = partsOf.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "2-digit",
      day: "2-digit",
      hour: "2-digit",
      minute: "2-digit",
      second: "2-digit",
    });
    partsOf.set(zone, format);
  }
  return format;
}

/** True when the host's tz database knows the name, such as `Europe/London`. */
export function isTimeZone(zone: string): boolean {
  try {
    formatter(zone);
    return true;
  } catch {
    return false;
  }
}

/**
 * The zone's offset from UTC at an instant, in ms (east is positive).
 * Clock changes fall on whole quarter hours in every zone since 2000, so one look-up a quarter hour is enough.
 */
export function zoneOffsetMs(utcMs: number, zone: string): number {
  const quarter = Math.floor(utcMs / (15 * MINUTE_MS));
  const known = offsets.get(zone);
  if (known !== undefined && known.quarter === quarter) return known.offsetMs;
  const at = Math.floor(utcMs / 1000) * 1000;
  const part: Record<string, number> = {};
  for (const { type, value } of formatter(zone).formatToParts(at)) part[type] = Number(value);
  const wall = Date.UTC(
    part.year ?? 0,
    (part.month ?? 1) - 1,
    part.day,
    part.hour,
    part.minute,
    part.second,
  );
  const offsetMs = wall - at;
  offsets.set(zone, { quarter, offsetMs });
  return offsetMs;
}

/** The store's wall clock as ISO text without a zone: `2026-11-25T10:00:00.000`. */
export function localTime(utcMs: number, zone: string): string {
  return new Date(utcMs + zoneOffsetMs(utcMs, zone)).toISOString().slice(0, 23);
}

const ISO_WITH_ZONE =
  /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}([.,]\d{1,9})?)?([Zz]|[+-]\d{2}:?\d{2})$/;

/** UTC ms of an ISO 8601 time that names its zone, or undefined. Digits below the millisecond are cut. */
export function parseIsoTime(text: string): number | undefined {
  if (text.length > 40 || !ISO_WITH_ZONE.test(text)) return undefined;
  const ms = Date.parse(text.replace(",", ".").replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(ms) ? undefined : ms;
}

/** A span such as `10m`, `24h`, `7d` in ms, or undefined. Units: s m h d (R26 of the rule language). */
export function parseSpan(text: string): number | undefined {
  const match = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text);
  if (match === null) return undefined;
  const unit = { ms: 1, s: 1000, m: MINUTE_MS, h: 3_600_000, d: 86_400_000 }[match[2] as "s"];
  return Number(match[1]) * unit;
}
