// Writes what happened to an alert: the alert, a row of its history and an audit entry, or none of them.
import type { Alert, AlertChangeAct } from "../core/alert.ts";
import { addAlertChange } from "../stores/alert-changes.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";

export type Recorded = {
  act: AlertChangeAct;
  actor: string;
  address: string | null;
  at: number;
  details?: Record<string, string | number | null>;
};

/**
 * Call it in the transaction that saves the alert. What the service opens has no audit entry of its own: the finding is
 * kept, and a storm of thousands would wait for the chain.
 */
export async function recordChange(
  trx: Postgres,
  { before, after }: { before: Alert | undefined; after: Alert },
  { act, actor, address, at, details = {} }: Recorded,
): Promise<void> {
  const { merchant_id, id } = after;
  const from = before?.state ?? null;
  const common = { merchant_id, actor, address, at };
  await addAlertChange(trx, {
    ...common,
    ...{ alert_id: id, act, from_state: from, to_state: after.state, level: after.level, details },
  });
  if (act === "open") return;
  await appendAudit(trx, {
    ...common,
    ...{ act: `alert.${act}`, subject: `alert:${id}` },
    details: { from, to: after.state, ...details },
  });
}
