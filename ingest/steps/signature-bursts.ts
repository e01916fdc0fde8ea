// Notices when one connection gets many deliveries with bad signatures in a short time.
import type { EventDraft } from "../../core/event.ts";
import { contentId } from "../../core/ids.ts";
import type { SourceConnection } from "../../core/merchant.ts";

const WINDOW_MS = 5 * 60_000;
const MANY = 10;
const MOST_CONNECTIONS = 10_000;

export type SignatureBursts = {
  /** Counts one bad signature. Out: an event to store when it is the one that makes a burst, at most one an hour. */
  count(connection: SourceConnection, nowMs: number): EventDraft | undefined;
};

export function signatureBursts(): SignatureBursts {
  const counts = new Map<string, { since: number; count: number }>();
  return {
    count(connection, nowMs) {
      const held = counts.get(connection.id);
      const running = held !== undefined && nowMs - held.since < WINDOW_MS;
      const count = running ? held.count + 1 : 1;
      if (counts.size >= MOST_CONNECTIONS) counts.clear();
      counts.set(connection.id, { since: running ? held.since : nowMs, count });
      return count === MANY ? report(connection, nowMs) : undefined;
    },
  };
}

function report({ id, kind }: SourceConnection, nowMs: number): EventDraft {
  return {
    event_type: "control_failed",
    event_id: contentId("bad_signatures", id, Math.floor(nowMs / 3_600_000)),
    ts: nowMs,
    control: "source",
    attributes: { cause: "many bad signatures", source_kind: kind, connection_id: id },
  };
}
