// The present bucket against completed ones of the same group, or of its peers. Buckets are kept as totals, not events.
import type { Event } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import type { Baseline, Measure } from "../plan.ts";
import { groupKey } from "./group-key.ts";
import type { GroupValues, Keeper, KeeperFired, Taken } from "./keeper.ts";
import { judgeUsual, LEAST_REFERENCE, type Verdict } from "./usual.ts";

const DAY_MS = 86_400_000;
const MAX_EVENTS = 20;

/** `day`: of its first event, in days since 1970. `support`: events below `per`, else of the rules. */
type Bucket = {
  group: string;
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

/** Buckets that are compared with each other, and what was worked out of them for a day. */
type Pool = { buckets: Set<Bucket>; known: Map<string, readonly number[]>; knownDay: number };

export function createBaseline(baseline: Baseline, scale: (money: number) => number): Keeper {
  const of = {
    ...baseline,
    floor: baseline.money ? scale(baseline.floor) : baseline.floor,
    atLeast: baseline.money ? scale(baseline.atLeast) : baseline.atLeast,
  };
  return new BaselineKeeper(of);
}

class BaselineKeeper implements Keeper {
  readonly again = false;
  readonly #of: Baseline;
  readonly #buckets = new Map<string, Bucket>();
  readonly #pools = new Map<string, Pool>();
  #touched = new Set<Bucket>();
  #newestDay = Number.NEGATIVE_INFINITY;

  constructor(of: Baseline) {
    this.#of = of;
  }

  take(taken: Taken): void {
    const bucket = this.#add(taken);
    if (bucket !== undefined) this.#touched.add(bucket);
  }

  /** The bucket is judged as it stands now: what it was at that instant is not kept. */
  takeLate(taken: Taken): KeeperFired[] {
    const bucket = this.#add(taken);
    const fired = bucket === undefined ? undefined : this.#judge(bucket, taken.event.ts);
    return fired === undefined ? [] : [{ ...fired, events: [taken.event], count: 1 }];
  }

  settle(_: unknown, ts: number): KeeperFired[] {
    if (this.#touched.size === 0) return [];
    const touched = [...this.#touched].sort((a, b) => (a.group < b.group ? -1 : 1));
    this.#touched = new Set();
    const fired = touched.flatMap((bucket) => this.#judge(bucket, ts) ?? []);
    if (this.#of.bucket !== "event") return fired;
    for (const bucket of touched) bucket.events = [];
    return greatestOfGroup(fired);
  }

  size(): number {
    return this.#buckets.size;
  }

  shed(most: number): { groups: number; items: number } {
    const before = this.#buckets.size;
    if (before <= most) return { groups: 0, items: 0 };
    const oldest = [...this.#buckets].sort(([, a], [, b]) => a.day - b.day);
    for (const [key, bucket] of oldest.slice(0, before - Math.floor(most * 0.8))) {
      this.#drop(key, bucket);
    }
    return { groups: 0, items: before - this.#buckets.size };
  }

  #add({ event, step, key, values }: Taken): Bucket | undefined {
    const of = this.#of;
    const place = placeOf(of, event);
    const pool = of.against === "own" ? key : groupKey(of.peers, (field) => fieldOf(event, field));
    if (place === undefined || pool === undefined) return undefined;
    const at = `${key} ${place.bucket}`;
    const known = this.#buckets.get(at);
    const bucket = known ?? newBucket(of, { key, values, pool, day: place.day });
    if (!add(of, bucket, { event, step })) return undefined;
    if (known === undefined) {
      this.#buckets.set(at, bucket);
      this.#poolOf(pool).buckets.add(bucket);
    }
    const own = this.#poolOf(bucket.pool);
    // What was worked out for a later day counted this bucket as it was.
    if (bucket.day < own.knownDay) own.known.clear();
    if (place.day > this.#newestDay) this.#moveOn(place.day);
    return bucket;
  }

  #poolOf(name: string): Pool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const made: Pool = { buckets: new Set(), known: new Map(), knownDay: 0 };
    this.#pools.set(name, made);
    return made;
  }

  /** Lets go of buckets that no day to come can see, and of evidence in those that are completed. */
  #moveOn(day: number): void {
    this.#newestDay = day;
    const { historyMs, bucket: by } = this.#of;
    // Shops in other time zones may still be two days behind, and a month's bucket begins a month ago.
    const open = by === "business_month" ? 35 : 2;
    const oldest = day - Math.ceil(historyMs / DAY_MS) - open;
    for (const [key, bucket] of this.#buckets) {
      if (bucket.day < oldest) this.#drop(key, bucket);
      else if (bucket.day < day - open) bucket.events = [];
    }
  }

  #drop(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    const pool = this.#pools.get(bucket.pool);
    pool?.buckets.delete(bucket);
    if (pool?.buckets.size === 0) this.#pools.delete(bucket.pool);
  }

  #judge(bucket: Bucket, ts: number): KeeperFired | undefined {
    const of = this.#of;
    const x = totalOf(of, bucket);
    if (x === undefined || x < of.atLeast || bucket.support < of.minSupport) return undefined;
    const reference = this.#reference(bucket);
    if (reference.length < LEAST_REFERENCE) return undefined;
    const verdict = judgeUsual(of, x, reference);
    return verdict.fires ? firedOf(of, bucket, { x, ts, verdict }) : undefined;
  }

  /** Values of completed buckets, ascending: of the group itself, or of its peers without it. */
  #reference(bucket: Bucket): readonly number[] {
    const pool = this.#poolOf(bucket.pool);
    const name = `${bucket.day} ${bucket.group}`;
    const known = pool.known.get(name);
    if (known !== undefined) return known;
    const of = this.#of;
    const oldest = bucket.day - Math.floor(of.historyMs / DAY_MS);
    const values: number[] = [];
    for (const other of pool.buckets) {
      if (other.day >= bucket.day || other.day < oldest || other.support < of.minSupport) continue;
      if (of.against === "peers" && other.group === bucket.group) continue;
      const x = totalOf(of, other);
      if (x !== undefined) values.push(x);
    }
    values.sort((a, b) => a - b);
    if (bucket.day !== pool.knownDay) pool.known.clear();
    pool.knownDay = bucket.day;
    pool.known.set(name, values);
    return values;
  }
}

const newTotal = (measure: Measure | null): Total => ({
  sum: 0,
  distinct: measure?.take === "distinct" ? new Set() : undefined,
});

function newBucket(
  of: Baseline,
  { key, values, pool, day }: { key: string; values: GroupValues; pool: string; day: number },
): Bucket {
  const own = { group: key, values, pool, day, support: 0, events: [], count: 0 };
  return { ...own, over: newTotal(of.measure), under: newTotal(of.per) };
}

/** Out: false when the event has not what is measured. */
function add(
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
function totalOf(of: Baseline, { over, under }: Bucket): number | undefined {
  if (of.per === null) return over.sum;
  return under.sum === 0 ? undefined : over.sum / under.sum;
}

/** Which bucket an event falls into, and its day; undefined when it does not say. */
function placeOf(of: Baseline, event: Event): { bucket: string; day: number } | undefined {
  const { bucket } = of;
  const day = dayOf(event.business_day);
  if (bucket === "event") return day === undefined ? undefined : { bucket: event.event_id, day };
  if (typeof bucket === "object") {
    const nth = Math.floor(event.ts / bucket.spanMs);
    return { bucket: String(nth), day: day ?? Math.floor(event.ts / DAY_MS) };
  }
  const value = fieldOf(event, bucket);
  if (value === undefined) return undefined;
  const from = bucket === "business_month" ? dayOf(`${String(value)}-01`) : day;
  return from === undefined ? undefined : { bucket: String(value), day: from };
}

function dayOf(text: string | undefined): number | undefined {
  const ms = text === undefined ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) ? undefined : ms / DAY_MS;
}

/** A share is told in basis points. */
const toldUnit = (of: Baseline, value: number): number =>
  of.per === null ? Math.round(value) : Math.round(value * 10_000);

function firedOf(
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
function greatestOfGroup(fired: readonly KeeperFired[]): KeeperFired[] {
  const byGroup = new Map<string, KeeperFired>();
  for (const one of fired) {
    const key = JSON.stringify(one.values);
    const before = byGroup.get(key);
    if (before === undefined || one.value > before.value) byGroup.set(key, one);
  }
  return [...byGroup.values()];
}
