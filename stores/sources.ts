// Connections of providers, with their secrets sealed.
import { AppError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { SourceConnection } from "../core/merchant.ts";
import type { Postgres } from "./connect/postgres.ts";
import { seal, unseal } from "./connect/seal.ts";
import type { SourceTable } from "./postgres/tables.ts";

/** `url` may hold `{id}`, which becomes the new connection's id: the address is often known only with it. */
export type NewSource = Pick<
  SourceConnection,
  "merchant_id" | "kind" | "account" | "mode" | "url"
> & { secret: string };

/** `secrets`: the current one, then the previous while it is still accepted. */
export type SourceWithSecrets = { connection: SourceConnection; secrets: string[] };

/** How long a replaced secret is still accepted: providers take a while to switch. */
export const SECRET_OVERLAP_MS = 24 * 3_600_000;

/** Adds a connection. A given account counts as confirmed, since the owner named it. Throws NOT_FOUND without merchant. */
export async function addSource(
  db: Postgres,
  source: NewSource,
  sealKey: string,
  nowMs: number,
): Promise<SourceConnection> {
  const id = newId("src", nowMs);
  const { secret, ...rest } = source;
  const connection: SourceConnection = {
    ...rest,
    id,
    url: source.url.replaceAll("{id}", id),
    account_confirmed: source.account !== null,
    created_at: nowMs,
  };
  const merchant = await db
    .selectFrom("merchant")
    .select("id")
    .where("id", "=", source.merchant_id)
    .executeTakeFirst();
  if (merchant === undefined) throw new AppError("NOT_FOUND", "There is no such merchant.");
  await db
    .insertInto("source")
    .values({
      ...connection,
      secret: seal(secret, sealKey, id),
      previous_secret: null,
      previous_until: null,
      token: null,
      ask_host: null,
      last_error: null,
      last_error_at: null,
    })
    .execute();
  return connection;
}

/**
 * A connection and its secrets, by its id alone: the id stands in the address that the provider posts to, and only the
 * signature decides. Throws SECRET_MISSING when SEAL_KEY is another one.
 */
export async function findSource(
  db: Postgres,
  id: string,
  sealKey: string,
  nowMs: number = Date.now(),
): Promise<SourceWithSecrets | undefined> {
  if (!/^src_[0-9A-Z]{26}$/.test(id)) return undefined;
  const row = await db.selectFrom("source").selectAll().where("id", "=", id).executeTakeFirst();
  if (row === undefined) return undefined;
  const secrets = [unseal(row.secret, sealKey, id)];
  if (row.previous_secret !== null && (row.previous_until ?? 0) > nowMs) {
    secrets.push(unseal(row.previous_secret, sealKey, id));
  }
  return { connection: toConnection(row), secrets };
}

export async function listSources(db: Postgres, merchantId: string): Promise<SourceConnection[]> {
  const rows = await db
    .selectFrom("source")
    .selectAll()
    .where("merchant_id", "=", merchantId)
    .orderBy("id")
    .execute();
  return rows.map(toConnection);
}

/** Puts a new secret in front; the old one is accepted for {@link SECRET_OVERLAP_MS} more. Throws NOT_FOUND. */
export async function replaceSecret(
  db: Postgres,
  of: { merchantId: string; sourceId: string; secret: string },
  sealKey: string,
  nowMs: number,
): Promise<void> {
  const done = await db
    .updateTable("source")
    .set((set) => ({
      previous_secret: set.ref("secret"),
      previous_until: nowMs + SECRET_OVERLAP_MS,
      secret: seal(of.secret, sealKey, of.sourceId),
    }))
    .where("merchant_id", "=", of.merchantId)
    .where("id", "=", of.sourceId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw noSource();
}

/** Notes the account of a first delivery, unconfirmed. One that is there already stays. */
export async function proposeAccount(
  db: Postgres,
  merchantId: string,
  sourceId: string,
  account: string,
): Promise<void> {
  await db
    .updateTable("source")
    .set({ account: account.slice(0, 200), account_confirmed: false })
    .where("merchant_id", "=", merchantId)
    .where("id", "=", sourceId)
    .where("account", "is", null)
    .execute();
}

/** The owner says that the account is theirs. `account` replaces a wrong proposal. Throws NOT_FOUND, CONFLICT. */
export async function confirmAccount(
  db: Postgres,
  merchantId: string,
  sourceId: string,
  account?: string,
): Promise<SourceConnection> {
  const change = account === undefined ? {} : { account };
  const source = (await listSources(db, merchantId)).find(({ id }) => id === sourceId);
  if (source === undefined) throw noSource();
  if ((account ?? source.account) === null) {
    throw new AppError("CONFLICT", "No delivery has named an account yet; name it yourself.");
  }
  const row = await db
    .updateTable("source")
    .set({ ...change, account_confirmed: true })
    .where("merchant_id", "=", merchantId)
    .where("id", "=", sourceId)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw noSource();
  return toConnection(row);
}

export type SourceTrouble = { source_id: string; words: string; at: number };

/** Notes why a delivery was refused: the last reason, for the owner. */
export async function noteTrouble(
  db: Postgres,
  merchantId: string,
  { source_id, words, at }: SourceTrouble,
): Promise<void> {
  await db
    .updateTable("source")
    .set({ last_error: words.slice(0, 500), last_error_at: at })
    .where("merchant_id", "=", merchantId)
    .where("id", "=", source_id)
    .execute();
}

export async function listTroubles(db: Postgres, merchantId: string): Promise<SourceTrouble[]> {
  const rows = await db
    .selectFrom("source")
    .select(["id", "last_error", "last_error_at"])
    .where("merchant_id", "=", merchantId)
    .where("last_error", "is not", null)
    .execute();
  return rows.map(({ id, last_error, last_error_at }) => ({
    source_id: id,
    words: last_error ?? "",
    at: last_error_at ?? 0,
  }));
}

/** Ends a connection: its address answers as if it had never been. Throws NOT_FOUND. */
export async function removeSource(
  db: Postgres,
  merchantId: string,
  sourceId: string,
): Promise<void> {
  const done = await db
    .deleteFrom("source")
    .where("merchant_id", "=", merchantId)
    .where("id", "=", sourceId)
    .returning("id")
    .executeTakeFirst();
  if (done === undefined) throw noSource();
}

/** How many connections real merchants have; the demo merchant trades until there is one. */
export async function countSources(db: Postgres): Promise<number> {
  const { count } = await db
    .selectFrom("source")
    .innerJoin("merchant", "merchant.id", "source.merchant_id")
    .where("merchant.is_demo", "=", false)
    .select((select) => select.fn.countAll<number>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function noSource(): AppError {
  return new AppError("NOT_FOUND", "This merchant has no such source.");
}

/** The row without its secrets. */
export function toConnection(row: SourceTable): SourceConnection {
  return {
    id: row.id,
    merchant_id: row.merchant_id,
    kind: row.kind as SourceConnection["kind"],
    account: row.account,
    account_confirmed: row.account_confirmed,
    mode: row.mode as SourceConnection["mode"],
    url: row.url,
    created_at: row.created_at,
  };
}
