// The record of who did what: append-only, one hash chain per merchant and one of the service, so that a change shows.
import {
  auditHash,
  CHAIN_START,
  type ChainLink,
  linkFault,
  SERVICE_CHAIN,
} from "../core/audit-chain.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import type { Postgres } from "./connect/postgres.ts";
import type { AuditLogTable } from "./postgres/tables.ts";

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
    .values({ chain, ...CHAIN_START })
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

export type ChainVerdict =
  | { ok: true; chain: string; entries: number; head: string }
  | { ok: false; chain: string; seq: number; why: string };

const PAGE = 200;
const WALK = 1000;

/** Reads a whole chain (a merchant's id, or `service`) and checks every link and its end. */
export function verifyAuditChain(db: Postgres, chain: string): Promise<ChainVerdict> {
  return verifyAuditFrom(db, chain, CHAIN_START);
}

/** As {@link verifyAuditChain}, for the rows behind a link that is known to be good. */
export async function verifyAuditFrom(
  db: Postgres,
  chain: string,
  start: ChainLink,
): Promise<ChainVerdict> {
  // The head first: rows that are written meanwhile are no fault.
  const head = (await readAuditHead(db, chain)) ?? CHAIN_START;
  let before = start;
  for await (const rows of readAuditRows(db, chain, { after: start.seq, upTo: head.seq })) {
    for (const row of rows) {
      const why = linkFault(row, before);
      if (why !== undefined) return { ok: false, chain, seq: row.seq, why };
      before = { seq: row.seq, hash: row.hash };
    }
  }
  if (head.seq !== before.seq || head.hash !== before.hash) {
    return { ok: false, chain, seq: before.seq + 1, why: "the newest rows are missing" };
  }
  const beyond = await rowBeyondHead(db, chain);
  if (beyond !== undefined) {
    return { ok: false, chain, seq: beyond, why: "the chain's end lies before this row" };
  }
  return { ok: true, chain, entries: before.seq, head: before.hash };
}

/** In one statement, so that rows that are written meanwhile are no fault. */
async function rowBeyondHead(db: Postgres, chain: string): Promise<number | undefined> {
  const head = db.selectFrom("audit_head").select("seq").where("chain", "=", chain);
  const row = await db
    .selectFrom("audit_log")
    .select("seq")
    .where("chain", "=", chain)
    .where((where) => where("seq", ">", where.fn.coalesce(head, where.lit(0))))
    .orderBy("seq")
    .limit(1)
    .executeTakeFirst();
  return row?.seq;
}

/** The newest row of a chain, or undefined where it has none. */
export function readAuditHead(db: Postgres, chain: string): Promise<ChainLink | undefined> {
  return db
    .selectFrom("audit_head")
    .select(["seq", "hash"])
    .where("chain", "=", chain)
    .executeTakeFirst();
}

/** A chain's rows as they were hashed, oldest first, in batches; `after` and up to and with `upTo`. */
export async function* readAuditRows(
  db: Postgres,
  chain: string,
  { after, upTo }: { after: number; upTo: number },
): AsyncGenerator<AuditLogTable[]> {
  for (let last = after; last < upTo; ) {
    const rows = await db
      .selectFrom("audit_log")
      .selectAll()
      .where("chain", "=", chain)
      .where("seq", ">", last)
      .where("seq", "<=", upTo)
      .orderBy("seq")
      .limit(WALK)
      .execute();
    if (rows.length > 0) yield rows;
    last = rows.length < WALK ? upTo : (rows.at(-1)?.seq ?? upTo);
  }
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
