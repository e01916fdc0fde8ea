// Absences: what should have followed, or should have come before, and did not. Judged once the source that showed the
// one thing has shown anything at or after the time at which the other was due, so that an offline till accuses nobody.
import type { Event } from "../../../core/event.ts";
import type { Absence } from "../plan.ts";
import type { GroupValues, Keeper, KeeperFired, SourceClock, Taken } from "./keeper.ts";

/** An event that waits for its counterpart until `due`, included. */
type Pending = { key: string; values: GroupValues; due: number; event: Event; open: boolean };

/** Of one key: when its counterpart and it itself came last, and what waits. */
type Known = { lastExpect: number; lastOn: number; open: Pending[] };

export const createAbsence = (absence: Absence): Keeper => new AbsenceKeeper(absence);

class AbsenceKeeper implements Keeper {
  readonly again = true;
  readonly #of: Absence;
  readonly #delayMs: number;
  readonly #rememberMs: number;
  readonly #keys = new Map<string, Known>();
  /** By source, in order of `due`. */
  readonly #waiting = new Map<string, Pending[]>();
  #pendings = 0;
  #nextSweepTs = Number.NEGATIVE_INFINITY;
  /** Nothing waits for an earlier time. */
  #nextDue = Number.POSITIVE_INFINITY;

  constructor(of: Absence) {
    this.#of = of;
    this.#delayMs = of.kind === "absence_after" ? of.withinMs : of.graceMs;
    this.#rememberMs = of.kind === "absence_after" ? of.withinMs : of.historyMs;
  }

