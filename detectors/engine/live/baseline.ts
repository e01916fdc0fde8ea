// The present bucket against completed ones of the same group, or of its peers. Buckets are kept as totals, not events.
import { fieldOf } from "../../../core/event.ts";
import type { Baseline } from "../plan.ts";
import {
  add,
  type Bucket,
  firedOf,
  greatestOfGroup,
  hasPeers,
  newBucket,
  type Place,
  placeOf,
  totalOf,
} from "./baseline-bucket.ts";
import { groupKey } from "./group-key.ts";
import type { Keeper, KeeperFired, Taken } from "./keeper.ts";
import { judgeUsual, LEAST_REFERENCE } from "./usual.ts";

const DAY_MS = 86_400_000;

/** Buckets that are compared with each other, and what was worked out of them for a day. */
type Pool = {
  buckets: Set<Bucket>;
  /** Where each event is a bucket of its own: their values by day, since millions of objects would weigh. */
  singles: Map<number, number[]>;
  known: Map<string, readonly number[]>;
  knownDay: number;
};

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
  /** Of each group the bucket that came last, which mostly comes again. */
  readonly #last = new Map<string, Bucket>();
  #touched = new Set<Bucket>();
  #newestDay = Number.NEGATIVE_INFINITY;
  #singles = 0;

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

  isIdle(): boolean {
    return this.#touched.size === 0;
  }

  settle(_: unknown, ts: number): KeeperFired[] {
    if (this.#touched.size === 0) return [];
    const touched = [...this.#touched].sort((a, b) => (a.group < b.group ? -1 : 1));
    this.#touched = new Set();
    const fired = touched.flatMap((bucket) => this.#judge(bucket, ts) ?? []);
    return this.#of.bucket === "event" ? greatestOfGroup(fired) : fired;
  }

  size(): number {
    return this.#buckets.size + this.#singles;
  }

  shed(most: number): { groups: number; items: number } {
    if (this.size() <= most) return { groups: 0, items: 0 };
    if (this.#singles > most * 0.8) return { groups: 0, items: this.#shedSingles(most * 0.8) };
    const before = this.#buckets.size;
    const oldest = [...this.#buckets].sort(([, a], [, b]) => a.day - b.day);
    for (const [key, bucket] of oldest.slice(0, before - Math.floor(most * 0.8))) {
      this.#drop(key, bucket);
    }
    return { groups: 0, items: before - this.#buckets.size };
  }

  #add(taken: Taken): Bucket | undefined {
    const { event, step, key } = taken;
    const of = this.#of;
    const place = placeOf(of, event);
    if (place === undefined || !hasPeers(of, event)) return undefined;
    if (of.bucket === "event") {
      const single = newBucket(of, taken, { pool: this.#poolName(taken), ...place });
      return add(of, single, { event, step }) ? this.#addSingle(single) : undefined;
    }
    const last = this.#last.get(key);
    const bucket = last?.name === place.name ? last : this.#bucketAt(taken, place);
    const isNew = bucket.support === 0 && bucket.count === 0;
    if (!add(of, bucket, { event, step })) return undefined;
    this.#last.set(key, bucket);
    const pool = this.#poolOf(bucket.pool);
    if (isNew) {
      this.#buckets.set(`${key} ${place.name}`, bucket);
      pool.buckets.add(bucket);
    }
    // What was worked out for a later day counted this bucket as it was.
    if (bucket.day < pool.knownDay) pool.known.clear();
    if (place.day > this.#newestDay) this.#moveOn(place.day);
    return bucket;
  }

  #bucketAt(taken: Taken, place: Place): Bucket {
    const known = this.#buckets.get(`${taken.key} ${place.name}`);
    if (known !== undefined) return known;
    return newBucket(this.#of, taken, { pool: this.#poolName(taken), ...place });
  }

  #poolName({ event, key }: Taken): string {
    const { against, peers } = this.#of;
    return against === "own" ? key : (groupKey(peers, (field) => fieldOf(event, field)) ?? "");
  }

  #addSingle(bucket: Bucket): Bucket {
    const pool = this.#poolOf(bucket.pool);
    const ofDay = pool.singles.get(bucket.day);
    if (ofDay === undefined) pool.singles.set(bucket.day, [bucket.over.sum]);
    else ofDay.push(bucket.over.sum);
    this.#singles += 1;
    if (bucket.day < pool.knownDay) pool.known.clear();
    if (bucket.day > this.#newestDay) this.#moveOn(bucket.day);
    return bucket;
  }

  #dropSingles(before: number): void {
    for (const [name, pool] of this.#pools) {
      for (const [day, values] of pool.singles) {
        if (day >= before) continue;
        this.#singles -= values.length;
        pool.singles.delete(day);
      }
      if (pool.singles.size === 0 && pool.buckets.size === 0) this.#pools.delete(name);
    }
  }

  /** Day by day, the oldest first. Out: how many values went. */
  #shedSingles(most: number): number {
    const had = this.#singles;
    const days = [...this.#pools.values()].flatMap(({ singles }) => [...singles.keys()]);
    for (const day of [...new Set(days)].sort((a, b) => a - b)) {
      if (this.#singles <= most) break;
      this.#dropSingles(day + 1);
    }
    return had - this.#singles;
  }

  #poolOf(name: string): Pool {
    const known = this.#pools.get(name);
    if (known !== undefined) return known;
    const made: Pool = {
      ...{ buckets: new Set(), singles: new Map(), known: new Map(), knownDay: 0 },
    };
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
    this.#dropSingles(oldest);
    for (const [key, bucket] of this.#buckets) {
      if (bucket.day < oldest) this.#drop(key, bucket);
      else if (bucket.day < day - open) bucket.events = [];
    }
  }

  #drop(key: string, bucket: Bucket): void {
    this.#buckets.delete(key);
    if (this.#last.get(bucket.group) === bucket) this.#last.delete(bucket.group);
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
    const values = this.#past(pool, bucket);
    values.sort((a, b) => a - b);
    if (bucket.day !== pool.knownDay) pool.known.clear();
    pool.knownDay = bucket.day;
    pool.known.set(name, values);
    return values;
  }

  #past(pool: Pool, bucket: Bucket): number[] {
    const of = this.#of;
    const oldest = bucket.day - Math.floor(of.historyMs / DAY_MS);
    const isPast = (day: number) => day < bucket.day && day >= oldest;
    const values: number[] = [];
    for (const [day, singles] of pool.singles) {
      if (isPast(day)) for (const x of singles) values.push(x);
    }
    for (const other of pool.buckets) {
      if (!isPast(other.day) || other.support < of.minSupport) continue;
      if (of.against === "peers" && other.group === bucket.group) continue;
      const x = totalOf(of, other);
      if (x !== undefined) values.push(x);
    }
    return values;
  }
}
