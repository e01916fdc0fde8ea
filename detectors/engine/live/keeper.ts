// What an analytic kind keeps when a window of items is not it: it takes items in order and says what fires.
import type { Event } from "../../../core/event.ts";

export type GroupValues = Readonly<Record<string, string>>;

/** The newest instant that each source has shown, UTC ms; undefined before the first. */
export type SourceClock = (source: string) => number | undefined;

/** An event of a rule that feeds the node. `step`: the rule's place; `key`, `values`: the group it belongs to. */
export type Taken = { event: Event; step: number; key: string; values: () => GroupValues };

/** `ts`: the instant of the finding. `events`: what it shows, oldest first. */
export type KeeperFired = {
  values: GroupValues;
  ts: number;
  value: number;
  /** The least value that would have been too much, and the usual one, in the value's unit. */
  bound?: number;
  usual?: number;
  events: readonly Event[];
  count: number;
};

export type Keeper = {
  /** Late events are judged again from history; else `takeLate` judges them. */
  readonly again: boolean;
  /** An event of the present instant; instants come in order, events of one in order of their ids. */
  take(taken: Taken): void;
  /** An event of an instant that is past. */
  takeLate(taken: Taken, clock: SourceClock): KeeperFired[];
  /** Nothing can fire before this instant is over: `settle` may be left out. */
  isIdle(ts: number): boolean;
  /** After every instant: what fires now, in order of instant and key. */
  settle(clock: SourceClock, ts: number): KeeperFired[];
  /** How much is kept, and what must go when that is too much. */
  size(): number;
  shed(most: number): { groups: number; items: number };
};
