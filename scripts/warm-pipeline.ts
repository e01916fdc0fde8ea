// After a restart the door must still know the sales, gift cards and clock-ins of the last days.
import type { Log } from "../core/log.ts";
import type { Pipeline } from "../ingest/pipeline.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import { merchantsWithEvents, readEvents } from "../stores/events.ts";

const BACK_MS = 48 * 3_600_000;
const REMEMBERED_TYPES = ["sale", "tender", "payment", "gift_card", "time_clock", "shift"];

type Given = {
  ch: ClickHouse;
  pipeline: Pick<Pipeline, "warm">;
  now: () => number;
  log: Log;
};

/** Reads the last two days of such events, merchant by merchant, into the pipeline's memory. */
export async function warmPipeline({ ch, pipeline, now, log }: Given): Promise<void> {
  const fromTs = now() - BACK_MS;
  let count = 0;
  for (const merchantId of await merchantsWithEvents(ch, fromTs)) {
    const range = { fromTs, toTs: now(), eventTypes: REMEMBERED_TYPES };
    for await (const events of readEvents(ch, merchantId, range)) {
      pipeline.warm(merchantId, events);
      count += events.length;
    }
  }
  if (count > 0) log.info({ events: count }, "recent sales read back");
}
