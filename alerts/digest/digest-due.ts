// Whether a merchant's digest is due: 07:30 on their own clock, on Mondays also when there is nothing to say.
import { localTime } from "../../core/time.ts";

/** On the merchant's clock. */
const AT = "07:30";

export type DigestKind = "daily" | "weekly";

/** `day`: the local day that is over with this look, to be kept; `kind`: what to send, or null. */
export type DigestDue = { day: string; kind: DigestKind | null };

/**
 * In: now, the merchant's zone, the local day that was looked at last (null: never), and whether there is anything to
 * say. Out: undefined while today's time has not come or today is over. The first day of a new merchant is only noted.
 * A clock that steps back repeats nothing: days only go on.
 */
export function dueDigest(of: {
  now: number;
  zone: string;
  lastDay: string | null;
  hasNews: boolean;
}): DigestDue | undefined {
  const local = localTime(of.now, of.zone);
  const day = local.slice(0, 10);
  if (of.lastDay === null) return { day, kind: null };
  if (day <= of.lastDay || local.slice(11, 16) < AT) return undefined;
  const isMonday = new Date(`${day}T00:00:00Z`).getUTCDay() === 1;
  return { day, kind: isMonday ? "weekly" : of.hasNews ? "daily" : null };
}
