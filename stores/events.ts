// Questions about stored events.
import type { Event, FieldValue } from "../core/event.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";

/** Times are UTC ms on `ts`, both ends included. `where`: all pairs must hold; fields are ANDed. */
export type EventRange = {
  fromTs: number;
  toTs: number;
  eventTypes?: readonly string[];
  where?: readonly Record<string, FieldValue>[];
};

/** Events in the order in which rules see them, (ts, event_id), in batches. */
export declare function readEvents(ch: ClickHouse, merchantId: string, range: EventRange): AsyncIterable<Event[]>;
/** Events received after `receivedTs` that happened at or before `throughTs`, in (ts, event_id) order, in batches. */
export declare function receivedAfter(ch: ClickHouse, merchantId: string, receivedTs: number, throughTs: number): AsyncIterable<Event[]>;
/** One event by its id, or undefined. */
export declare function findEvent(ch: ClickHouse, merchantId: string, eventId: string): Promise<Event | undefined>;
/** Newest first. `limit` at most 1000. */
export declare function listEvents(ch: ClickHouse, merchantId: string, page: { from: number; to: number; limit: number; eventTypes?: readonly string[] }): Promise<Event[]>;
/** Merchants that have an event with ts at or after `sinceTs`. */
export declare function merchantsWithEvents(ch: ClickHouse, sinceTs: number): Promise<string[]>;
