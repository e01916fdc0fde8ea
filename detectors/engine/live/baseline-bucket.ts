// A bucket of a baseline: which one an event falls into, what it adds, and the value that it comes to.
import { type Event, fieldOf } from "../../../core/event.ts";
import type { Baseline, Measure } from "../plan.ts";
import type { GroupValues, KeeperFired, Taken } from "./keeper.ts";
import type { Verdict } from "./usual.ts";

const DAY_MS = 86_400_000;
const MAX_EVENTS = 20;

/** `day`: of its first event, in days since 1970. `support`: events below `per`, else of the rules. */
export type Bucket = {
  group: string;
  name: string;
  values: GroupValues;
  pool: string;
  day: number;
  over: Total;
  under: Total;
  support: number;
  /** The newest of the rules' own, for evidence; completed buckets keep none. */
  events: Event[];
  count: number;
};

type Total = { sum: number; distinct: Set<string> | undefined };

const newTotal = (measure: Measure | null): Total => ({
  sum: 0,
  distinct: measure?.take === "distinct" ? new Set() : undefined,
});

/** Which bucket, and its day. */
export type Place = { name: string; day: number };

export function newBucket(
  of: Baseline,
  { key, values }: Pick<Taken, "key" | "values">,
  place: Place & { pool: string },
): Bucket {
  const own = { group: key, values: values(), support: 0, events: [], count: 0 };
  return { ...own, ...place, over: newTotal(of.measure), under: newTotal(of.per) };
}

/** Peers are told by fields; an event without one of them has none. */
export const hasPeers = ({ peers }: Baseline, event: Event): boolean =>
  peers.every((field) => fieldOf(event, field) !== undefined);

/** Out: false when the event has not what is measured. */
export function add(
  of: Baseline,
  bucket: Bucket,
  { event, step }: { event: Event; step: number },
): boolean {
  const isOver = step < of.ons;
  const measure = isOver ? of.measure : of.per;
  if (measure === null || !addTo(isOver ? bucket.over : bucket.under, measure, event)) return false;
  if (isOver === (of.per === null)) bucket.support += 1;
  if (!isOver) return true;
  bucket.count += 1;
  bucket.events.push(event);
  if (bucket.events.length > MAX_EVENTS) bucket.events.shift();
  return true;
}

function addTo(total: Total, { take, field }: Measure, event: Event): boolean {
  if (take === "count") {
    total.sum += 1;
    return true;
  }
  const value = fieldOf(event, field ?? "");
  if (value === undefined) return false;
  if (take === "distinct") {
    total.distinct?.add(String(value));
    total.sum = total.distinct?.size ?? 0;
    return true;
  }
  if (typeof value !== "number") return false;
  total.sum += value;
  return true;
}

/** Undefined where nothing stands below. */
export function totalOf(of: Baseline, { over, under }: Bucket): number | undefined {
  if (of.per === null) return over.sum;
  return under.sum === 0 ? undefined : over.sum / under.sum;
}

/** Which bucket an event falls into, and its day; undefined when it does not say. */
export function placeOf(of: Baseline, event: Event): Place | undefined {
  const { bucket } = of;
  const day = dayOf(event.business_day);
  if (bucket === "event") return day === undefined ? undefined : { name: event.event_id, day };
  if (typeof bucket === "object") {
    const nth = Math.floor(event.ts / bucket.spanMs);
    return { name: String(nth), day: day ?? Math.floor(event.ts / DAY_MS) };
  }
  const value = fieldOf(event, bucket);
  if (value === undefined) return undefined;
  const from = bucket === "business_month" ? dayOf(`${String(value)}-01`) : day;
  return from === undefined ? undefined : { name: String(value), day: from };
}

/** Few days are asked for again and again. */
const days = new Map<string, number | undefined>();

function dayOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (days.has(text)) return days.get(text);
  if (days.size > 1000) days.clear();
  const day = dayIn(text);
  days.set(text, day);
  return day;
}

function dayIn(text: string): number | undefined {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : ms / DAY_MS;
}

/** A share is told in basis points. */
const toldUnit = (of: Baseline, value: number): number =>
  of.per === null ? Math.round(value) : Math.round(value * 10_000);

export function firedOf(
  of: Baseline,
  bucket: Bucket,
  { x, ts, verdict }: { x: number; ts: number; verdict: Verdict },
): KeeperFired {
  return {
    values: bucket.values,
    ts,
    value: toldUnit(of, x),
    bound: toldUnit(of, verdict.bound),
    usual: toldUnit(of, verdict.usual),
    events: bucket.events,
    count: bucket.count,
  };
}

/** Several events of one group and instant are one finding: the greatest. */
export function greatestOfGroup(fired: readonly KeeperFired[]): KeeperFired[] {
  const byGroup = new Map<string, KeeperFired>();
  for (const one of fired) {
    const key = JSON.stringify(one.values);
    const before = byGroup.get(key);
    if (before === undefined || one.value > before.value) byGroup.set(key, one);
  }
  return [...byGroup.values()];
}
