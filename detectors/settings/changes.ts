// Carries a merchant's changes of its rules out: checked, written down with who and why, and in the audit log.
import { appendAudit } from "../../stores/audit-log.ts";
import type { Postgres } from "../../stores/connect/postgres.ts";
import { changeRules, type RuleChange } from "../../stores/rule-settings.ts";
import type { Decided, Standing } from "../engine/tune/change.ts";
import { settingsOf } from "../engine/tune/settings.ts";
import type { Tuner } from "../engine/tune/tuned.ts";

export type ChangeDeps = { db: Postgres; tuner: Tuner; now: () => number };

/** Who asks; as the audit log has it. */
export type By = { merchantId: string; actor: string; address: string | null };

/** `decide`: one of the decisions of engine/tune/change.ts; what it throws changes nothing. Out: what was written. */
export async function change(
  { db, tuner, now }: ChangeDeps,
  { merchantId, actor, address }: By,
  decide: (standing: Standing) => readonly Decided[],
): Promise<RuleChange[]> {
  const at = now();
  return await db.transaction().execute(async (trx) => {
    const changes = await changeRules(trx, merchantId, { actor, at }, (inForce) =>
      decide({ settings: settingsOf(inForce), tuner, now: at }).map((one) => ({
        ...one,
        value: { ...one.value },
      })),
    );
    for (const { kind, key, reason, seq, value } of changes) {
      const details = { seq, reason, change: JSON.stringify(value).slice(0, 2000) };
      const entry = { merchant_id: merchantId, actor, at, address, details };
      await appendAudit(trx, { ...entry, act: `rules.${kind}`, subject: `${kind}:${key}` });
    }
    return changes;
  });
}
