// A merchant's routing rules, its on-call list, and the deadlines of alerts that wait for somebody to acknowledge.
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { OnCall, RoutingRule } from "../core/routing.ts";
import type { Postgres } from "./connect/postgres.ts";

export type RoutingRow = { id: string; rule: RoutingRule };

/** Oldest first. */
export async function listRoutingRules(db: Postgres, merchantId: string): Promise<RoutingRow[]> {
  const rows = await db
    .selectFrom("routing_rule")
    .select(["id", "body"])
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
  return rows.map(({ id, body }) => ({ id, rule: RoutingRule.parse(body) }));
}

export async function addRoutingRule(
  db: Postgres,
  merchantId: string,
  rule: RoutingRule,
  nowMs: number,
): Promise<RoutingRow> {
  const id = newId("rt", nowMs);
  const body = JSON.stringify(rule);
  const row = { merchant_id: merchantId, id, body, created_at: nowMs };
  await db.insertInto("routing_rule").values(row).execute();
  return { id, rule };
}

/** Throws NOT_FOUND. */
export async function removeRoutingRule(
  db: Postgres,
  merchantId: string,
  id: string,
): Promise<void> {
  const done = await db
    .deleteFrom("routing_rule")
    .where("merchant_id", "=", merchantId)
    .where("id", "=", id)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw new AppError("NOT_FOUND", "This merchant has no such rule.");
}

export async function readOnCall(db: Postgres, merchantId: string): Promise<OnCall | null> {
  const row = await db
    .selectFrom("on_call")
    .select("body")
    .where("merchant_id", "=", merchantId)
    .executeTakeFirst();
  return row === undefined ? null : OnCall.parse(row.body);
}

/** Null takes the list away. */
export async function setOnCall(
  db: Postgres,
  merchantId: string,
  list: OnCall | null,
  nowMs: number,
): Promise<void> {
  if (list === null) {
    await db.deleteFrom("on_call").where("merchant_id", "=", merchantId).execute();
    return;
  }
  const row = { body: JSON.stringify(list), set_at: nowMs };
  await db
    .insertInto("on_call")
    .values({ merchant_id: merchantId, ...row })
    .onConflict((conflict) => conflict.column("merchant_id").doUpdateSet(row))
    .execute();
}
