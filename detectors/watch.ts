// One merchant under watch: holds its events, judges them in order, judges late ones again, saves what came of it.
//
// The position (instant, received_ts) is saved with the findings in one transaction. It promises: every event that
// happened at or before `instant` and was received at or before `received_ts` has been judged, and what that found is
// saved. Why that is enough: after a crash an event is (a) after the instant: it is judged aloud in order; (b) at or
// before the instant and received later than the mark: it is late and judged again; (c) neither: it was judged. The
// mark stays one ms below the newest event that was offered, since events of one ms may come in two calls, and below
// every late event that still waits. So (b) may judge an event twice, which finding ids undo, and never leaves one out.
import type { Event } from "../core/event.ts";
import type { Finding } from "../core/finding.ts";
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { type Fate, type Position, readPosition, saveJudged } from "../stores/findings.ts";
import type { Spool } from "../stores/spool.ts";
import type { Rejudged } from "../stores/withdrawals.ts";
import type { DetectorMetrics } from "./detector-metrics.ts";
import type { Engine } from "./engine/live/engine.ts";
import type { HistoryNeed } from "./engine/live/judge-again.ts";
import { readForNeed } from "./history.ts";
import { Hold } from "./hold.ts";
import { eventsBehind, fillWindows, lateEvents } from "./rebuild.ts";

const DAY_MS = 86_400_000;
/** Older events are history: they raise nothing (R18). */
export const LATE_LIMIT_MS = 35 * DAY_MS;
/** Over this many waiting events a merchant's queue is given up; it catches up from ClickHouse by its position. */
const MAX_WAITING = 200_000;
const MOST_PAUSE_MS = 60_000;
const EVENTS_PER_SAVE = 5_000;

export type WatchDeps = {
  db: Postgres;
  ch: ClickHouse;
  spool: Pick<Spool, "flush">;
  makeEngine(merchantId: string): Promise<Engine>;
  /** Whether anybody is told of a finding. */
  fateOf(merchantId: string, finding: Finding): Fate;
  now: () => number;
  log: Log;
  metrics: DetectorMetrics;
  onFindings(merchantId: string): void;
};

export class Watch {
  readonly merchantId: string;
  readonly #deps: WatchDeps;
  #engine: Engine | undefined;
  #hold = new Hold();
  #late: Event[] = [];
  /** Offered while the windows are rebuilt. */
  #waiting: Event[] = [];
  #found: Finding[] = [];
  /** Judged again whole since the last save. */
  #rejudged: Rejudged[] = [];
  #judged: Event[] = [];
  #maxReceived = Number.NEGATIVE_INFINITY;
  #saved: Position | undefined;
  /** Ids that the rebuild has read and that may be offered once more. */
  #readIds = new Set<string>();
  #lost = false;
  #running: Promise<void> | undefined;
  #retryAt = 0;
  #failures = 0;

  constructor(merchantId: string, deps: WatchDeps) {
    this.merchantId = merchantId;
    this.#deps = deps;
  }

