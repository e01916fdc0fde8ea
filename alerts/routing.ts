// Decides who is told of an alert: a pure function of the merchant's rules, the alert, and the store's clock.
import type { Alert } from "../core/alert.ts";
import { compareLevels } from "../core/level.ts";
import type { RoutingRule } from "../core/routing.ts";
import { localTime } from "../core/time.ts";

export type RouteGiven = {
  rules: readonly RoutingRule[];
  /** Channels that are on. */
  channels: ReadonlySet<string>;
  /** The merchant's own addresses. */
  owners: readonly string[];
  /** Of the alert's store, else of the merchant. */
  zone: string;
};

/** `emails` holds an empty address where nobody has one: that mail lies in the outbox and says so. */
export type Told = { emails: string[]; channels: { id: string; dueAt: number }[] };

/**
 * In: the alert and now, UTC ms. Out: addresses and channels, each once; a channel that several rules name at the
 * earliest time. Without rules: mail to the owners. A critical alert that would reach nobody goes to the owners too.
 */
export function route(
  alert: Pick<Alert, "level" | "store_id">,
  given: RouteGiven,
  now: number,
): Told {
  if (alert.level === "informational") return { emails: [], channels: [] };
  if (given.rules.length === 0) return { emails: ownersOf(given), channels: [] };
  const applying = given.rules.flatMap((rule) => {
    const dueAt = applies(rule, alert, { zone: given.zone, now });
    return dueAt === null ? [] : [{ rule, dueAt }];
  });
  const emails = once(
    applying.flatMap(({ rule }) => [...rule.emails, ...(rule.owners ? ownersOf(given) : [])]),
  );
  const channels = new Map<string, number>();
  for (const { rule, dueAt } of applying) {
    for (const id of rule.channels.filter((each) => given.channels.has(each))) {
      channels.set(id, Math.min(channels.get(id) ?? dueAt, dueAt));
    }
  }
  if (emails.length === 0 && channels.size === 0 && alert.level === "critical") {
    return { emails: ownersOf(given), channels: [] };
  }
  return { emails, channels: [...channels].map(([id, dueAt]) => ({ id, dueAt })) };
}

function ownersOf({ owners }: RouteGiven): string[] {
  const known = once(owners);
  return known.length === 0 ? [""] : known;
}

/** Each address once, whatever its capitals. */
function once(addresses: readonly string[]): string[] {
  return [...new Map(addresses.map((to) => [to.trim().toLowerCase(), to.trim()])).values()];
}

/** When its channels may be told, or null where the rule does not apply. */
function applies(
  rule: RoutingRule,
  alert: Pick<Alert, "level" | "store_id">,
  { zone, now }: { zone: string; now: number },
): number | null {
  if (compareLevels(alert.level, rule.at_least) < 0) return null;
  if (rule.stores !== null && (alert.store_id === null || !rule.stores.includes(alert.store_id))) {
    return null;
  }
  if (rule.hours === null || (alert.level === "critical" && rule.critical_any_hour)) return now;
  const waitMs = untilHours(rule.hours, zone, now);
  if (waitMs === 0) return now;
  return rule.hours.outside === "hold" ? now + waitMs : null;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 1440;

/** Ms until the hours begin on the store's clock; 0 within them. `from` = `to`: the whole day. */
function untilHours({ from, to }: { from: number; to: number }, zone: string, now: number): number {
  const clock = minuteOf(now, zone);
  const within = from < to ? clock >= from && clock < to : clock >= from || clock < to;
  if (from === to || within) return 0;
  const start = Math.floor(now / MINUTE_MS) * MINUTE_MS;
  const wait = (from - clock + DAY_MINUTES) % DAY_MINUTES;
  const at = (minutes: number) => start + minutes * MINUTE_MS;
  // Where the clock changes in between, the hour on the wall counts, if there is such an hour that day.
  const off =
    ((minuteOf(at(wait), zone) - from + 3 * (DAY_MINUTES / 2)) % DAY_MINUTES) - DAY_MINUTES / 2;
  return at(minuteOf(at(wait - off), zone) === from ? wait - off : wait) - now;
}

function minuteOf(ts: number, zone: string): number {
  const local = localTime(ts, zone);
  return Number(local.slice(11, 13)) * 60 + Number(local.slice(14, 16));
}
