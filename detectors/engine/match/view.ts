// One event while rules are tried on it: fields by number, case folded once, leaves judged once.
import type { FieldValue } from "../../../core/event.ts";
import type { FlatEvent } from "./flatten.ts";

/**
 * `values[slot]` and `folded[slot]` (lower case; lists likewise) belong to the event only if `seen[slot]` is its number.
 * `leaves`: per leaf, twice the number of the event that it was last judged for, plus 1 if it was true.
 */
export type View = {
  number: number;
  event: FlatEvent;
  /** UTC ms, when the event's own `ts` field is not meant. */
  ts: number | undefined;
  seen: Float64Array;
  values: (FieldValue | readonly FieldValue[])[];
  folded: (string | readonly string[] | undefined)[];
  leaves: Float64Array;
  /** Slots of the event's fields that rules read, and the values of its other fields. */
  present: number[];
  others: (FieldValue | readonly FieldValue[])[];
};

/** Gives each field name that rules read a number. */
export type Slots = {
  of(field: string): number;
  find(field: string): number | undefined;
  size(): number;
};

export function newSlots(): Slots {
  const numbers = new Map<string, number>();
  return {
    of(field) {
      const known = numbers.get(field);
      if (known !== undefined) return known;
      numbers.set(field, numbers.size);
      return numbers.size - 1;
    },
    find: (field) => numbers.get(field),
    size: () => numbers.size,
  };
}

export const newView = (slots: number, leaves: number): View => ({
  number: 0,
  event: new Map(),
  ts: undefined,
  seen: new Float64Array(slots),
  values: new Array(slots).fill(""),
  folded: new Array(slots).fill(undefined),
  leaves: new Float64Array(leaves),
  present: [],
  others: [],
});

/** Turns the view to another event. */
export function look(
  view: View,
  event: FlatEvent,
  { slots, ts }: { slots: Slots; ts: number | undefined },
): void {
  view.number += 1;
  view.event = event;
  view.ts = ts;
  view.present.length = 0;
  view.others.length = 0;
  for (const [name, value] of event) {
    const slot = slots.find(name);
    if (slot === undefined) {
      view.others.push(value);
      continue;
    }
    view.present.push(slot);
    view.seen[slot] = view.number;
    view.values[slot] = value;
    view.folded[slot] = undefined;
  }
}

/** The field's value, or undefined when it is absent. */
export function valueAt(view: View, slot: number): FieldValue | readonly FieldValue[] | undefined {
  return view.seen[slot] === view.number ? view.values[slot] : undefined;
}

/** The text of a present field in lower case; numbers as decimal text (R11). */
export function foldedAt(view: View, slot: number): string | readonly string[] {
  const known = view.folded[slot];
  if (known !== undefined) return known;
  const value = view.values[slot] as FieldValue | readonly FieldValue[];
  const folded =
    typeof value === "object"
      ? value.map((one) => String(one).toLowerCase())
      : String(value).toLowerCase();
  view.folded[slot] = folded;
  return folded;
}