  offer(events: readonly Event[]): void {
    if (this.#lost) return;
    if (this.#engine === undefined) this.#waiting.push(...events);
    else for (const event of events) this.#take(event);
    if (this.waiting() > MAX_WAITING) this.#giveUp();
  }

  waiting(): number {
    return this.#hold.size + this.#late.length + this.#waiting.length;
  }

  /** Nothing is left to do before this time; -Infinity when there is. */
  idleUntil(nowMs: number): number {
    const open = this.#running !== undefined || this.#engine === undefined || this.#lost;
    const due = this.#late.length > 0 || this.#found.length > 0;
    return open || due ? Number.NEGATIVE_INFINITY : this.#hold.nextDueMs(nowMs);
  }

  /** Judges and saves what is due. Never throws: a failure is logged and tried again, more and more seldom. */
  async turn(): Promise<void> {
    const pauseMs = this.#retryAt - this.#deps.now();
    // Longer than any pause: the clock was set back.
    const paused = pauseMs > 0 && pauseMs <= MOST_PAUSE_MS;
    if (this.#running !== undefined || paused) return;
    this.#running = this.#turn();
    await this.#running;
    this.#running = undefined;
  }

  /** Resolves when the turn that is under way has ended. */
  async settled(): Promise<void> {
    await this.#running;
  }

  async #turn(): Promise<void> {
    const { now, log, metrics } = this.#deps;
    try {
      if (this.#engine === undefined) await this.#rebuild();
      else await this.#judgeDue(this.#engine);
      this.#failures = 0;
    } catch (err) {
      metrics.failures.inc();
      log.warn({ err, merchantId: this.merchantId }, "judging failed, will be tried again");
      this.#retryAt = now() + Math.min(MOST_PAUSE_MS, 500 * 2 ** this.#failures);
      this.#failures += 1;
    }
  }

  #take(event: Event): void {
    if (this.#readIds.size > 0 && this.#readIds.delete(event.event_id)) return;
    this.#maxReceived = Math.max(this.#maxReceived, event.received_ts);
    const nowMs = this.#deps.now();
    const instant = this.#engine?.instant() ?? Number.NEGATIVE_INFINITY;
    if (event.ts > instant) this.#hold.offer(event, nowMs);
    else if (event.ts >= nowMs - LATE_LIMIT_MS) this.#late.push(event);
    else this.#deps.metrics.events.inc({ how: "history" });
  }

  /** Memory is bounded: the position knows what was judged, so the queue can be read again from ClickHouse. */
  #giveUp(): void {
    this.#deps.metrics.behind.inc();
    const { merchantId } = this;
    this.#deps.log.warn(
      { merchantId, waiting: this.waiting() },
      "detectors fell behind, will catch up from history",
    );
    this.reload();
  }

  /**
   * Lets go of everything and begins again from the position: with other rules, or behind. What was offered is durable
   * and is read again.
   */
  reload(): void {
    this.#lost = true;
    this.#hold = new Hold();
    this.#late = [];
    this.#waiting = [];
  }

  async #judgeDue(engine: Engine): Promise<void> {
    if (this.#lost) {
      this.#engine = undefined;
      return;
    }
    // Findings of a turn whose save failed go first, and nothing new is judged until they are in.
    if (this.#found.length > 0) await this.#save(engine);
    let since = 0;
    for (const instant of this.#hold.release(this.#deps.now())) {
      this.#step(engine, instant);
      since += instant.length;
      if (since < EVENTS_PER_SAVE) continue;
      since = 0;
      await this.#save(engine);
    }
    await this.#judgeLate(engine);
    await this.#save(engine);
  }

  #step(engine: Engine, instant: Event[]): void {
    const ts = instant[0]?.ts ?? 0;
    if (ts < this.#deps.now() - LATE_LIMIT_MS) {
      engine.absorb(instant);
    } else {
      this.#found.push(...engine.step(instant));
      for (const event of instant) this.#judged.push(event);
    }
  }

