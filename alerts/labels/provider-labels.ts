// Turns chargebacks and early fraud warnings into labels of the alerts that show the payment; a person's verdict stays as it is.
import { setTimeout as sleep } from "node:timers/promises";
import type { Log } from "../../core/log.ts";
import { addAlertLabel, alertsShowing } from "../../stores/alert-labels.ts";
import { appendAudit } from "../../stores/audit-log.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import {
  type Dispute,
  disputesAfter,
  eventsOfPayments,
  merchantsWithDisputes,
} from "../../stores/disputes.ts";
import { moveLabelPosition, readLabelPosition } from "../../stores/label-positions.ts";
import { DISPUTE_WINDOW_MS, labelOf, matchDisputes } from "./match-disputes.ts";

export type ProviderLabelDeps = { db: Postgres; ch: ClickHouse; now: () => number; log: Log };

export type ProviderLabels = { close(): Promise<void> };

const EVERY_MS = 60_000;
/** Looked at again each time: the spool stores out of order, and an alert may open after the dispute about it. */
const OVERLAP_MS = 3_600_000;
const PAGE = 200;

export function startProviderLabels(deps: ProviderLabelDeps, everyMs = EVERY_MS): ProviderLabels {
  const stop = new AbortController();
  const { signal } = stop;
  const running = (async () => {
    let since = 0;
    for (;;) {
      const from = deps.now();
      try {
        await labelFromDisputes(deps, since, signal);
        since = Math.max(0, from - OVERLAP_MS);
      } catch (err) {
        if (!signal.aborted) deps.log.warn({ err }, "disputes could not be turned into labels");
      }
      await sleep(everyMs, undefined, { signal });
    }
  })().catch(() => undefined);
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

/** One round over all merchants that received a dispute since then, UTC ms. Out: how many labels are new. Repeating it adds none. */
export async function labelFromDisputes(
  deps: ProviderLabelDeps,
  sinceTs: number,
  signal?: AbortSignal,
): Promise<number> {
  let added = 0;
  for (const { merchantId, newestTs } of await merchantsWithDisputes(deps.ch, sinceTs)) {
    const reached = (await readLabelPosition(deps.db, merchantId)) ?? 0;
    added += await labelMerchant(deps, merchantId, reached - OVERLAP_MS, signal);
    await moveLabelPosition(deps.db, merchantId, newestTs);
  }
  return added;
}

async function labelMerchant(
  deps: ProviderLabelDeps,
  merchantId: string,
  fromTs: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  let added = 0;
  let after = { receivedTs: fromTs, eventId: "" };
  for (;;) {
    signal?.throwIfAborted();
    const disputes = await disputesAfter(deps.ch, merchantId, after, PAGE);
    added += await labelPage(deps, merchantId, disputes);
    const last = disputes.at(-1);
    if (last === undefined || disputes.length < PAGE) return added;
    after = { receivedTs: last.received_ts, eventId: last.event_id };
  }
}

async function labelPage(
  { db, ch, now }: ProviderLabelDeps,
  merchantId: string,
  disputes: readonly Dispute[],
): Promise<number> {
  if (disputes.length === 0) return 0;
  const times = disputes.map(({ ts }) => ts);
  const span = {
    fromTs: Math.min(...times) - DISPUTE_WINDOW_MS,
    toTs: Math.max(...times),
  };
  const events = await eventsOfPayments(ch, merchantId, {
    ...span,
    payments: disputes.flatMap(({ payment_id }) => payment_id ?? []),
    cards: disputes.flatMap(({ payment_id, card_token }) =>
      payment_id === null ? (card_token ?? []) : [],
    ),
  });
  const about = matchDisputes(disputes, events);
  const showing = await alertsShowing(db, merchantId, [...about.keys()], span.fromTs);
  if (showing.length === 0) return 0;
  return await db.transaction().execute(async (trx) => {
    let added = 0;
    for (const { alertId, eventIds } of showing) {
      const told = new Set(eventIds.flatMap((id) => about.get(id) ?? []));
      for (const dispute of told) {
        const label = labelOf(dispute);
        if (label === null) continue;
        if (!(await addAlertLabel(trx, { merchantId, alertId }, label))) continue;
        added += 1;
        const entry = { merchant_id: merchantId, actor: label.actor, address: null, at: now() };
        const details = { label: label.label, kind: label.kind, event_id: label.event_id };
        await appendAudit(trx, {
          ...entry,
          ...{ act: "alert.label", subject: `alert:${alertId}`, details },
        });
      }
    }
    return added;
  });
}
