// What providers are asked for, in Postgres: what is due, who asks, how far it was read, and what went wrong.
import type { Selectable } from "kysely";
import { AppError } from "../core/errors.ts";
import type { SourceConnection } from "../core/merchant.ts";
import type { Postgres } from "./connect/postgres.ts";
import { seal, unseal } from "./connect/seal.ts";
import type { AskingTable } from "./postgres/asking-tables.ts";
import { toConnection } from "./sources.ts";

export type AskingRow = Selectable<AskingTable>;
/** Names one row; what a job carries. */
export type AskingKey = Pick<AskingRow, "merchant_id" | "source_id" | "what">;
/** A job and when it shall wake somebody. */
export type AskingDue = AskingKey & Pick<AskingRow, "next_at" | "wanted">;
export type AskedSource = { connection: SourceConnection; token: string; host: string | null };

/** So many objects may wait for one source: addresses without signatures could be flooded. */
export const MOST_WAITING = 1000;

const DUE = ["merchant_id", "source_id", "what", "next_at", "wanted"] as const;
const tokenOwner = (sourceId: string) => `${sourceId}:token`;

/** Keeps what the provider's API is asked with, sealed. Throws NOT_FOUND. */
export async function setToken(
  db: Postgres,
  of: { merchantId: string; sourceId: string; token: string; host: string | null },
  sealKey: string,
): Promise<void> {
  const done = await db
    .updateTable("source")
    .set({ token: seal(of.token, sealKey, tokenOwner(of.sourceId)), ask_host: of.host })
    .where("merchant_id", "=", of.merchantId)
    .where("id", "=", of.sourceId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw new AppError("NOT_FOUND", "This merchant has no such source.");
}

/** The connection and its token, or undefined where there is none of either. Throws SECRET_MISSING with another SEAL_KEY. */
export async function findAskedSource(
  db: Postgres,
  { merchant_id, source_id }: Pick<AskingKey, "merchant_id" | "source_id">,
  sealKey: string,
): Promise<AskedSource | undefined> {
  const row = await db
    .selectFrom("source")
    .selectAll()
    .where("merchant_id", "=", merchant_id)
    .where("id", "=", source_id)
    .executeTakeFirst();
  if (row === undefined || row.token === null) return undefined;
  const token = unseal(row.token, sealKey, tokenOwner(source_id));
  return { connection: toConnection(row), token, host: row.ask_host };
}

/** Begins to read lists again and again, at once; those that are there go on where they are, at once too. */
export async function startPolls(
  db: Postgres,
  of: Pick<AskingKey, "merchant_id" | "source_id">,
  whats: readonly string[],
  nowMs: number,
): Promise<void> {
  if (whats.length === 0) return;
  await db
    .insertInto("asking")
    .values(whats.map((what) => newRow({ ...of, what }, { once: false, nowMs })))
    .onConflict((on) =>
      on.columns(["merchant_id", "source_id", "what"]).doUpdateSet({ next_at: nowMs, failures: 0 }),
    )
    .execute();
}

/** Notes objects that a delivery named. Out: what to wake for; undefined when too many wait already. */
export async function wantObjects(
  db: Postgres,
  of: Pick<AskingKey, "merchant_id" | "source_id">,
  whats: readonly string[],
  nowMs: number,
): Promise<AskingDue[] | undefined> {
  const waiting = await db
    .selectFrom("asking")
    .select((select) => select.fn.countAll<number>().as("count"))
    .where("merchant_id", "=", of.merchant_id)
    .where("source_id", "=", of.source_id)
    .where("once", "=", true)
    .executeTakeFirstOrThrow();
  if (Number(waiting.count) + whats.length > MOST_WAITING) return undefined;
  return db
    .insertInto("asking")
    .values(whats.map((what) => newRow({ ...of, what }, { once: true, nowMs })))
    .onConflict((on) =>
      on
        .columns(["merchant_id", "source_id", "what"])
        .doUpdateSet((set) => ({ wanted: set("asking.wanted", "+", 1), next_at: nowMs })),
    )
    .returning(DUE)
    .execute();
}

function newRow(key: AskingKey, { once, nowMs }: { once: boolean; nowMs: number }) {
  return {
    ...key,
    once,
    cursor: null,
    next_at: nowMs,
    claim: null,
    last_ok_at: null,
    last_error: null,
    last_error_at: null,
    created_at: nowMs,
  };
}

/**
 * Makes the caller, named by `claim`, the only one who asks that source until then. Undefined: it is not due, or the source
 * is being asked by somebody.
 */
export async function claimAsking(
  db: Postgres,
  key: AskingKey,
  claim: { name: string; untilMs: number },
  nowMs: number,
): Promise<AskingRow | undefined> {
  return db.transaction().execute(async (trx) => {
    // Two rows of one source wait for each other here, so that both see the other's claim.
    const source = await trx
      .selectFrom("source")
      .select("id")
      .where("merchant_id", "=", key.merchant_id)
      .where("id", "=", key.source_id)
      .forUpdate()
      .executeTakeFirst();
    if (source === undefined) return undefined;
    const busy = await trx
      .selectFrom("asking")
      .select("what")
      .where("merchant_id", "=", key.merchant_id)
      .where("source_id", "=", key.source_id)
      .where("claimed_until", ">", nowMs)
      .executeTakeFirst();
    if (busy !== undefined) return undefined;
    return trx
      .updateTable("asking")
      .set({ claim: claim.name, claimed_until: claim.untilMs })
      .where("merchant_id", "=", key.merchant_id)
      .where("source_id", "=", key.source_id)
      .where("what", "=", key.what)
      .where("next_at", "<=", nowMs)
      .returningAll()
      .executeTakeFirst();
  });
}

/** How far it was read, after that is on disk; keeps the claim. False: somebody else has the source by now. */
export async function saveCursor(
  db: Postgres,
  key: AskingKey,
  cursor: string | null,
  claim: { name: string; untilMs: number },
): Promise<boolean> {
  const row = await db
    .updateTable("asking")
    .set({ cursor, claimed_until: claim.untilMs })
    .where("merchant_id", "=", key.merchant_id)
    .where("source_id", "=", key.source_id)
    .where("what", "=", key.what)
    .where("claim", "=", claim.name)
    .returning("what")
    .executeTakeFirst();
  return row !== undefined;
}

export type AskingEnd = { next_at: number; failures: number } & (
  | { ok: true; last_ok_at: number }
  | { ok: false; last_error: string; last_error_at: number }
);

/** Gives the claim back. Undefined: it was lost before. */
export async function releaseAsking(
  db: Postgres,
  key: AskingKey,
  claim: string,
  end: AskingEnd,
): Promise<AskingDue | undefined> {
  const { ok, ...change } = end;
  return db
    .updateTable("asking")
    .set({
      ...change,
      ...(ok ? { last_error: null } : {}),
      claim: null,
      claimed_until: 0,
    })
    .where("merchant_id", "=", key.merchant_id)
    .where("source_id", "=", key.source_id)
    .where("what", "=", key.what)
    .where("claim", "=", claim)
    .returning(DUE)
    .executeTakeFirst();
}

/** An object that was asked for is done, unless it was named again meanwhile; then it is due again. */
export async function endAsking(
  db: Postgres,
  key: AskingKey,
  { claim, wanted }: { claim: string; wanted: number },
): Promise<AskingDue | undefined> {
  const gone = await db
    .deleteFrom("asking")
    .where("merchant_id", "=", key.merchant_id)
    .where("source_id", "=", key.source_id)
    .where("what", "=", key.what)
    .where("claim", "=", claim)
    .where("wanted", "=", wanted)
    .returning("what")
    .executeTakeFirst();
  if (gone !== undefined) return undefined;
  return db
    .updateTable("asking")
    .set({ claim: null, claimed_until: 0, cursor: null })
    .where("merchant_id", "=", key.merchant_id)
    .where("source_id", "=", key.source_id)
    .where("what", "=", key.what)
    .where("claim", "=", claim)
    .returning(DUE)
    .executeTakeFirst();
}

/** What is due now and nobody has, oldest first; of one source or of all. */
export async function dueAsking(
  db: Postgres,
  nowMs: number,
  sourceId?: string,
): Promise<AskingDue[]> {
  let query = db
    .selectFrom("asking")
    .select(DUE)
    .where("next_at", "<=", nowMs)
    .where("claimed_until", "<=", nowMs);
  if (sourceId !== undefined) query = query.where("source_id", "=", sourceId);
  return query
    .orderBy("next_at")
    .limit(sourceId === undefined ? 500 : 1)
    .execute();
}

/** A merchant's rows, for people. */
export async function listAsking(db: Postgres, merchantId: string): Promise<AskingRow[]> {
  return db
    .selectFrom("asking")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("source_id")
    .orderBy("what")
    .execute();
}
