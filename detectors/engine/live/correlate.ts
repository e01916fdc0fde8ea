// What each correlation type measures in a group's window, and what an item adds to it.
import type { FieldValue } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import { meets } from "../plan.ts";
import { groupKey, type Node } from "./compile.ts";
import {
  eventBehind,
  type Firing,
  type Item,
  isFiring,
  type Shape,
  type Window,
} from "./window.ts";

/** A field of an item; a firing has its group fields only (R21). */
export function readItem(item: Item): (field: string) => FieldValue | undefined {
  return (field) => (isFiring(item) ? item.group[field] : fieldOf(item, field));
}

export function shapeOf(node: Node): Shape {
  const { type, spanMs } = node.plan;
  const money = node.rule?.rule.money;
  return {
    spanMs,
    retainMs: node.retainMs,
    counts: type === "value_count" || type === "temporal",
    steps: type === "temporal" || type === "temporal_ordered",
    amountOf:
      money === undefined || money === null
        ? undefined
        : (item) => {
            const amount = fieldOf(eventBehind(item), money.field);
            return typeof amount === "number" ? amount : undefined;
          },
  };
}

/** What an item adds, or undefined when it does not count (its field is absent or no number, R24). */
export function weigh(
  node: Node,
  item: Item,
  step: number,
): { num: number; key: string } | undefined {
  const { type, fields } = node.plan;
  switch (type) {
    case "event_count":
      return { num: 1, key: "" };
    case "value_count": {
      const key = groupKey(fields, readItem(item));
      return key === undefined ? undefined : { num: 1, key };
    }
    case "value_sum": {
      const value = readItem(item)(fields[0] ?? "");
      return typeof value === "number" ? { num: value, key: "" } : undefined;
    }
    case "temporal":
    case "temporal_ordered":
      return { num: step, key: String(step) };
  }
}

/** The measured value, and whether the rule fires on it at the window's end. */
export function measure(node: Node, window: Window): { value: number; fires: boolean } {
  switch (node.plan.type) {
    case "event_count":
      return judge(node, window.tail - window.lo);
    case "value_count":
      return judge(node, window.keys.size);
    case "value_sum":
      return judge(node, window.sum);
    case "temporal": {
      const fires = window.keys.size === node.plan.rules.length;
      return { value: fires ? chainValue(window) : 0, fires };
    }
    case "temporal_ordered": {
      const fires = isChainComplete(window, node.plan.rules.length);
      return { value: fires ? chainValue(window) : 0, fires };
    }
  }
}

function judge(node: Node, value: number): { value: number; fires: boolean } {
  return { value, fires: meets(value, node.comparisons) };
}

/** What a chain is about: the newest inner count when it has one, else how many things happened. */
function chainValue(window: Window): number {
  for (let i = window.tail - 1; i >= window.lo; i -= 1) {
    const item = window.items[i];
    if (item !== undefined && isFiring(item)) return (item satisfies Firing).value;
  }
  return window.tail - window.lo;
}

/**
 * Is there, at the window's last instant, a match of the last rule that ends a chain? `start[i]` is the newest time at
 * which a chain that has reached rule i began. From the last rule to the first, so that one item never takes two steps
 * (steps of one item stand side by side).
 */
function isChainComplete(window: Window, rules: number): boolean {
  const start = new Float64Array(rules).fill(Number.NEGATIVE_INFINITY);
  const endTs = window.ts[window.tail - 1] ?? 0;
  let i = window.lo;
  while (i < window.tail) {
    let next = i;
    const id = window.items[i]?.event_id;
    while (
      next < window.tail &&
      window.ts[next] === window.ts[i] &&
      window.items[next]?.event_id === id
    ) {
      next += 1;
    }
    if (takeSteps(window, [i, next], start) && window.ts[i] === endTs) return true;
    i = next;
  }
  return false;
}

/** One item's steps. Out: true when it completes a chain inside the window. */
function takeSteps(window: Window, [from, to]: [number, number], start: Float64Array): boolean {
  const steps = [...window.num.subarray(from, to)].sort((a, b) => b - a);
  let complete = false;
  for (const step of steps) {
    if (step === 0) start[0] = window.ts[from] ?? 0;
    else start[step] = Math.max(start[step] ?? 0, start[step - 1] ?? 0);
    if (step === start.length - 1) complete ||= (start[step] ?? 0) > Number.NEGATIVE_INFINITY;
  }
  return complete;
}
