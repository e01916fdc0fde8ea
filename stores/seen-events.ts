// Which event ids are known, so that a re-sent delivery counts once.
import { type Log, silentLog } from "../core/log.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { type IdHash, makeHasher } from "./seen/id-hash.ts";
import { IdSet } from "./seen/id-set.ts";
import { RecentKeys } from "./seen/recent-keys.ts";
import { makeAsk, storedIds } from "./seen/stored-ids.ts";

export type SeenEvents = {
  /**
   * "new": the caller holds the claim and must settle it. "known": the event is durable already.
   * Waits while another caller holds the claim, and for ClickHouse when the event is older than what memory covers;
   * throws STORE_UNAVAILABLE when ClickHouse is needed and away. Two equal ids in one batch are the caller's to find:
   * a second claim would wait for the first to be settled.
   */
  claim(
    merchantId: string,
    eventId: string,
    ts: number,
    storeId?: string,
  ): Promise<"new" | "known">;
  /** As `claim`, or undefined when the answer needs a wait: then call `claim`. */
  claimSync(merchantId: string, eventId: string, ts: number): "new" | "known" | undefined;
  /** Ends a claim. durable: it is on disk. Not durable: the next who claims it gets "new". */
  settle(merchantId: string, eventId: string, durable: boolean): void;
  /** Ids in memory. */
  size(): number;
  /** Stops reading ids in the background. */
  close(): void;
};

/** `horizon` = ids in memory at most (16 bytes each, over a fill of 0.35-0.7). */
export type SeenOptions = { ch: ClickHouse; horizon?: number; log?: Log };

const HORIZON = 5_000_000;
/** Read before the door opens; older ones follow in the background, and until then ClickHouse is asked. */
const READ_FIRST = 200_000;
const RETRY_MS = 2000;
/** Longer than a row takes from the spool into ClickHouse while ClickHouse answers. */
const LATELY_MS = 300_000;
const LATELY_MOST = 500_000;

type Claim = { ts: number; waiting: ((durable: boolean) => void)[] };

/**
 * Rebuilds the memory from ClickHouse. Call it when all that a former run spooled is stored (`spool.flush()`), or a
 * re-sent event of that run would count twice.
 */
export async function openSeenEvents(options: SeenOptions): Promise<SeenEvents> {
  const seen = new Seen(options);
  await seen.rebuild();
  return seen;
}

class Seen implements SeenEvents {
  readonly #ch: ClickHouse;
  readonly #log: Log;
  readonly #most: number;
  readonly #ids: IdSet;
  readonly #hash = makeHasher();
  readonly #word: IdHash = { shard: 0, a: 0, b: 0, c: 0 };
  readonly #claims = new Map<string, Claim>();
  readonly #lately = new RecentKeys(LATELY_MS, LATELY_MOST);
  readonly #ask: ReturnType<typeof makeAsk>;
  /** Ids at or before this time are not read yet. */
  #unreadThrough = Number.POSITIVE_INFINITY;
  #closed = false;

  constructor({ ch, horizon = HORIZON, log = silentLog }: SeenOptions) {
    this.#ch = ch;
    this.#log = log;
    this.#most = horizon;
    this.#ids = new IdSet(horizon);
    this.#ask = makeAsk(ch);
  }

  /** Resolves when the newest ids are in; goes on with older ones. */
  async rebuild(): Promise<void> {
    const batches = storedIds(this.#ch);
    const first = await this.#read(batches, READ_FIRST);
    if (first === "more") void this.#readOn(batches);
  }

  async #readOn(batches: ReturnType<typeof storedIds>): Promise<void> {
    try {
      await this.#read(batches, Number.POSITIVE_INFINITY);
      this.#log.info({ ids: this.#ids.size }, "event ids read");
    } catch (error) {
      if (this.#closed) return;
      this.#log.warn({ error: String(error) }, "event ids could not be read; trying again");
      setTimeout(() => {
        if (!this.#closed) void this.#readOn(storedIds(this.#ch));
      }, RETRY_MS).unref();
    }
  }

  async #read(batches: ReturnType<typeof storedIds>, upTo: number): Promise<"more" | "all"> {
    let rows = 0;
    for (let next = await batches.next(); ; next = await batches.next()) {
      if (next.done === true) break;
      for await (const ids of next.value.ids) {
        if (this.#closed) return "all";
        for (const [merchantId, eventId, ts] of ids) {
          this.#hash(merchantId, eventId, this.#word);
          this.#ids.add(this.#word, ts);
        }
      }
      rows += next.value.rows;
      this.#unreadThrough = Math.min(this.#unreadThrough, next.value.from - 1);
      if (this.#ids.size >= this.#most * 0.75) return "all";
      if (rows >= upTo) return "more";
    }
    this.#unreadThrough = Number.NEGATIVE_INFINITY;
    return "all";
  }

  claimSync(merchantId: string, eventId: string, ts: number): "new" | "known" | undefined {
    const key = keyOf(merchantId, eventId);
    if (this.#claims.has(key)) return undefined;
    this.#hash(merchantId, eventId, this.#word);
    if (this.#ids.has(this.#word) || this.#lately.has(key)) return "known";
    if (ts <= this.#unreadThrough || ts <= this.#ids.goneThroughMs) return undefined;
    this.#claims.set(key, { ts, waiting: [] });
    return "new";
  }

  async claim(
    merchantId: string,
    eventId: string,
    ts: number,
    storeId?: string,
  ): Promise<"new" | "known"> {
    const key = keyOf(merchantId, eventId);
    for (;;) {
      const quick = this.claimSync(merchantId, eventId, ts);
      if (quick !== undefined) return quick;
      const held = this.#claims.get(key);
      if (held === undefined) break;
      const durable = await new Promise<boolean>((resolve) => held.waiting.push(resolve));
      if (durable) return "known";
    }
    // Others wait for this claim while ClickHouse is asked.
    this.#claims.set(key, { ts, waiting: [] });
    let known: boolean;
    try {
      known = await this.#ask(merchantId, eventId, ts, storeId);
    } catch (error) {
      this.#end(key, false);
      throw error;
    }
    if (!known) return "new";
    this.#end(key, true);
    return "known";
  }

  settle(merchantId: string, eventId: string, durable: boolean): void {
    const key = keyOf(merchantId, eventId);
    const claim = this.#claims.get(key);
    if (claim === undefined) return;
    if (durable) {
      this.#hash(merchantId, eventId, this.#word);
      this.#ids.add(this.#word, claim.ts);
      // Too old for the memory, and perhaps not in ClickHouse yet.
      if (claim.ts <= this.#ids.goneThroughMs) this.#lately.add(key);
    }
    this.#end(key, durable);
  }

  #end(key: string, durable: boolean): void {
    const claim = this.#claims.get(key);
    this.#claims.delete(key);
    for (const wake of claim?.waiting ?? []) wake(durable);
  }

  size(): number {
    return this.#ids.size;
  }

  close(): void {
    this.#closed = true;
  }
}

function keyOf(merchantId: string, eventId: string): string {
  return `${merchantId}\n${eventId}`;
}
