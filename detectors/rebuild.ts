// Brings a merchant's engine back to where it stood: windows from history in silence, then the rest aloud.
import type { Event } from "../core/event.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import { readEvents, receivedAfter } from "../stores/events.ts";
import type { Position } from "../stores/findings.ts";
import type { Engine } from "./engine/live/engine.ts";

export type History = { ch: ClickHouse; merchantId: string };

/**
 * Fills the windows as of the position's instant: for each event type only as far back as a rule can see. Events that
 * were received after the position's second mark are left out here: they are late (see `lateEvents`).
 */
export async function fillWindows(
  { ch, merchantId }: History,
  engine: Engine,
  position: Position,
): Promise<void> {
  const reach = engine.reachByType();
  const spans = [...new Set(reach.values())].sort((a, b) => b - a);
  for (const [i, span] of spans.entries()) {
    const next = spans[i + 1];
    const range = {
      fromTs: position.instant - span,
      toTs: next === undefined ? position.instant : position.instant - next - 1,
      eventTypes: [...reach].filter(([, far]) => far >= span).map(([type]) => type),
    };
    for await (const instant of instantsOf(readEvents(ch, merchantId, range))) {
      const known = instant.filter((event) => event.received_ts <= position.received_ts);
      engine.absorb(known);
    }
  }
}

/** What happened up to the instant but was not yet judged when the position was saved. */
export async function lateEvents(
  { ch, merchantId }: History,
  position: Position,
): Promise<Event[]> {
  const late: Event[] = [];
  const { instant, received_ts } = position;
  for await (const batch of receivedAfter(ch, merchantId, received_ts, instant))
    late.push(...batch);
  return late;
}

/** What lies behind the instant, one instant at a time. */
export function eventsBehind(
  { ch, merchantId }: History,
  position: Position,
): AsyncGenerator<Event[]> {
  const range = { fromTs: position.instant + 1, toTs: Number.MAX_SAFE_INTEGER };
  return instantsOf(readEvents(ch, merchantId, range));
}

/** Batches in order, cut where the time changes. */
export async function* instantsOf(batches: AsyncIterable<Event[]>): AsyncGenerator<Event[]> {
  let instant: Event[] = [];
  for await (const batch of batches) {
    for (const event of batch) {
      if (instant[0] !== undefined && instant[0].ts !== event.ts) {
        yield instant;
        instant = [];
      }
      instant.push(event);
    }
  }
  if (instant.length > 0) yield instant;
}
