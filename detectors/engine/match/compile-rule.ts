// Rules' expressions as functions over a view of one event. Equal leaves of different rules are judged once an event.
import type { FieldValue } from "../../../core/event.ts";
import { compileTest } from "../live/match.ts";
import type { Expr, GlobPart, ListLookup, Test } from "../plan.ts";
import { compileGlob } from "../read/glob.ts";
import { foldedAt, type Slots, type View, valueAt } from "./view.ts";

export type Judge = (view: View) => boolean;

/** What rules share while they are compiled. */
export type Shop = { slots: Slots; leaves: Map<string, number>; lists: ListLookup | undefined };

export function compileRule(expr: Expr, shop: Shop): Judge {
  switch (expr.kind) {
    case "leaf":
      return remembered(shop, JSON.stringify(expr), compileLeaf(expr.field, expr.test, shop));
    case "keyword":
      return remembered(shop, JSON.stringify(expr), compileKeyword(expr.glob, expr.cased));
    case "not": {
      const of = compileRule(expr.of, shop);
      return (view) => !of(view);
    }
    default:
      return join(
        expr.kind,
        expr.of.map((part) => compileRule(part, shop)),
      );
  }
}

/** Loops are written out for the common lengths, which the compiler of JavaScript then inlines. */
function join(kind: "and" | "or", of: readonly Judge[]): Judge {
  const [first, second] = of;
  if (first !== undefined && second === undefined) return first;
  if (first !== undefined && second !== undefined && of.length === 2) {
    return kind === "and"
      ? (view) => first(view) && second(view)
      : (view) => first(view) || second(view);
  }
  if (kind === "and") {
    return (view) => {
      for (const part of of) if (!part(view)) return false;
      return true;
    };
  }
  return (view) => {
    for (const part of of) if (part(view)) return true;
    return false;
  };
}

function remembered(shop: Shop, key: string, judge: Judge): Judge {
  let leaf = shop.leaves.get(key);
  if (leaf === undefined) {
    leaf = shop.leaves.size;
    shop.leaves.set(key, leaf);
  }
  const index = leaf;
  return (view) => {
    const known = (view.leaves[index] as number) - 2 * view.number;
    if (known >= 0) return known === 1;
    const met = judge(view);
    view.leaves[index] = 2 * view.number + (met ? 1 : 0);
    return met;
  };
}

function compileLeaf(field: string, test: Test, shop: Shop): Judge {
  const slot = shop.slots.of(field);
  switch (test.op) {
    case "exists":
      return (view) => (view.seen[slot] === view.number) === test.present;
    case "null":
      return (view) => view.seen[slot] !== view.number;
    case "is":
      return overText(slot, compileText([String(test.value)], test.cased), test.cased);
    case "like":
      return overText(slot, compileText(test.glob, test.cased), test.cased);
    case "field":
      return compileFieldref(slot, test, shop);
    case "list":
      return compileList(slot, test.list, shop);
    case "re": {
      const fits = compileTest(test);
      return overText(slot, (text) => fits(text, undefined, undefined), true);
    }
    default: {
      const meets = compileTest(test);
      return overValues(slot, (value) => meets(value, undefined, undefined));
    }
  }
}

/** Over text that is folded already, or must not be. */
function compileText(glob: readonly GlobPart[], cased: boolean): (text: string) => boolean {
  const folded = cased
    ? glob
    : glob.map((part) => (typeof part === "string" ? part.toLowerCase() : part));
  return compileGlob(folded, true);
}

/** A list is met by any of its values (R13). */
function overValues(slot: number, meets: (value: FieldValue) => boolean): Judge {
  return (view) => {
    const value = valueAt(view, slot);
    if (value === undefined) return false;
    return typeof value === "object" ? value.some(meets) : meets(value);
  };
}

function overText(slot: number, meets: (text: string) => boolean, raw: boolean): Judge {
  if (raw) return overValues(slot, (value) => meets(String(value)));
  return (view) => {
    if (view.seen[slot] !== view.number) return false;
    const text = foldedAt(view, slot);
    return typeof text === "string" ? meets(text) : text.some(meets);
  };
}

function compileKeyword(glob: readonly GlobPart[], cased: boolean): Judge {
  const fits = compileGlob(glob, cased);
  const meets = (value: FieldValue) => typeof value === "string" && fits(value);
  return (view) => {
    for (const value of view.event.values()) {
      if (typeof value === "object" ? value.some(meets) : meets(value)) return true;
    }
    return false;
  };
}

/** Some value of the field stands in the relation to some value of the other one. */
function compileFieldref(slot: number, test: Test & { op: "field" }, { slots }: Shop): Judge {
  const other = slots.of(test.other);
  const compare = relation(test.how);
  return (view) => {
    const [left, right] = [valueAt(view, slot), valueAt(view, other)];
    if (left === undefined || right === undefined) return false;
    const rights = typeof right === "object" ? right : [right];
    const meets = (value: FieldValue) => rights.some((second) => compare(value, second));
    return typeof left === "object" ? left.some(meets) : meets(left);
  };
}

function relation(how: (Test & { op: "field" })["how"]): (a: FieldValue, b: FieldValue) => boolean {
  const fold = (value: FieldValue) => String(value).toLowerCase();
  switch (how) {
    case "is":
      return (a, b) => fold(a) === fold(b);
    case "contains":
      return (a, b) => fold(a).includes(fold(b));
    case "startswith":
      return (a, b) => fold(a).startsWith(fold(b));
    case "endswith":
      return (a, b) => fold(a).endsWith(fold(b));
    default:
      return (a, b) =>
        typeof b === "number" &&
        compileTest({ op: "compare", compare: how, value: b })(a, undefined, undefined);
  }
}

/** As of the event's `ts`; an event without one is judged by the lists as they are at the end of time. */
function compileList(slot: number, list: string, { lists, slots }: Shop): Judge {
  const time = slots.of("ts");
  return (view) => {
    const ts = view.ts ?? valueAt(view, time);
    const at = typeof ts === "number" ? ts : Number.MAX_SAFE_INTEGER;
    const listed = (value: FieldValue) => lists?.(list, String(value), at) === true;
    const value = valueAt(view, slot);
    if (value === undefined) return false;
    return typeof value === "object" ? value.some(listed) : listed(value);
  };
}
