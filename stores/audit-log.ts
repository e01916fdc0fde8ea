// The record of who did what: append-only, one hash chain per merchant and one of the service, so that a change shows.
import { createHash } from "node:crypto";
import type { AuditEntry } from "../core/audit-entry.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { AuditLogTable } from "./postgres/tables.ts";

/** Chain of acts that belong to no merchant. */
const SERVICE_CHAIN = "service";

/** What the first row of a chain names as the hash before it. */
const NO_HASH = "0".repeat(64);

const MOST_DETAILS = 8000;

/** An entry as it is kept. */
export type AuditRow = AuditEntry & {
  chain: string;
  seq: number;
  previous_hash: string;
  hash: string;
};

/**
 * Appends an entry. Pass the transaction of the act, so that neither stands without the other; with a plain
 * connection it opens its own. Details that are too long are cut and say so.
 */
export async function appendAudit(db: Postgres, entry: AuditEntry): Promise<void> {
  if (!db.isTransaction) {
    await db.transaction().execute((trx) => appendAudit(trx, entry));
    return;
  }
  const chain = entry.merchant_id ?? SERVICE_CHAIN;
  await db
    .insertInto("audit_head")
    .values({ chain, seq: 0, hash: NO_HASH })
    .onConflict((on) => on.column("chain").doNothing())
    .execute();
  const head = await db
    .selectFrom("audit_head")
    .select(["seq", "hash"])
    .where("chain", "=", chain)
    .forUpdate()
    .executeTakeFirstOrThrow();
  const row = nextRow(chain, head, entry);
  await db.insertInto("audit_log").values(row).execute();
  await db
    .updateTable("audit_head")
    .set({ seq: row.seq, hash: row.hash })
    .where("chain", "=", chain)
    .execute();
}

function nextRow(chain: string, head: { seq: number; hash: string }, entry: AuditEntry) {
  const full = JSON.stringify(entry.details);
  const row = {
    chain,
    seq: head.seq + 1,
    merchant_id: entry.merchant_id,
    actor: plain(entry.actor, 200),
    act: plain(entry.act, 64),
    subject: plain(entry.subject, 300),
    at: entry.at,
    address: entry.address === null ? null : plain(entry.address, 100),
    details:
      full.length <= MOST_DETAILS ? full : JSON.stringify({ cut: true, length: full.length }),
    previous_hash: head.hash,
  };
  return { ...row, hash: auditHash(row) };
}

/** Postgres holds no NUL, and a lone surrogate would come back changed: either would break the chain. */
function plain(text: string, most: number): string {
  return text.replaceAll("\0", "").slice(0, most).toWellFormed();
}

/** SHA-256 over the row as a JSON list. Anyone can compute it offline from an export. */
function auditHash(row: Omit<AuditLogTable, "hash">): string {
  const content = [
    row.previous_hash,
    row.chain,
    row.seq,
    row.merchant_id,
    row.actor,
    row.act,
    row.subject,
    row.at,
    row.address,
    row.details,
  ];
  return createHash("sha256").update(JSON.stringify(content)).digest("hex");
}

export type ChainVerdict =
  | { ok: true; chain: string; entries: number; head: string }
  | { ok: false; chain: string; seq: number; why: string };

const PAGE = 200;

/** Reads a whole chain (a merchant's id, or `service`) and checks every link and its end. */
export async function verifyAuditChain(db: Postgres, chain: string): Promise<ChainVerdict> {
  let before = { seq: 0, hash: NO_HASH };
  for (;;) {
    const rows = await readRows(db, chain, before.seq);
    for (const row of rows) {
      const why = faultOf(row, before);
      if (why !== undefined) return { ok: false, chain, seq: row.seq, why };
      before = { seq: row.seq, hash: row.hash };
    }
    if (rows.length < PAGE) break;
  }
  const head = await db
    .selectFrom("audit_head")
    .select(["seq", "hash"])
    .where("chain", "=", chain)
    .executeTakeFirst();
  if ((head?.seq ?? 0) !== before.seq || (head?.hash ?? NO_HASH) !== before.hash) {
    return { ok: false, chain, seq: before.seq + 1, why: "the newest rows are missing" };
  }
  return { ok: true, chain, entries: before.seq, head: before.hash };
}

function faultOf(row: AuditLogTable, before: { seq: number; hash: string }): string | undefined {
  if (row.seq !== before.seq + 1) return "a row is missing before this one";
  if (row.previous_hash !== before.hash) return "this row does not follow the one before it";
  if (auditHash(row) !== row.hash) return "this row was changed";
  return undefined;
}

function readRows(db: Postgres, chain: string, afterSeq: number): Promise<AuditLogTable[]> {
  return db
    .selectFrom("audit_log")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", ">", afterSeq)
    .orderBy("seq")
    .limit(PAGE)
    .execute();
}

/** Entries of one chain, newest first. `limit` is at most 200. */
export async function listAudit(
  db: Postgres,
  chain: string,
  page: { beforeSeq?: number; limit?: number } = {},
): Promise<AuditRow[]> {
  const rows = await db
    .selectFrom("audit_log")
    .selectAll()
    .where("chain", "=", chain)
    .where("seq", "<", page.beforeSeq ?? Number.MAX_SAFE_INTEGER)
    .orderBy("seq", "desc")
    .limit(Math.min(page.limit ?? PAGE, PAGE))
    .execute();
  return rows.map((row) => ({ ...row, details: JSON.parse(row.details) as AuditEntry["details"] }));
}

/** Names of all chains. */
export async function listAuditChains(db: Postgres): Promise<string[]> {
  const rows = await db.selectFrom("audit_head").select("chain").orderBy("chain").execute();
  return rows.map(({ chain }) => chain);
}
