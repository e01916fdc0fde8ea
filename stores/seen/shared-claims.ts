// Which process takes an event, where several take events over one Redis: the same id at two doors is stored once.
import { hash, randomUUID } from "node:crypto";
import { Redis } from "ioredis";
import type { Config } from "../../core/config.ts";
import type { EventDraft } from "../../core/event.ts";
import { type Log, silentLog } from "../../core/log.ts";
import type { ClickHouse } from "../connect/clickhouse.ts";
import { makeAsk } from "./stored-ids.ts";

/** "known": durable elsewhere. "busy": another process is taking it now; ask again, holding nothing meanwhile. */
export type SharedVerdict = "new" | "known" | "busy";
export type ClaimedEvent = Pick<EventDraft, "ts" | "store_id"> & { event_id: string };

export type SharedClaims = {
  /** One verdict for each, never a rejection: without an answer they are "new", since losing an event is worse than a double. */
  claim(merchantId: string, events: readonly ClaimedEvent[]): Promise<SharedVerdict[]>;
  /** Ends claims. durable: on this process's disk. Not durable: the next who asks gets "new". Ours alone are ended. */
  settle(merchantId: string, events: readonly ClaimedEvent[], durable: boolean): void;
  /** Events about which nobody answered, since the start. */
  failed(): number;
  close(): Promise<void>;
};

type Given = {
  ch: ClickHouse;
  now: () => number;
  log?: Log;
  /** Parts key spaces on a shared Redis. */
  prefix?: string;
};

/** A process that dies with a claim holds the event up for so long. */
const CLAIM_MS = 10_000;
/** Redis knows an id for an hour after its event's time and its receipt; before that runs out ClickHouse is asked. */
const KEEP_MS = 3_600_000;
const ASK_OLDER_MS = 1_800_000;
const ANSWER_MS = 500;
/** Well within a claim, which must not end meanwhile. */
const LOOK_MS = 5000;
const TELL_EVERY_MS = 60_000;
/** Events taken while Redis was away, of which it is told later; so many at most. */
const MOST_OWED = 200_000;

// One script a batch: whole or not at all, and one command to write and read instead of hundreds.
const CLAIM = `local verdicts = {}
for i, key in ipairs(KEYS) do
  if redis.call('SET', key, ARGV[1], 'NX', 'PX', ARGV[2]) then verdicts[i] = 0
  else
    local held = redis.call('GET', key)
    if held == 'd' then verdicts[i] = 1
    elseif held == ARGV[1] then redis.call('PEXPIRE', key, ARGV[2]) verdicts[i] = 0
    else verdicts[i] = 2 end
  end
end
return verdicts`;
const KEEP = `for i, key in ipairs(KEYS) do redis.call('SET', key, 'd', 'PX', ARGV[i]) end`;
const RELEASE = `for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end`;
const VERDICTS: readonly SharedVerdict[] = ["new", "known", "busy"];

/** Undefined where one process takes all events: then its own memory knows every id. */
export async function openSharedClaims(
  config: Pick<Config, "queue" | "detection">,
  given: Given,
): Promise<SharedClaims | undefined> {
  if (config.queue.kind !== "redis" || config.detection !== "clickhouse") return undefined;
  const redis = new Redis(config.queue.url, {
    lazyConnect: true,
    // Away means an answer at once, not a line of commands that are sent later.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: 2000,
    socketTimeout: 5000,
    retryStrategy: (times) => Math.min(times * 100, 1000),
  });
  const claims = new RedisClaims(redis, given);
  redis.on("error", (error) => claims.missed(0, error));
  await redis.connect().catch((error) => claims.missed(0, error));
  return claims;
}

class RedisClaims implements SharedClaims {
  readonly #redis: Redis;
  readonly #given: Given;
  readonly #ask: ReturnType<typeof makeAsk>;
  readonly #mine = `p:${randomUUID()}`;
  #owed: { merchantId: string; events: ClaimedEvent[] }[] = [];
  #owedEvents = 0;
  #failed = 0;
  #toldMs = Number.NEGATIVE_INFINITY;

  constructor(redis: Redis, given: Given) {
    this.#redis = redis;
    this.#given = given;
    this.#ask = makeAsk(given.ch);
  }

