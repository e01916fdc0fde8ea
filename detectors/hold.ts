// Holds a merchant's events for a moment, so that those that overtook each other on the way are judged in order.
import { compareEvents, type Event } from "../core/event.ts";

/** How long an event waits for earlier ones (R18). */
export const HOLD_MS = 250;

/** `dueAt` of an event ahead of the clock follows its own time: a wrong clock must not pull the merchant's instant along. */
type Held = { event: Event; dueAt: number };

/**
 * Events in order of (ts, event_id). `release` gives the instants that are due: when an event is due, so is every event
 * that happened before it.
 */
export class Hold {
  readonly #byTime: Held[] = [];
  /** Due times in order of arrival; events ahead of the clock stand in `#ahead`. */
  #arrived: { ts: number; dueAt: number }[] = [];
  readonly #ahead: Held[] = [];
  #lastNowMs = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#byTime.length;
  }

  offer(event: Event, nowMs: number): void {
    this.#follow(nowMs);
    const held = { event, dueAt: Math.max(nowMs, event.ts) + HOLD_MS };
    push(this.#byTime, held);
    if (event.ts > nowMs) push(this.#ahead, held);
    else this.#arrived.push({ ts: event.ts, dueAt: held.dueAt });
  }

  /** When the next event is due, or Infinity. */
  nextDueMs(nowMs: number): number {
    this.#follow(nowMs);
    const first = this.#arrived[0]?.dueAt ?? Number.POSITIVE_INFINITY;
    return Math.min(first, this.#ahead[0]?.dueAt ?? Number.POSITIVE_INFINITY);
  }

  /** Takes out what is due, by instant; each instant sorted by event_id. */
  release(nowMs: number): Event[][] {
    this.#follow(nowMs);
    const horizon = this.#horizon(nowMs);
    const instants: Event[][] = [];
    for (let head = this.#byTime[0]; head !== undefined; head = this.#byTime[0]) {
      if (head.event.ts > horizon) break;
      const { event } = pop(this.#byTime) as Held;
      const last = instants[instants.length - 1];
      if (last?.[0]?.ts === event.ts) last.push(event);
      else instants.push([event]);
    }
    return instants;
  }

  /** Where the clock was set back, nobody waits for the time that it has taken back: at most the hold from now. */
  #follow(nowMs: number): void {
    if (nowMs < this.#lastNowMs) {
      for (const arrival of this.#arrived) {
        arrival.dueAt = Math.min(arrival.dueAt, nowMs + HOLD_MS);
      }
    }
    this.#lastNowMs = nowMs;
  }

  #horizon(nowMs: number): number {
    let horizon = Number.NEGATIVE_INFINITY;
    let passed = 0;
    for (const { ts, dueAt } of this.#arrived) {
      if (dueAt > nowMs) break;
      horizon = Math.max(horizon, ts);
      passed += 1;
    }
    if (passed > 0) this.#arrived = this.#arrived.slice(passed);
    while ((this.#ahead[0]?.dueAt ?? Number.POSITIVE_INFINITY) <= nowMs) {
      horizon = Math.max(horizon, (pop(this.#ahead) as Held).event.ts);
    }
    return horizon;
  }
}

/** A binary heap by the total order of events. */
function push(heap: Held[], held: Held): void {
  let at = heap.length;
  heap.push(held);
  while (at > 0) {
    const above = (at - 1) >> 1;
    const parent = heap[above] as Held;
    if (compareEvents(parent.event, held.event) <= 0) break;
    heap[at] = parent;
    at = above;
  }
  heap[at] = held;
}

function pop(heap: Held[]): Held | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return top;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    const right = heap[below + 1];
    if (right !== undefined && compareEvents(right.event, (heap[below] as Held).event) < 0)
      below += 1;
    const child = heap[below] as Held;
    if (compareEvents(child.event, last.event) >= 0) break;
    heap[at] = child;
    at = below;
  }
  heap[at] = last;
  return top;
}
