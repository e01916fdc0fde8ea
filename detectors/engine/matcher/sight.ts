// One event as the rules see it: a numbered place for each field that a rule names, texts folded at most once.
import type { FieldValue } from "../../../core/event.ts";
import type { FlatEvent } from "./flatten.ts";

export type Value = FieldValue | readonly FieldValue[];

/** `place` is given out while rules are compiled; the rest is asked while an event is open. */
export type Sight = {
  place(field: string): number;
  open(event: FlatEvent, ts: number): void;
  read(place: number): Value | undefined;
  /** The lower-case text (or canonical number) of a field with one value; undefined for lists, booleans, absent ones. */
  folded(place: number): string | undefined;
  /** Places of the open event that some rule names. */
  present(): readonly number[];
  /** Values of the fields that no rule names. */
  others(): readonly Value[];
  event(): FlatEvent;
  ts(): number;
  /** A number of the open event, never twice the same. */
  round(): number;
};

export function newSight(): Sight {
  const places = new Map<string, number>();
  const values: (Value | undefined)[] = [];
  const texts: (string | undefined)[] = [];
  let present: number[] = [];
  let others: Value[] = [];
  let event: FlatEvent = new Map();
  let ts = 0;
  let round = 0;
  return {
    place(field) {
      const known = places.get(field);
      if (known !== undefined) return known;
      const place = places.size;
      places.set(field, place);
      values.push(undefined);
      texts.push(undefined);
      return place;
    },
    open(next, time) {
      for (const place of present) {
        values[place] = undefined;
        texts[place] = undefined;
      }
      present = [];
      others = [];
      for (const [name, value] of next) {
        const place = places.get(name);
        if (place === undefined) others.push(value);
        else {
          values[place] = value;
          present.push(place);
        }
      }
      event = next;
      ts = time;
      round += 1;
    },
    read: (place) => values[place],
    folded(place) {
      const known = texts[place];
      if (known !== undefined) return known;
      const value = values[place];
      if (typeof value === "string") texts[place] = value.toLowerCase();
      else if (typeof value === "number") texts[place] = String(value);
      return texts[place];
    },
    present: () => present,
    others: () => others,
    event: () => event,
    ts: () => ts,
    round: () => round,
  };
}
