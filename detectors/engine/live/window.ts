// One group's closed window [t - span, t]: items in order, with count, distinct values and sums kept incrementally.
import type { Event } from "../../../core/event.ts";

/** A firing of an inner correlation, as the outer one sees it: its instant, its id, its group fields (R21). */
export type Firing = {
  ts: number;
  event_id: string;
  /** The inner correlation. */
  rule: string;
  group: Readonly<Record<string, string>>;
  value: number;
  /** Newest event behind it, for evidence. */
  last: Event;
};
export type Item = Event | Firing;

export const isFiring = (item: Item): item is Firing => "last" in item;
export const eventBehind = (item: Item): Event => (isFiring(item) ? item.last : item);

/**
 * Items lie in [head, tail) in order of (ts, id); those in [lo, tail) are inside the span as of `nowTs` and are what
 * `keys`, `sum` and `money` speak of. Items before `lo` are kept for late events until they pass `retainMs`.
 */
export type Window = {
  ts: number[];
  num: number[];
  items: (Item | undefined)[];
  /** Undefined when nothing distinct is counted. */
  texts: string[] | undefined;
  head: number;
  lo: number;
  tail: number;
  nowTs: number;
  keys: Map<string, number>;
  sum: number;
  /** The aggregates' values inside the span; undefined when there are none. */
  parts: number[] | undefined;
  /** Numbers inside the span, ascending; undefined when no percentile is asked for. */
  sorted: number[] | undefined;
  /** Money inside the span by currency; `amountField` is undefined when the rule asks for none. */
  money: Map<string, number>;
};

export type Shape = {
  spanMs: number;
  retainMs: number;
  counts: boolean;
  /** An item may stand in the window once per step (temporal kinds). */
  steps: boolean;
  /** Numbers are kept sorted, for percentiles. */
  sorts: boolean;
  /** What each aggregate takes; an item's `num` is its aggregate's place, its key that place and the value. */
  parts: readonly ("count" | "sum" | "distinct")[] | undefined;
  amountOf: ((item: Item) => number | undefined) | undefined;
};

/** Never written: windows that count nothing share it, since most groups are small and many. */
const NONE = new Map<string, number>();

export function newWindow(shape: Shape): Window {
  return {
    ts: [],
    num: [],
    items: [],
    texts: shape.counts ? [] : undefined,
    head: 0,
    lo: 0,
    tail: 0,
    nowTs: Number.NEGATIVE_INFINITY,
    keys: shape.counts ? new Map() : NONE,
    sum: 0,
    sorted: shape.sorts ? [] : undefined,
    parts: shape.parts?.map(() => 0),
    money: shape.amountOf === undefined ? NONE : new Map(),
  };
}

/** Puts an item at its sorted place. Out: false when it is there already, or too old to matter. */
export function insertItem(
  window: Window,
  shape: Shape,
  item: Item,
  weight: { num: number; key: string },
): boolean {
  if (item.ts < window.nowTs - shape.retainMs) return false;
  let at = window.tail;
  while (at > window.head && comesBefore(item, window, at - 1)) at -= 1;
  if (isThere(window, shape, item, { at, num: weight.num })) return false;
  at -= compact(window);
  place(window, item, at, weight);
  window.tail += 1;
  if (item.ts >= window.nowTs - shape.spanMs) count(window, shape, at, 1);
  else window.lo += 1;
  return true;
}

function comesBefore(item: Item, window: Window, index: number): boolean {
  const ts = window.ts[index] ?? 0;
  if (item.ts !== ts) return item.ts < ts;
  return item.event_id < (window.items[index]?.event_id ?? "");
}

function isThere(
  window: Window,
  shape: Shape,
  item: Item,
  place: { at: number; num: number },
): boolean {
  for (let i = place.at - 1; i >= window.head && window.ts[i] === item.ts; i -= 1) {
    if (window.items[i]?.event_id !== item.event_id) return false;
    if (!shape.steps || window.num[i] === place.num) return true;
  }
  return false;
}

