// One thing that happened. Flat: no arrays, no nulls, absent means absent. Never changed after it is stored.
import type { EventType, FIELDS, FieldKind, FieldName } from "./event-fields.ts";

type ValueOf<K extends FieldKind> = K extends "s" | "l" ? string : K extends "b" ? boolean : number;
type Values = { [F in FieldName]: ValueOf<(typeof FIELDS)[F]["kind"]> };

/** Always there on an event that passed the door. */
type Always = "event_id" | "merchant_id" | "source" | "ts" | "received_ts";

export type FieldValue = string | number | boolean;

/**
 * An accepted event. Units by field kind: see `event-fields.ts`. `attributes` holds what no rule reads: fields that
 * the vocabulary lacks, as text, under the sender's plain names.
 */
export type Event = Pick<Values, Always> & { event_type: EventType } & Partial<
    Omit<Values, Always | "event_type">
  > & { attributes?: Record<string, string> };

/** What a source or sender gives: an event before ingest has added its own fields. `attributes` as in {@link Event}. */
export type EventDraft = { event_type: EventType; ts: number; event_id?: string } & Partial<
  Omit<Values, "event_type" | "ts" | "event_id">
> & { attributes?: Record<string, string> };

/** A field by name, for code that learns names from data (rules, search). Absent gives undefined. */
export function fieldOf(event: Event, name: string): FieldValue | undefined {
  return (event as unknown as Record<string, FieldValue | undefined>)[name];
}

/** The total order in which rules see events: (ts, event_id), ids by code unit. */
export function compareEvents(a: Event, b: Event): number {
  return a.ts - b.ts || (a.event_id < b.event_id ? -1 : a.event_id > b.event_id ? 1 : 0);
}
