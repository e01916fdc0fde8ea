// What each correlation type measures in a group's window, and what an item adds to it.
import type { FieldValue } from "../../../core/event.ts";
import { fieldOf } from "../../../core/event.ts";
import { fieldIn, meets } from "../plan.ts";
import { measureAnalytic, weighAnalytic } from "./analytic.ts";
import type { Node } from "./compile.ts";
import { groupKey } from "./group-key.ts";
import {
  eventBehind,
  type Firing,
  type Item,
  isFiring,
  type Shape,
  type Window,
} from "./window.ts";

/** A field of an item, by the names of the node that counts it; a firing has its group fields only (R21). */
export function readItem(
  node: Node,
  item: Item,
  step: number,
): (field: string) => FieldValue | undefined {
  const read = (field: string) => (isFiring(item) ? item.group[field] : fieldOf(item, field));
  const { plan } = node;
  if (plan.aliases.size === 0) return read;
  const rule = plan.rules[step] ?? "";
  return (field) => read(fieldIn(plan, rule, field));
}

export function shapeOf(node: Node): Shape {
  const { type, spanMs, analytic } = node.plan;
  const money = node.rule?.rule.money;
  return {
    spanMs,
    retainMs: node.retainMs,
    counts: type === "value_count" || type === "analytic" || type.startsWith("temporal"),
    steps: type.startsWith("temporal") || analytic?.kind === "ratio",
    parts: analytic?.kind === "ratio" ? analytic.aggregates.map(({ take }) => take) : undefined,
    sorts: type === "value_percentile",
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
  const { type, fields, analytic } = node.plan;
  if (analytic !== null) return weighAnalytic(analytic, readItem(node, item, step), step);
  switch (type) {
    case "analytic":
      return undefined;
    case "event_count":
      return { num: 1, key: "" };
    case "value_count": {
      const key = groupKey(fields, readItem(node, item, step));
      return key === undefined ? undefined : { num: 1, key };
    }
    case "value_sum":
    case "value_avg":
    case "value_percentile": {
      const value = readItem(node, item, step)(fields[0] ?? "");
      return typeof value === "number" ? { num: value, key: "" } : undefined;
    }
    case "temporal":
    case "temporal_ordered":
      return { num: step, key: String(step) };
  }
}

/** The measured value, and whether the rule fires on it at the window's end. */
export function measure(node: Node, window: Window): { value: number; fires: boolean } {
  const { type, analytic } = node.plan;
  if (analytic !== null) return measureAnalytic(node, analytic, window);
  switch (type) {
    case "analytic":
      return { value: 0, fires: false };
    case "event_count":
      return judge(node, window.tail - window.lo);
    case "value_count":
      return judge(node, window.keys.size);
    case "value_sum":
      return judge(node, window.sum);
    case "value_avg":
      return average(node, window.sum, window.tail - window.lo);
    case "value_percentile":
      return judge(node, percentileOf(window.sorted ?? [], node.plan.percentile ?? 50));
    case "temporal":
      return chain(window, node.seen(window.keys));
    case "temporal_ordered":
      return chain(window, node.seen(window.keys) && isChainComplete(window, node.order));
  }
}

function chain(window: Window, fires: boolean): { value: number; fires: boolean } {
  return { value: fires ? chainValue(window) : 0, fires };
}

/** The sum against threshold × n: no division decides (R17). */
function average(node: Node, sum: number, n: number): { value: number; fires: boolean } {
  if (n === 0) return { value: 0, fires: false };
  const scaled = node.comparisons.map((one) => ({ ...one, value: one.value * n }));
  return { value: sum / n, fires: meets(sum, scaled) };
}

/**
 * Linear interpolation between the neighbours of rank p × (n - 1) + 1, as ClickHouse's quantileExactInclusive (Excel's
 * PERCENTILE.INC, type 7 of Hyndman and Fan 1996). In: ascending, not empty.
 */
function percentileOf(sorted: readonly number[], percentile: number): number {
  const level = percentile / 100;
  if (sorted.length === 0) return Number.NaN;
  const rank = level * (sorted.length - 1) + 1;
  const below = Math.floor(rank);
  const low = sorted[below - 1] ?? 0;
  if (below >= sorted.length) return sorted[sorted.length - 1] ?? 0;
  return below < 1 ? (sorted[0] ?? 0) : low + (rank - below) * ((sorted[below] ?? 0) - low);
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
function isChainComplete(window: Window, order: readonly number[]): boolean {
  const length = order.filter((place) => place >= 0).length;
  const start = new Float64Array(length).fill(Number.NEGATIVE_INFINITY);
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
    if (takeSteps(window, [i, next], { start, order }) && window.ts[i] === endTs) return true;
    i = next;
  }
  return false;
}

/** One item's steps. Out: true when it completes a chain inside the window. */
function takeSteps(
  window: Window,
  [from, to]: [number, number],
  { start, order }: { start: Float64Array; order: readonly number[] },
): boolean {
  const steps = window.num.slice(from, to).map((step) => order[step] ?? -1);
  let complete = false;
  for (const step of steps.sort((a, b) => b - a)) {
    if (step < 0) continue;
    if (step === 0) start[0] = window.ts[from] ?? 0;
    else start[step] = Math.max(start[step] ?? 0, start[step - 1] ?? 0);
    if (step === start.length - 1) complete ||= (start[step] ?? 0) > Number.NEGATIVE_INFINITY;
  }
  return complete;
}