/** Lets go of what lies before the live part once it is more than half. Out: how far everything moved down. */
function compact(window: Window): number {
  const { head, tail } = window;
  if (head < 16 || head * 2 < tail) return 0;
  window.ts = window.ts.slice(head, tail);
  window.num = window.num.slice(head, tail);
  window.items = window.items.slice(head, tail);
  window.texts = window.texts?.slice(head, tail);
  window.lo -= head;
  window.head = 0;
  window.tail = tail - head;
  return head;
}

/** Most groups hold one item only: arrays of one take a third of the room of ones that were grown. */
function place(window: Window, item: Item, at: number, weight: { num: number; key: string }): void {
  if (window.tail === 0) {
    window.ts = [item.ts];
    window.num = [weight.num];
    window.items = [item];
    if (window.texts !== undefined) window.texts = [weight.key];
  } else if (at === window.tail) {
    window.ts[at] = item.ts;
    window.num[at] = weight.num;
    window.items[at] = item;
    if (window.texts !== undefined) window.texts[at] = weight.key;
  } else {
    window.ts.splice(at, 0, item.ts);
    window.num.splice(at, 0, weight.num);
    window.items.splice(at, 0, item);
    window.texts?.splice(at, 0, weight.key);
  }
}

function count(window: Window, shape: Shape, index: number, sign: 1 | -1): void {
  const num = window.num[index] ?? 0;
  window.sum += sign * num;
  if (window.sorted !== undefined) keepSorted(window.sorted, num, sign);
  if (window.texts !== undefined) {
    const key = window.texts[index] ?? "";
    const left = addTo(window.keys, key, sign);
    if (window.parts !== undefined) addPart(window.parts, shape, { part: num, key, sign, left });
  }
  const item = window.items[index];
  const amount = item === undefined ? undefined : shape.amountOf?.(item);
  if (item === undefined || amount === undefined) return;
  const currency = eventBehind(item).currency ?? "";
  const sum = (window.money.get(currency) ?? 0) + sign * amount;
  if (sum === 0 && sign < 0) window.money.delete(currency);
  else window.money.set(currency, sum);
}

function keepSorted(sorted: number[], num: number, sign: 1 | -1): void {
  const at = placeOf(sorted, num);
  if (sign > 0) sorted.splice(at, 0, num);
  else sorted.splice(at, 1);
}

function addPart(
  parts: number[],
  shape: Shape,
  of: { part: number; key: string; sign: 1 | -1; left: number },
): void {
  const { part, key, sign, left } = of;
  const take = shape.parts?.[part];
  const comesOrGoes = left === (sign > 0 ? 1 : 0);
  const amount = take === "sum" ? Number(key.slice(key.indexOf(" ") + 1)) : 1;
  if (take === "distinct" && !comesOrGoes) return;
  parts[part] = (parts[part] ?? 0) + sign * amount;
}

/** Out: how many of the key are left. */
function addTo(keys: Map<string, number>, key: string, sign: 1 | -1): number {
  const left = (keys.get(key) ?? 0) + sign;
  if (left === 0) keys.delete(key);
  else keys.set(key, left);
  return left;
}

/** Where a number is, or would go, in an ascending list. */
function placeOf(sorted: readonly number[], num: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((sorted[middle] ?? 0) < num) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Moves the window's end to `ts`. Out: how many items were let go for good. */
export function advanceWindow(window: Window, shape: Shape, ts: number): number {
  window.nowTs = ts;
  const from = ts - shape.spanMs;
  while (window.lo < window.tail && (window.ts[window.lo] ?? 0) < from) {
    count(window, shape, window.lo, -1);
    window.lo += 1;
  }
  if (window.lo === window.tail) {
    window.sum = 0;
    if (window.sorted !== undefined) window.sorted.length = 0;
    window.parts?.fill(0);
    window.keys.clear();
    window.money.clear();
  }
  const keepFrom = ts - shape.retainMs;
  const head = window.head;
  while (window.head < window.lo && (window.ts[window.head] ?? 0) < keepFrom) {
    window.items[window.head] = undefined;
    window.head += 1;
  }
  return window.head - head;
}
