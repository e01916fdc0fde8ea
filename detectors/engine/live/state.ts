// The windows of one merchant: groups per correlation, judged when touched, swept when empty, bounded out loud.
import { fieldIn } from "../plan.ts";
import type { Node } from "./compile.ts";
import { measure, readItem, shapeOf, weigh } from "./correlate.ts";
import { groupKey } from "./group-key.ts";
import type { Keeper, Taken } from "./keeper.ts";
import {
  advanceWindow,
  eventBehind,
  type Item,
  insertItem,
  newWindow,
  type Shape,
  type Window,
} from "./window.ts";

export type Group = {
  key: string;
  values: Readonly<Record<string, string>>;
  window: Window;
  touchedTs: number;
};

export type NodeState = {
  node: Node;
  shape: Shape;
  groups: Map<string, Group>;
  touched: Group[];
  items: number;
  nextSweepTs: number;
  /** Instead of groups, where the node has one. */
  keeper: Keeper | undefined;
};

export function newState(node: Node): NodeState {
  return {
    node,
    shape: shapeOf(node),
    groups: new Map(),
    touched: [],
    items: 0,
    nextSweepTs: Number.NEGATIVE_INFINITY,
    keeper: node.newKeeper?.(),
  };
}

/** The group that an item belongs to, made when new; undefined when a group field is absent. */
function groupOf(state: NodeState, item: Item, step: number): Group | undefined {
  const read = readItem(state.node, item, step);
  const { groupBy } = state.node.plan;
  const key = groupKey(groupBy, read);
  if (key === undefined) return undefined;
  let group = state.groups.get(key);
  if (group === undefined) {
    const values = Object.fromEntries(groupBy.map((field) => [field, String(read(field))]));
    group = { key, values, window: newWindow(state.shape), touchedTs: Number.NEGATIVE_INFINITY };
    state.groups.set(key, group);
  }
  return group;
}

/** An item as a keeper takes it; undefined when a group field is absent. Analytics read detections, so it is an event. */
export function takenBy(state: NodeState, item: Item, step: number): Taken | undefined {
  const read = readItem(state.node, item, step);
  const { groupBy } = state.node.plan;
  const key = groupKey(groupBy, read);
  if (key === undefined) return undefined;
  const values = () =>
    Object.fromEntries(groupBy.map((field) => [field, String(read(field))] as const));
  return { event: eventBehind(item), step, key, values };
}

/** Adds an item at its sorted place. Out: its group, when it counts there. */
export function addItem(state: NodeState, item: Item, step: number): Group | undefined {
  const weight = weigh(state.node, item, step);
  if (weight === undefined) return undefined;
  const group = groupOf(state, item, step);
  if (group !== undefined && insertItem(group.window, state.shape, item, weight)) state.items += 1;
  return group;
}

/** Adds an item of the present instant and notes its group for judging. */
export function touch(state: NodeState, item: Item, step: number): void {
  const group = addItem(state, item, step);
  if (group === undefined || group.touchedTs === item.ts) return;
  if (state.node.wakes[step] === false) return;
  group.touchedTs = item.ts;
  state.touched.push(group);
}

/** Judges every touched group at the instant, in order of their keys. */
export function judgeTouched(
  state: NodeState,
  ts: number,
  fire: (group: Group, value: number) => void,
): void {
  if (state.touched.length === 0) return;
  const touched = state.touched;
  state.touched = [];
  if (touched.length > 1) touched.sort((a, b) => (a.key < b.key ? -1 : 1));
  for (const group of touched) {
    state.items -= advanceWindow(group.window, state.shape, ts);
    const { value, fires } = measure(state.node, group.window);
    if (fires) fire(group, value);
  }
  sweep(state, ts);
}

/** Lets go of groups whose last item has passed; a few times per span, so that its cost is spread. */
function sweep(state: NodeState, ts: number): void {
  if (ts < state.nextSweepTs) return;
  state.nextSweepTs = ts + state.shape.retainMs / 4;
  for (const group of state.groups.values()) {
    if (lastTs(group) < ts - state.shape.retainMs) drop(state, group);
  }
}

const lastTs = (group: Group): number => group.window.ts[group.window.tail - 1] ?? 0;

function drop(state: NodeState, group: Group): void {
  state.items -= group.window.tail - group.window.head;
  state.groups.delete(group.key);
}

/**
 * Keeps a correlation within its budget: over `maxItems`, the groups that were quiet longest are let go until four
 * fifths are left. Never silent: the caller logs and counts what this returns. (Later: such a rule turns to SQL, R32.)
 */
export function shed(state: NodeState, maxItems: number): { groups: number; items: number } {
  if (state.items <= maxItems) return { groups: 0, items: 0 };
  const before = state.items;
  const quiet = [...state.groups.values()].sort((a, b) => lastTs(a) - lastTs(b));
  let groups = 0;
  for (const group of quiet) {
    if (state.items <= maxItems * 0.8) break;
    drop(state, group);
    groups += 1;
  }
  return { groups, items: before - state.items };
}

/** Everything that memory holds of groups whose values agree with these: the events, also those behind firings. */
export function eventsHeld(
  states: readonly NodeState[],
  node: Node,
  values: Readonly<Record<string, string>>,
): Item[] {
  const state = states[node.index];
  if (state === undefined) return [];
  const own = matchingGroups(state, values).flatMap(({ window }) =>
    window.items
      .slice(window.head, window.tail)
      .flatMap((item) => (item === undefined ? [] : [eventBehind(item)])),
  );
  const inner = node.inner.flatMap((one) =>
    eventsHeld(states, one, innerValues(node, one, values)),
  );
  return [...own, ...inner];
}

/** A group's values by the names that an inner correlation has for them. */
function innerValues(
  outer: Node,
  inner: Node,
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  const pairs = Object.entries(values);
  return Object.fromEntries(
    pairs.map(([field, value]) => [fieldIn(outer.plan, inner.plan.name, field), value]),
  );
}

function matchingGroups(state: NodeState, values: Readonly<Record<string, string>>): Group[] {
  const { groupBy } = state.node.plan;
  if (groupBy.length === Object.keys(values).length) {
    const key = groupKey(groupBy, (field) => values[field]);
    const group = key === undefined ? undefined : state.groups.get(key);
    return group === undefined ? [] : [group];
  }
  return [...state.groups.values()].filter((group) =>
    Object.entries(values).every(([field, value]) => group.values[field] === value),
  );
}
