// What the analytic kinds measure in a group's window, and what an item adds to it.
import type { FieldValue } from "../../../core/event.ts";
import { distanceM, speedHolds } from "../distance.ts";
import type { Aggregate, Analytic, RatioExpr } from "../plan.ts";
import type { Node } from "./compile.ts";
import type { Window } from "./window.ts";

/** `num`, `key`: as in Window. Undefined: the item does not count. */
type Weight = { num: number; key: string } | undefined;
type Measured = { value: number; fires: boolean };

export function weighAnalytic(
  analytic: Analytic,
  read: (field: string) => FieldValue | undefined,
  step: number,
): Weight {
  switch (analytic.kind) {
    case "absence_after":
    case "absence_before":
    case "baseline":
      return undefined;
    case "new_value": {
      const value = read(analytic.field);
      return value === undefined ? undefined : { num: 0, key: String(value) };
    }
    case "geo_velocity": {
      const [lat, lon] = analytic.position.map(read);
      const isPlace = typeof lat === "number" && typeof lon === "number";
      return isPlace ? { num: 0, key: `${lat} ${lon}` } : undefined;
    }
    case "ratio": {
      const aggregate = analytic.aggregates[step];
      return aggregate === undefined ? undefined : weighAggregate(aggregate, read, step);
    }
  }
}

/** `num` is the aggregate's place, so that one event may stand in several. */
function weighAggregate(
  { take, field }: Aggregate,
  read: (field: string) => FieldValue | undefined,
  step: number,
): Weight {
  if (take === "count") return { num: step, key: `${step}` };
  const value = read(field ?? "");
  if (value === undefined || (take === "sum" && typeof value !== "number")) return undefined;
  return { num: step, key: `${step} ${value}` };
}

export function measureAnalytic(node: Node, analytic: Analytic, window: Window): Measured {
  switch (analytic.kind) {
    // Kept by a keeper, not in a window.
    case "absence_after":
    case "absence_before":
    case "baseline":
      return { value: 0, fires: false };
    case "new_value":
      return measureNewValue(window, analytic.minSupport);
    case "geo_velocity":
      return measureTravel(node, window, analytic.minDistanceM);
    case "ratio":
      return measureRatio(analytic, window);
  }
}

/** Places of the items of the window's last instant, in order. */
function lastInstant(window: Window): number[] {
  const places: number[] = [];
  for (let i = window.tail - 1; i >= window.lo && window.ts[i] === window.nowTs; i -= 1) {
    places.unshift(i);
  }
  return places;
}

/** The value: how many earlier things there were. */
function measureNewValue(window: Window, minSupport: number): Measured {
  const texts = window.texts ?? [];
  const now = lastInstant(window);
  const first = now[0] ?? window.tail;
  const nowCount = new Map<string, number>();
  for (const place of now) {
    const text = texts[place] ?? "";
    nowCount.set(text, (nowCount.get(text) ?? 0) + 1);
  }
  const seenNow = new Set<string>();
  for (const place of now) {
    const text = texts[place] ?? "";
    const before = (window.keys.get(text) ?? 0) - (nowCount.get(text) ?? 0);
    const isNew = before === 0 && !seenNow.has(text);
    seenNow.add(text);
    const earlier = first - window.lo + (place - first);
    if (isNew && earlier >= minSupport) return { value: earlier, fires: true };
  }
  return { value: first - window.lo, fires: false };
}

/** The value: the greatest distance, in metres. */
function measureTravel(node: Node, window: Window, minDistanceM: number): Measured {
  let farthest = 0;
  let fires = false;
  for (const place of lastInstant(window)) {
    if (place === window.lo) continue;
    const distance = distanceM(placeOf(window, place - 1), placeOf(window, place));
    const ms = (window.ts[place] ?? 0) - (window.ts[place - 1] ?? 0);
    if (distance < minDistanceM || !speedHolds(distance, ms, node.comparisons)) continue;
    farthest = Math.max(farthest, distance);
    fires = true;
  }
  return { value: farthest, fires };
}

function placeOf(window: Window, at: number): readonly [number, number] {
  const [lat = 0, lon = 0] = (window.texts?.[at] ?? "").split(" ").map(Number);
  return [lat, lon];
}

/** The value: the aggregate that the condition names first. */
function measureRatio(analytic: Analytic & { kind: "ratio" }, window: Window): Measured {
  const numbers = new Map(
    analytic.aggregates.map(({ name }, i) => [name, window.parts?.[i] ?? 0] as const),
  );
  const value = numbers.get(analytic.aggregates[0]?.name ?? "") ?? 0;
  return { value, fires: ratioHolds(analytic.condition, (name) => numbers.get(name) ?? 0) };
}

function ratioHolds(expr: RatioExpr, read: (name: string) => number): boolean {
  switch (expr.kind) {
    case "and":
      return ratioHolds(expr.left, read) && ratioHolds(expr.right, read);
    case "or":
      return ratioHolds(expr.left, read) || ratioHolds(expr.right, read);
    case "not":
      return !ratioHolds(expr.of, read);
    case "number":
    case "name":
    case "+":
    case "-":
    case "*":
    case "/":
      return false;
    default:
      return comparesTo(expr.kind, ratioNumber(expr.left, read), ratioNumber(expr.right, read));
  }
}

/** A number that is not finite makes its comparison false. */
function comparesTo(
  kind: "lt" | "lte" | "gt" | "gte" | "eq" | "neq",
  a: number,
  b: number,
): boolean {
  if (!Number.isFinite(a) || !Number.isFinite(b)) return false;
  return { lt: a < b, lte: a <= b, gt: a > b, gte: a >= b, eq: a === b, neq: a !== b }[kind];
}

function ratioNumber(expr: RatioExpr, read: (name: string) => number): number {
  switch (expr.kind) {
    case "number":
      return expr.value;
    case "name":
      return read(expr.name);
    case "+":
      return ratioNumber(expr.left, read) + ratioNumber(expr.right, read);
    case "-":
      return ratioNumber(expr.left, read) - ratioNumber(expr.right, read);
    case "*":
      return ratioNumber(expr.left, read) * ratioNumber(expr.right, read);
    case "/":
      return ratioNumber(expr.left, read) / ratioNumber(expr.right, read);
    default:
      return Number.NaN;
  }
}
