// The last step: stamps what passed, puts it on disk, and only then hands it on, in the order in which it was appended.
import type { Event, EventDraft } from "../../core/event.ts";
import { encodeEvent } from "../../stores/event-columns.ts";
import { risingStamp } from "../../stores/rising-stamp.ts";
import type { Spool, SpoolLine } from "../../stores/spool.ts";
import type { IngestMetrics } from "../metrics.ts";

/** What goes to disk together. Drafts belong to one merchant and source. */
export type Batch = {
  merchantId: string;
  source: string;
  drafts: EventDraft[];
  lines: SpoolLine[];
};

export type AppendDurable = (batch: Batch) => Promise<void>;

type Deps = {
  spool: Pick<Spool, "append">;
  now: () => number;
  /** No stamp is lower: the newest that a former run has judged, or a clock set back since would make events look judged. */
  stampFrom: number;
  metrics: Pick<IngestMetrics, "durable">;
  onDurable(merchantId: string, events: Event[]): void;
};

/** Resolves once the batch is on disk and handed on. Rejects with SPOOL_UNAVAILABLE; then nothing of it counts. */
export function appendDurable({ spool, now, stampFrom, metrics, onDurable }: Deps): AppendDurable {
  const stampNow = risingStamp(stampFrom);
  let handedOn: Promise<void> = Promise.resolve();

  return async (batch) => {
    const { merchantId, source } = batch;
    const startMs = now();
    const receivedTs = stampNow(startMs);
    const events = batch.drafts.map((draft) => stamp(draft, merchantId, source, receivedTs));
    const lines = [...batch.lines];
    for (const event of events) lines.push({ kind: "event", line: encodeEvent(event) });
    if (lines.length === 0) return;
    const synced = spool.append(lines);
    const before = handedOn;
    const mine = (async () => {
      await synced;
      await before;
      metrics.durable((now() - startMs) / 1000);
      if (events.length > 0) onDurable(merchantId, events);
    })();
    handedOn = mine.catch(() => before);
    await mine;
  };
}

/** The draft itself becomes the event: nobody else holds it any more. */
function stamp(draft: EventDraft, merchantId: string, source: string, receivedTs: number): Event {
  draft.merchant_id = merchantId;
  draft.source = source;
  draft.received_ts = receivedTs;
  return draft as Event;
}