  take(taken: Taken): void {
    const known = this.#known(taken.key);
    if (taken.step >= this.#of.ons) this.#takeExpect(known, taken.event);
    else this.#takeOn(known, taken);
  }

  takeLate(taken: Taken, clock: SourceClock): KeeperFired[] {
    const known = this.#known(taken.key);
    const { event, step } = taken;
    if (step >= this.#of.ons) {
      this.#takeExpect(known, event);
      return [];
    }
    const isPast = event.ts + this.#delayMs <= (clock(event.source) ?? Number.NEGATIVE_INFINITY);
    // Due already: history says. Still due: only what is newest may wait, and only while nothing has answered.
    if (!isPast && !isAnswered(this.#of, known, { event, due: event.ts + this.#delayMs })) {
      known.lastOn = Math.max(known.lastOn, event.ts);
      this.#wait(known, taken);
    }
    return [];
  }

  isIdle(ts: number): boolean {
    return ts < this.#nextDue && ts < this.#nextSweepTs;
  }

  settle(clock: SourceClock, ts: number): KeeperFired[] {
    const fired: KeeperFired[] = [];
    this.#nextDue = Number.POSITIVE_INFINITY;
    for (const [source, list] of this.#waiting) {
      const now = clock(source) ?? Number.NEGATIVE_INFINITY;
      while (list[0] !== undefined && list[0].due <= now) {
        const pending = list.shift() as Pending;
        this.#pendings -= 1;
        if (pending.open) fired.push(this.#fire(pending));
      }
      this.#nextDue = Math.min(this.#nextDue, list[0]?.due ?? Number.POSITIVE_INFINITY);
    }
    this.#sweep(ts);
    return fired.length < 2 ? fired : onePerInstant(fired);
  }

  size(): number {
    return this.#keys.size + this.#pendings;
  }

  shed(most: number): { groups: number; items: number } {
    const before = this.#keys.size;
    if (this.size() <= most) return { groups: 0, items: 0 };
    for (const [key, { open }] of this.#keys) {
      if (this.size() <= most * 0.8) break;
      for (const pending of open) pending.open = false;
      this.#keys.delete(key);
    }
    const groups = before - this.#keys.size;
    return { groups, items: groups };
  }

  #known(key: string): Known {
    const before = this.#keys.get(key);
    if (before !== undefined) return before;
    const never = Number.NEGATIVE_INFINITY;
    const made: Known = { lastExpect: never, lastOn: never, open: [] };
    this.#keys.set(key, made);
    return made;
  }

  #takeExpect(known: Known, event: Event): void {
    known.lastExpect = Math.max(known.lastExpect, event.ts);
    known.open = closed(known.open, (pending) => answers(this.#of, pending, event));
  }

  #takeOn(known: Known, taken: Taken): void {
    const { event } = taken;
    const of = this.#of;
    known.lastOn = Math.max(known.lastOn, event.ts);
    if (of.kind === "absence_before") {
      if (known.lastExpect < event.ts - of.historyMs) this.#wait(known, taken);
      return;
    }
    // A newer one starts anew.
    known.open = closed(known.open, ({ due }) => due >= event.ts);
    this.#wait(known, taken);
  }

  #wait(known: Known, { event, key, values }: Taken): void {
    const pending = { key, values: values(), due: event.ts + this.#delayMs, event, open: true };
    known.open.push(pending);
    insertByDue(this.#waiting, pending);
    this.#nextDue = Math.min(this.#nextDue, pending.due);
    this.#pendings += 1;
  }

  #fire(pending: Pending): KeeperFired {
    const { key, values, due, event } = pending;
    const known = this.#keys.get(key);
    if (known !== undefined) known.open = known.open.filter((one) => one !== pending);
    return { values, ts: due, value: 1, events: [event], count: 1 };
  }

  #sweep(ts: number): void {
    if (ts < this.#nextSweepTs) return;
    this.#nextSweepTs = ts + this.#rememberMs / 4;
    for (const [key, { open, lastExpect, lastOn }] of this.#keys) {
      const last = Math.max(lastExpect, lastOn);
      if (open.length === 0 && last < ts - this.#rememberMs) this.#keys.delete(key);
    }
  }
}

/** What is left open; the others are closed. */
function closed(open: Pending[], when: (pending: Pending) => boolean): Pending[] {
  if (open.length === 0) return open;
  return open.filter((pending) => {
    if (when(pending)) pending.open = false;
    return pending.open;
  });
}

function insertByDue(waiting: Map<string, Pending[]>, pending: Pending): void {
  const list = waiting.get(pending.event.source) ?? [];
  waiting.set(pending.event.source, list);
  let at = list.length;
  while (at > 0 && (list[at - 1]?.due ?? 0) > pending.due) at -= 1;
  list.splice(at, 0, pending);
}

/** absence_after wants it behind the event in the total order; absence_before anywhere in its stretch. */
function answers(analytic: Absence, { event, due }: Pending, expect: Event): boolean {
  if (expect.ts > due) return false;
  if (analytic.kind === "absence_before") return expect.ts >= event.ts - analytic.historyMs;
  return expect.ts > event.ts || (expect.ts === event.ts && expect.event_id > event.event_id);
}

/** Has something that came before this late event answered it, or begun anew? Only the last of each is known. */
function isAnswered(
  analytic: Absence,
  { lastExpect, lastOn }: Known,
  { event, due }: Pick<Pending, "event" | "due">,
): boolean {
  const lies = (ts: number, from: number) => ts > from && ts <= due;
  if (analytic.kind === "absence_before") {
    return lies(lastExpect, event.ts - analytic.historyMs - 1);
  }
  return lies(lastExpect, event.ts) || lies(lastOn, event.ts);
}

/** Things of one key that were due at one instant are one finding. */
function onePerInstant(fired: readonly KeeperFired[]): KeeperFired[] {
  const byPlace = new Map<string, KeeperFired>();
  for (const one of fired) {
    const place = `${one.ts} ${JSON.stringify(one.values)}`;
    const twin = byPlace.get(place);
    const events = [...(twin?.events ?? []), ...one.events];
    byPlace.set(place, { ...one, events, count: events.length });
  }
  return [...byPlace.values()].sort((a, b) => a.ts - b.ts);
}