  async #judgeLate(engine: Engine): Promise<void> {
    const late = [...this.#late];
    if (late.length === 0) return;
    const { findings, needs, again } = engine.judgeLate(late);
    const rejudged = again.map(({ values, ...rest }) => ({ ...rest, group: values }));
    for (const need of needs) {
      findings.push(...(await this.#judgeHistory(engine, need, late)));
      const { rule, version } = need;
      for (const { values, ...rest } of need.groups) {
        rejudged.push({ ...rest, group: values, rule, version });
      }
    }
    // Only now: had reading failed, they would be judged again, and the mark stays below them until then.
    this.#late = this.#late.slice(late.length);
    this.#found.push(...findings);
    this.#rejudged.push(...rejudged);
    this.#deps.metrics.events.inc({ how: "late" }, late.length);
  }

  async #judgeHistory(
    engine: Engine,
    need: HistoryNeed,
    late: readonly Event[],
  ): Promise<Finding[]> {
    await this.#deps.spool.flush();
    const events = late.filter((event) => need.eventTypes.includes(event.event_type));
    const history = { ch: this.#deps.ch, merchant: { id: this.merchantId } };
    events.push(...(await readForNeed(history, need)));
    return engine.judgeHistory(need, events);
  }

  async #save(engine: Engine): Promise<void> {
    // What was given up is not judged: the old position must stand.
    if (this.#lost) return;
    const position = this.#position(engine);
    const moved =
      position !== undefined &&
      (position.instant !== this.#saved?.instant ||
        position.received_ts !== this.#saved.received_ts);
    const open = this.#found.length > 0 || this.#rejudged.length > 0;
    if (position === undefined || (!open && !moved)) return;
    const { db, now, metrics, onFindings } = this.#deps;
    const findings = uniqueById(this.#found);
    const fateOf = (finding: Finding) => this.#deps.fateOf(this.merchantId, finding);
    const judged = { findings, position, fateOf, rejudged: this.#rejudged };
    const fresh = await saveJudged(db, this.merchantId, judged, now());
    this.#saved = position;
    this.#found = [];
    this.#rejudged = [];
    for (const { level } of findings) metrics.findings.inc({ level });
    for (const event of this.#judged) metrics.lag.observe((now() - event.received_ts) / 1000);
    metrics.events.inc({ how: "in_order" }, this.#judged.length);
    this.#judged = [];
    if (fresh > 0) onFindings(this.merchantId);
  }

  /** See the top of the file. */
  #position(engine: Engine): Position | undefined {
    const instant = engine.instant();
    if (!Number.isFinite(instant)) return undefined;
    let mark = this.#maxReceived;
    for (const { received_ts } of this.#late) mark = Math.min(mark, received_ts);
    return { instant, received_ts: mark - 1 };
  }

  async #rebuild(): Promise<void> {
    const { db, ch, spool, now } = this.#deps;
    this.#lost = false;
    this.#waiting = [];
    const engine = await this.#deps.makeEngine(this.merchantId);
    // Everything appended before now is in ClickHouse after this; everything after comes through offer().
    await spool.flush();
    const startedAt = now();
    const history = { ch, merchantId: this.merchantId };
    const saved = await readPosition(db, this.merchantId);
    // Without a position nothing was judged yet: all that is no mere history is judged aloud.
    const position = saved ?? { instant: startedAt - LATE_LIMIT_MS, received_ts: 0 };
    this.#saved = saved;
    this.#readIds = new Set();
    this.#found = [];
    this.#rejudged = [];
    this.#judged = [];
    this.#hold = new Hold();
    this.#maxReceived = position.received_ts;
    if (saved !== undefined) {
      await fillWindows(history, engine, saved);
      engine.absorbUpTo(saved.instant);
      this.#late = (await lateEvents(history, saved)).filter(
        (event) => event.ts >= startedAt - LATE_LIMIT_MS,
      );
      for (const event of this.#late) this.#noteRead(event, startedAt);
    }
    await this.#catchUp(engine, eventsBehind(history, position), startedAt);
    await this.#judgeLate(engine);
    await this.#save(engine);
    this.#engine = engine;
    for (const event of this.#waiting.splice(0)) this.#take(event);
  }

  async #catchUp(
    engine: Engine,
    instants: AsyncIterable<Event[]>,
    startedAt: number,
  ): Promise<void> {
    let since = 0;
    for await (const instant of instants) {
      for (const event of instant) this.#noteRead(event, startedAt);
      if ((instant[0]?.ts ?? 0) > startedAt) {
        for (const event of instant) this.#hold.offer(event, startedAt);
        continue;
      }
      this.#step(engine, instant);
      since += instant.length;
      if (since < EVENTS_PER_SAVE) continue;
      since = 0;
      await this.#save(engine);
    }
  }

  #noteRead(event: Event, startedAt: number): void {
    this.#maxReceived = Math.max(this.#maxReceived, event.received_ts);
    // Appended around the flush: the door may offer it once more.
    if (event.received_ts >= startedAt - 60_000) this.#readIds.add(event.event_id);
  }
}

function uniqueById(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((finding) => [finding.id, finding] as const)).values()];
}
