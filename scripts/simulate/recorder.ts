// Turns what happens into complete events: envelope, wall clock, opening hours, stable ids, in one place.

import type { EventDraft } from "../../core/event.ts";
import type { EventType } from "../../core/event-fields.ts";
import { FIELD_SPECS } from "../../core/event-fields.ts";
import { zoneOffsetMs } from "../../core/time.ts";
import { DAY_MS, momentOf } from "./opening.ts";
import type { ShopStaff, ShopStore } from "./shop.ts";

/** An event of the simulator; `label` is the truth about it: which attack it belongs to, none when honest. */
export type SimulatedEvent = {
  draft: EventDraft & { event_id: string };
  label?: { attack: string; id: string };
};

export type Place = {
  store?: ShopStore;
  terminal_id?: string;
  staff?: ShopStaff;
  shift_id?: string;
  ticket_id?: string;
  customer_id?: string;
};

export type Fields = Omit<EventDraft, "event_type" | "ts" | "event_id">;
export type Recorder = (
  place: Place,
  ts: number,
  event_type: EventType,
  fields: Fields,
) => SimulatedEvent;

const dayTexts = new Map<number, string>();

/** `YYYY-MM-DD` of a day number; the same few days are asked for again and again. */
function dayText(day: number): string {
  let text = dayTexts.get(day);
  if (text === undefined) {
    text = new Date(day * DAY_MS).toISOString().slice(0, 10);
    if (dayTexts.size > 1000) dayTexts.clear();
    dayTexts.set(day, text);
  }
  return text;
}

const pad = (n: number, width: number) => String(n).padStart(width, "0");

function clockText(wallMs: number, day: number): string {
  const ms = wallMs - day * DAY_MS;
  const hour = Math.floor(ms / 3_600_000);
  const minute = Math.floor(ms / 60_000) % 60;
  const second = Math.floor(ms / 1000) % 60;
  return `${dayText(day)}T${pad(hour, 2)}:${pad(minute, 2)}:${pad(second, 2)}.${pad(ms % 1000, 3)}`;
}

function addPlace(draft: EventDraft, store: ShopStore, ts: number): void {
  const wall = ts + zoneOffsetMs(ts, store.zone);
  const day = Math.floor(wall / DAY_MS);
  const moment = momentOf(store, ts);
  draft.ts_local = clockText(wall, day);
  draft.local_hour = Math.floor((wall - day * DAY_MS) / 3_600_000);
  draft.business_day = dayText(moment.day);
  draft.business_month = draft.business_day.slice(0, 7);
  draft.store_id = store.id;
  draft.store_lat = store.lat;
  draft.store_lon = store.lon;
  draft.in_opening_hours = moment.open;
  if (moment.phase !== undefined) draft.opening_phase = moment.phase;
}

/** Who and at which till. Written field by field: this is the hottest code of the simulator. */
function addPeople(draft: EventDraft, place: Place): void {
  const { staff } = place;
  if (place.terminal_id !== undefined) draft.terminal_id = place.terminal_id;
  if (place.shift_id !== undefined) draft.shift_id = place.shift_id;
  if (place.ticket_id !== undefined) draft.ticket_id = place.ticket_id;
  if (place.customer_id !== undefined) draft.customer_id = place.customer_id;
  if (staff === undefined) return;
  draft.cashier_id = staff.cashier_id;
  draft.staff_role = staff.role;
  draft.cashier_active = staff.active;
  draft.clocked_in = place.shift_id !== undefined || staff.role === "manager";
}

const MONEY = new Set(
  [...FIELD_SPECS].filter(([, spec]) => spec.kind === "m").map(([name]) => name),
);

function hasMoney(fields: Fields): boolean {
  for (const name in fields) if (MONEY.has(name)) return true;
  return false;
}

/**
 * A recorder whose ids are `<run>-<running number>`: they sort in the order of recording.
 * In: run, unique for this seed and window, short; currency of the business. Every event gets what the door would
 * add (wall clock, opening hours, role), so that rules can be tried without the door; it may work these out again.
 */
export function makeRecorder(
  run: string,
  currency: string,
  label?: SimulatedEvent["label"],
): Recorder {
  let count = 0;
  return (place, ts, event_type, fields) => {
    count += 1;
    const draft: SimulatedEvent["draft"] = {
      event_id: `${run}-${count.toString(36).padStart(6, "0")}`,
      event_type,
      ts,
    };
    if (place.store !== undefined) addPlace(draft, place.store, ts);
    addPeople(draft, place);
    Object.assign(draft, fields);
    if (hasMoney(fields)) draft.currency = place.store?.currency ?? currency;
    return label === undefined ? { draft } : { draft, label };
  };
}

/** Time order, then id: the order in which rules see events. */
export function compareSimulated(a: SimulatedEvent, b: SimulatedEvent): number {
  return a.draft.ts - b.draft.ts || (a.draft.event_id < b.draft.event_id ? -1 : 1);
}