  async claim(merchantId: string, events: readonly ClaimedEvent[]): Promise<SharedVerdict[]> {
    const verdicts = await this.#claimInRedis(merchantId, events);
    const oldTs = this.#given.now() - ASK_OLDER_MS;
    const stored: ClaimedEvent[] = [];
    const looks = events.map(async (event, at) => {
      const { event_id: id, ts, store_id: storeId } = event;
      if (verdicts[at] !== "new" || ts > oldTs) return;
      if (!(await inTime(this.#ask(merchantId, id, ts, storeId), LOOK_MS))) return;
      verdicts[at] = "known";
      stored.push(event);
    });
    for (const look of await Promise.allSettled(looks)) {
      if (look.status === "rejected") this.missed(1, look.reason);
    }
    this.settle(merchantId, stored, true);
    return verdicts;
  }

  async #claimInRedis(
    merchantId: string,
    events: readonly ClaimedEvent[],
  ): Promise<SharedVerdict[]> {
    try {
      const found = await this.#run(CLAIM, merchantId, events, [this.#mine, CLAIM_MS]);
      this.#tellOwed();
      return (found as number[]).map((one) => VERDICTS[one] ?? "new");
    } catch (error) {
      this.missed(events.length, error);
      return events.map(() => "new");
    }
  }

  settle(merchantId: string, events: readonly ClaimedEvent[], durable: boolean): void {
    if (events.length === 0) return;
    const nowMs = this.#given.now();
    const sent = durable
      ? this.#run(KEEP, merchantId, events, keepTimes(events, nowMs))
      : this.#run(RELEASE, merchantId, events, [this.#mine]);
    sent.catch((error) => {
      this.missed(events.length, error);
      if (durable) this.#owe(merchantId, events);
    });
  }

  #owe(merchantId: string, events: readonly ClaimedEvent[]): void {
    if (this.#owedEvents + events.length > MOST_OWED) return;
    this.#owedEvents += events.length;
    // The id and time alone: the whole event is not held for it.
    this.#owed.push({ merchantId, events: events.map(({ event_id, ts }) => ({ event_id, ts })) });
  }

  /** Redis answers again. What fails once more is owed again. */
  #tellOwed(): void {
    const owed = this.#owed;
    this.#owed = [];
    this.#owedEvents = 0;
    for (const { merchantId, events } of owed) this.settle(merchantId, events, true);
  }

  async #run(
    script: string,
    merchantId: string,
    events: readonly ClaimedEvent[],
    args: readonly (string | number)[],
  ): Promise<unknown> {
    const prefix = this.#given.prefix ?? "tillwatch";
    const keys = events.map(({ event_id }) => keyOf(prefix, merchantId, event_id));
    return inTime(this.#redis.eval(script, keys.length, ...keys, ...args));
  }

  /** Counts, and tells once a minute: every event may fail while Redis is away. */
  missed(events: number, error: unknown): void {
    this.#failed += events;
    const nowMs = this.#given.now();
    if (nowMs - this.#toldMs < TELL_EVERY_MS) return;
    this.#toldMs = nowMs;
    (this.#given.log ?? silentLog).warn(
      { error: String(error), failed: this.#failed },
      "other processes cannot be asked whether they have an event; it is taken",
    );
  }

  failed(): number {
    return this.#failed;
  }

  async close(): Promise<void> {
    // What was settled last is sent before.
    await inTime(this.#redis.quit()).catch(() => this.#redis.disconnect());
  }
}

/** An event ahead of the clock is kept until an hour after its time, or nobody would ask ClickHouse about its repeat. */
function keepTimes(events: readonly ClaimedEvent[], nowMs: number): number[] {
  return events.map(({ ts }) => Math.max(ts - nowMs, 0) + KEEP_MS);
}

/** 128 bits of SHA-256; the same in every process, so unlike the memory's hash it has no seed. */
function keyOf(prefix: string, merchantId: string, eventId: string): string {
  return `${prefix}:seen:${hash("sha256", `${merchantId}\n${eventId}`, "base64url").slice(0, 22)}`;
}

/** A timer that is due may only mean that this process was busy, so what came meanwhile is read before it counts. */
function inTime<T>(answer: Promise<T>, ms = ANSWER_MS): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Error(`no answer within ${ms} ms`));
    const timer = setTimeout(() => setImmediate(late), ms);
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
