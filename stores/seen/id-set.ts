// A bounded set of id hashes with their times, in typed arrays; when it is full the oldest by time go.
import type { IdHash } from "./id-hash.ts";

const SHARDS = 256;
const FIRST_SLOTS = 32;
const FILL = 0.7;
/** Words of a slot: three of the hash, then the time in seconds plus one (0 = empty). */
const WORDS = 4;

type Shard = { slots: Uint32Array; mask: number; size: number };

/**
 * `add` and `has` cost well under a microsecond; growing and making room work on one of 256 parts at a time, so that
 * nothing stops the event loop for long. `goneThroughMs`: ids at or before that time may have been dropped.
 */
export class IdSet {
  readonly #shards: Shard[] = [];
  readonly #mostPerShard: number;
  #goneThroughS = -1;

  /** In: how many ids it holds at most, roughly. */
  constructor(most: number) {
    this.#mostPerShard = Math.max(16, Math.ceil(most / SHARDS));
    for (let i = 0; i < SHARDS; i += 1) this.#shards.push(emptyShard(FIRST_SLOTS));
  }

  get goneThroughMs(): number {
    return this.#goneThroughS < 0 ? Number.NEGATIVE_INFINITY : this.#goneThroughS * 1000 + 999;
  }

  get size(): number {
    let size = 0;
    for (const shard of this.#shards) size += shard.size;
    return size;
  }

  has(hash: IdHash): boolean {
    const shard = this.#shards[hash.shard] as Shard;
    return shard.slots[slotFor(shard, hash) * WORDS + 3] !== 0;
  }

  add(hash: IdHash, tsMs: number): void {
    const shard = this.#shards[hash.shard] as Shard;
    const at = slotFor(shard, hash) * WORDS;
    if (shard.slots[at + 3] !== 0) return;
    put(shard, at, hash, secondsOf(tsMs) + 1);
    if (shard.size > this.#mostPerShard) this.#makeRoom(hash.shard);
    else if (shard.size > (shard.mask + 1) * FILL) this.#rebuild(hash.shard, -1);
  }

  /** Drops the older quarter, by time. */
  #makeRoom(index: number): void {
    const { slots, size } = this.#shards[index] as Shard;
    const times = new Uint32Array(size);
    let n = 0;
    for (let at = 3; at < slots.length; at += WORDS) {
      const time = slots[at] as number;
      if (time !== 0) times[n++] = time;
    }
    times.sort();
    const through = (times[size >> 2] as number) - 1;
    this.#goneThroughS = Math.max(this.#goneThroughS, through);
    this.#rebuild(index, through);
  }

  #rebuild(index: number, goneThroughS: number): void {
    const { slots, size } = this.#shards[index] as Shard;
    const fresh = emptyShard(slotsFor(goneThroughS < 0 ? size * 2 : size));
    const hash = { shard: index, a: 0, b: 0, c: 0 };
    for (let at = 0; at < slots.length; at += WORDS) {
      const time = slots[at + 3] as number;
      if (time === 0 || time - 1 <= goneThroughS) continue;
      hash.a = slots[at] as number;
      hash.b = slots[at + 1] as number;
      hash.c = slots[at + 2] as number;
      put(fresh, slotFor(fresh, hash) * WORDS, hash, time);
    }
    this.#shards[index] = fresh;
  }
}

function secondsOf(ms: number): number {
  return Math.min(4_294_967_290, Math.max(0, Math.floor(ms / 1000)));
}

function slotsFor(size: number): number {
  let slots = FIRST_SLOTS;
  while (slots * FILL < size + 1) slots *= 2;
  return slots;
}

function emptyShard(slots: number): Shard {
  return { slots: new Uint32Array(slots * WORDS), mask: slots - 1, size: 0 };
}

/** The slot that holds the hash, or the empty one where it would go. */
function slotFor({ slots, mask }: Shard, { a, b, c }: IdHash): number {
  for (let slot = a & mask; ; slot = (slot + 1) & mask) {
    const at = slot * WORDS;
    if (slots[at + 3] === 0) return slot;
    if (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c) return slot;
  }
}

function put(shard: Shard, at: number, { a, b, c }: IdHash, time: number): void {
  shard.slots[at] = a;
  shard.slots[at + 1] = b;
  shard.slots[at + 2] = c;
  shard.slots[at + 3] = time;
  shard.size += 1;
}
