// Sends what was set aside through the pipeline again, after a fix of ours or of the merchant's set-up.
import type { RawEvent } from "../core/event-body.ts";
import type { EventOutcome, QuarantineReason } from "../core/event-outcome.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import {
  encodeReplayed,
  listQuarantine,
  type QuarantinedRow,
  readQuarantined,
} from "../stores/quarantine.ts";
import type { Spool } from "../stores/spool.ts";
import { ASKED, type Deliveries } from "./deliveries.ts";
import type { Directory } from "./directory.ts";
import type { Pipeline } from "./pipeline.ts";

type ReplayDeps = {
  ch: ClickHouse;
  spool: Pick<Spool, "append" | "flush">;
  pipeline: Pick<Pipeline, "take">;
  deliveries: Pick<Deliveries, "again">;
  directory: Pick<Directory, "source">;
  now: () => number;
};

/** These hold a provider's whole delivery; the others hold one event. */
const WHOLE: ReadonlySet<QuarantineReason> = new Set(["translation_failed", "wrong_account"]);

/**
 * One outcome for each event that came of it. Every row is marked as replayed: one that still does not fit lies in
 * quarantine again, under a new id and with its new reason.
 */
export async function replayQuarantined(
  deps: ReplayDeps,
  merchantId: string,
  which: { ids?: string[] | undefined; reason?: QuarantineReason | undefined },
): Promise<EventOutcome[]> {
  // What is still in the spool cannot be read yet.
  await deps.spool.flush();
  const rows =
    which.ids === undefined
      ? await listQuarantine(deps.ch, merchantId, {
          limit: 1000,
          ...(which.reason === undefined ? {} : { reason: which.reason }),
        })
      : await readQuarantined(deps.ch, merchantId, which.ids);
  const outcomes: EventOutcome[] = [];
  for (const row of rows) {
    if (row.state === "replayed") continue;
    outcomes.push(...(await replayRow(deps, row)));
    await deps.spool.append([{ kind: "quarantine", line: encodeReplayed(row, deps.now()) }]);
  }
  await deps.spool.flush();
  return outcomes;
}

/** What does not fit again is set aside anew, with its new reason, so the old row can go. */
async function replayRow(deps: ReplayDeps, row: QuarantinedRow): Promise<EventOutcome[]> {
  if (WHOLE.has(row.reason)) {
    const found = await deps.directory.source(row.connection_id);
    if (found !== undefined && found.connection.merchant_id === row.merchant_id)
      return (await deps.deliveries.again(found.connection, row.body, row.event_id === ASKED))
        .outcomes;
  }
  return deps.pipeline.take([rawOf(row)], {
    merchantId: row.merchant_id,
    source: row.source,
    ...(row.connection_id === "" ? {} : { connectionId: row.connection_id }),
    // An event that brought no id is named by its place in the quarantine.
    webhookId: row.quarantine_id,
  });
}

function rawOf(row: QuarantinedRow): RawEvent {
  try {
    return { index: 0, value: JSON.parse(row.body) };
  } catch {
    return { index: 0, fault: "not JSON", text: row.body };
  }
}
