// Deadlines of alerts that wait for somebody to acknowledge: absolute times in rows, so that a restart forgets none.
import { sql } from "kysely";
import type { Postgres } from "./connect/postgres.ts";

export type EscalationKey = { merchant_id: string; alert_id: string };
export type EscalationRow = EscalationKey & { step: number; due_at: number };

/** Begins one; one that is over begins again, one that runs stays as it is. */
export async function beginEscalation(db: Postgres, row: EscalationRow): Promise<void> {
  const { step, due_at } = row;
  await db
    .insertInto("escalation")
    .values({ ...row, ended_at: null })
    .onConflict((conflict) =>
      conflict
        .columns(["merchant_id", "alert_id"])
        .doUpdateSet({ step, due_at, ended_at: null })
        .where("escalation.ended_at", "is not", null),
    )
    .execute();
}

/** The one that is due longest; locked, and left out where another worker has it. */
export async function takeDueEscalation(
  trx: Postgres,
  now: number,
): Promise<EscalationRow | undefined> {
  const { rows } = await sql<EscalationRow>`
    SELECT merchant_id, alert_id, step, due_at FROM tillwatch.escalation
    WHERE ended_at IS NULL AND due_at <= ${now}
    ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`.execute(trx);
  const [row] = rows;
  return row === undefined ? undefined : { ...row, due_at: Number(row.due_at) };
}

/** Null ends it. */
export async function moveEscalation(
  trx: Postgres,
  { merchant_id, alert_id }: EscalationKey,
  next: { step: number; due_at: number } | null,
  now: number,
): Promise<void> {
  await trx
    .updateTable("escalation")
    .set(next ?? { ended_at: now })
    .where("merchant_id", "=", merchant_id)
    .where("alert_id", "=", alert_id)
    .execute();
}
