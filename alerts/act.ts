// A person's act on an alert: decided by the life-cycle, kept with its history and audit entry in one transaction.
import type { ActOnAlert, Alert, AlertAct } from "../core/alert.ts";
import { maskCardData } from "../core/card-data.ts";
import { addAlertLabel } from "../stores/alert-labels.ts";
import { readAlertForUpdate, saveAlert } from "../stores/alerts.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { type Input, next } from "./lifecycle.ts";
import { recordChange } from "./record-change.ts";

/** Longest reason that is kept, in characters. */
export const MAX_REASON = 2000;

export function makeActOnAlert({ db, now }: { db: Postgres; now: () => number }): ActOnAlert {
  return async (on, act, by) =>
    await db.transaction().execute((trx) => actOnAlert(trx, on, act, { ...by, at: now() }));
}

/** As {@link ActOnAlert}, in the caller's transaction. */
export async function actOnAlert(
  trx: Postgres,
  { merchantId, alertId }: { merchantId: string; alertId: string },
  act: AlertAct,
  { actor, address, at }: { actor: string; address: string | null; at: number },
): Promise<Alert> {
  const before = await readAlertForUpdate(trx, merchantId, alertId);
  const input = inputOf(act, actor);
  const { alert } = next(before, input, at);
  await saveAlert(trx, alert);
  const details = detailsOf(act, alert);
  await recordChange(trx, { before, after: alert }, { act: act.act, actor, address, at, details });
  if (act.act === "resolve" || act.act === "reopen") {
    const verdict = { kind: "verdict", actor, label: alert.label, known_at: at } as const;
    const nobodyElse = { event_id: null, about: null, reason_code: null };
    await addAlertLabel(trx, { merchantId, alertId }, { ...verdict, ...nobodyElse });
  }
  return alert;
}

function inputOf(act: AlertAct, by: string): Input {
  switch (act.act) {
    case "acknowledge":
    case "start":
    case "reopen":
      return { kind: act.act, by };
    case "resolve":
      return { kind: "resolve", by, label: act.label, reason: cleanReason(act.reason) };
    case "snooze":
      return { kind: "snooze", by, until: act.until, reason: cleanReason(act.reason) };
  }
}

function detailsOf(act: AlertAct, alert: Alert): Record<string, string | number | null> {
  switch (act.act) {
    case "acknowledge":
    case "start":
      return {};
    case "resolve":
      return { label: alert.label, reason: alert.reason };
    case "reopen":
      return { reason: cleanReason(act.reason) };
    case "snooze":
      return { until: alert.snoozed_until, reason: alert.snooze_reason };
  }
}

/** People paste what lies before them: a card number in a note is masked. Line breaks stay, other controls go. */
function cleanReason(reason: string | null): string | null {
  const text = (reason ?? "")
    .slice(0, MAX_REASON)
    .toWellFormed()
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{C}\n\t]/gu, "")
    .trim();
  return text === "" ? null : maskCardData(text).text;
}
