// A person's act on an alert: decided by the life-cycle, kept with its audit entry in one transaction.
import type { ActOnAlert, AlertAct } from "../core/alert.ts";
import { maskCardData } from "../core/card-data.ts";
import { readAlertForUpdate, saveAlert } from "../stores/alerts.ts";
import { appendAudit } from "../stores/audit-log.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { type Input, next } from "./lifecycle.ts";

/** Longest reason that is kept, in characters. */
export const MAX_REASON = 2000;

export function makeActOnAlert({ db, now }: { db: Postgres; now: () => number }): ActOnAlert {
  return async ({ merchantId, alertId }, act, { actor, address }) =>
    await db.transaction().execute(async (trx) => {
      const before = await readAlertForUpdate(trx, merchantId, alertId);
      const at = now();
      const { alert } = next(before, inputOf(act, actor), at);
      await saveAlert(trx, alert);
      await appendAudit(trx, {
        merchant_id: merchantId,
        actor,
        act: `alert.${act.act}`,
        subject: `alert:${alertId}`,
        at,
        address,
        details: {
          from: before?.state ?? null,
          to: alert.state,
          ...(act.act === "resolve" ? { label: act.label, reason: alert.reason } : {}),
        },
      });
      return alert;
    });
}

function inputOf(act: AlertAct, by: string): Input {
  switch (act.act) {
    case "acknowledge":
      return { kind: "acknowledge", by };
    case "resolve":
      return { kind: "resolve", by, label: act.label, reason: cleanReason(act.reason) };
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
