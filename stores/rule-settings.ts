// What merchants changed about their rules, in Postgres: every change is kept, the newest of each key is in force.
import { sql } from "kysely";
import type { Postgres } from "./connect/postgres.ts";
import type { RuleChangeKind } from "./postgres/rule-tables.ts";

/** `at` is UTC ms. `seq` rises by one a change within its merchant. */
export type RuleChange = {
  seq: number;
  at: number;
  actor: string;
  kind: RuleChangeKind;
  key: string;
  value: Record<string, unknown>;
  reason: string;
};

export type NewRuleChange = Pick<RuleChange, "kind" | "key" | "value" | "reason">;

/**
 * Adds what `decide` makes of what is in force; what it throws goes through and nothing is changed. In the caller's
 * transaction. Writers of one merchant wait for each other, so that whoever sees a number sees every change up to it.
 */
export async function changeRules(
  trx: Postgres,
  merchantId: string,
  by: { actor: string; at: number },
  decide: (inForce: readonly RuleChange[]) => readonly NewRuleChange[],
): Promise<RuleChange[]> {
  const { rows } = await sql<{ seq: number | string }>`
    INSERT INTO tillwatch.rule_counter AS c (merchant_id, seq) VALUES (${merchantId}, 0)
    ON CONFLICT (merchant_id) DO UPDATE SET seq = c.seq RETURNING seq`.execute(trx);
  const newest = Number(rows[0]?.seq);
  const added = decide(await rulesInForce(trx, merchantId)).map((change, nth) => ({
    ...change,
    ...by,
    seq: newest + nth + 1,
  }));
  if (added.length === 0) return [];
  await trx
    .updateTable("rule_counter")
    .set({ seq: newest + added.length })
    .where("merchant_id", "=", merchantId)
    .execute();
  for (let from = 0; from < added.length; from += ROWS_PER_INSERT) {
    const part = added.slice(from, from + ROWS_PER_INSERT);
    const rows = part.map((change) => ({
      ...change,
      merchant_id: merchantId,
      value: JSON.stringify(change.value),
    }));
    await trx.insertInto("rule_change").values(rows).execute();
  }
  return added;
}

const ROWS_PER_INSERT = 200;
const COLUMNS = ["seq", "at", "actor", "kind", "key", "value", "reason"] as const;

/**
 * What is in force, oldest first: the newest change of each key, and of lists every change, since an entry counts as of
 * an event's own time.
 */
export async function rulesInForce(db: Postgres, merchantId: string): Promise<RuleChange[]> {
  const newest = db
    .selectFrom("rule_change")
    .select(COLUMNS)
    .distinctOn(["kind", "key"])
    .where("merchant_id", "=", merchantId)
    .where("kind", "!=", "list")
    .orderBy("kind")
    .orderBy("key")
    .orderBy("seq", "desc");
  const lists = db
    .selectFrom("rule_change")
    .select(COLUMNS)
    .where("merchant_id", "=", merchantId)
    .where("kind", "=", "list");
  const rows = await db
    .selectFrom(newest.as("newest"))
    .selectAll()
    .unionAll(lists)
    .orderBy("seq")
    .execute();
  return rows.map(numbered);
}

/** The changes of one key, newest first; at most 200. */
export async function listRuleChanges(
  db: Postgres,
  merchantId: string,
  of: Pick<RuleChange, "kind" | "key">,
): Promise<RuleChange[]> {
  const rows = await db
    .selectFrom("rule_change")
    .select(COLUMNS)
    .where("merchant_id", "=", merchantId)
    .where("kind", "=", of.kind)
    .where("key", "=", of.key)
    .orderBy("seq", "desc")
    .limit(200)
    .execute();
  return rows.map(numbered);
}

const numbered = <T extends { seq: number; at: number }>(row: T): T => ({
  ...row,
  seq: Number(row.seq),
  at: Number(row.at),
});

/** Number of the newest change of each merchant that has any. */
export async function ruleCounters(db: Postgres): Promise<Map<string, number>> {
  const rows = await db.selectFrom("rule_counter").select(["merchant_id", "seq"]).execute();
  return new Map(rows.map(({ merchant_id, seq }) => [merchant_id, Number(seq)]));
}
