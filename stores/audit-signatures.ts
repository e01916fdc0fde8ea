// Signed heads of the audit log's chains. A chain is signed only as far as it still hangs together.
import { sql } from "kysely";
import { CHAIN_START, type ChainLink } from "../core/audit-chain.ts";
import { type AuditSigner, headHolds, type SignedHead, signHead } from "../core/audit-signature.ts";
import { type ChainVerdict, verifyAuditFrom } from "./audit-log.ts";
import type { Postgres } from "./connect/postgres.ts";

export type BrokenChain = Extract<ChainVerdict, { ok: false }>;

/**
 * Signs the newest row of each chain that has grown since its last signature, or of one chain. What was added since is
 * checked first; a broken chain is not signed but answered, so that somebody hears of it.
 */
export async function signAuditHeads(
  db: Postgres,
  signer: AuditSigner,
  at: number,
  only?: string,
): Promise<{ signed: number; broken: BrokenChain[] }> {
  const broken: BrokenChain[] = [];
  let signed = 0;
  for (const chain of await unsignedChains(db, signer.publicKey, only)) {
    const verdict = await verifySinceSigned(db, chain);
    if (!verdict.ok) {
      broken.push(verdict);
      continue;
    }
    const head = { chain, seq: verdict.entries, hash: verdict.head, at };
    await db
      .insertInto("audit_signature")
      .values(signHead(signer, head))
      .onConflict((on) => on.columns(["chain", "seq", "public_key"]).doNothing())
      .execute();
    signed += 1;
  }
  return { signed, broken };
}

/** Chains whose newest row has no signature by that key; also those that were signed and are gone. */
async function unsignedChains(db: Postgres, publicKey: string, only?: string): Promise<string[]> {
  const one = only === undefined ? sql`true` : sql`chain = ${only}`;
  const { rows } = await sql<{ chain: string }>`
    SELECT chain FROM tillwatch.audit_head h
    WHERE ${one} AND h.seq > 0 AND NOT EXISTS (
      SELECT FROM tillwatch.audit_signature s
      WHERE s.chain = h.chain AND s.seq = h.seq AND s.hash = h.hash AND s.public_key = ${publicKey})
    UNION
    SELECT chain FROM tillwatch.audit_signature s
    WHERE ${one} AND NOT EXISTS (
      SELECT FROM tillwatch.audit_head h WHERE h.chain = s.chain AND h.seq > 0)
    ORDER BY chain`.execute(db);
  return rows.map(({ chain }) => chain);
}

async function verifySinceSigned(db: Postgres, chain: string): Promise<ChainVerdict> {
  const last = await db
    .selectFrom("audit_signature")
    .selectAll()
    .where("chain", "=", chain)
    .orderBy("seq", "desc")
    .limit(1)
    .executeTakeFirst();
  if (last === undefined) return verifyAuditFrom(db, chain, CHAIN_START);
  const why = await headFault(db, last);
  if (why !== undefined) return { ok: false, chain, seq: last.seq, why };
  return verifyAuditFrom(db, chain, last);
}

/** Checks the links of a whole chain and every head that was signed over it. */
export async function verifySignedChain(db: Postgres, chain: string): Promise<ChainVerdict> {
  const links = await verifyAuditFrom(db, chain, CHAIN_START);
  if (!links.ok) return links;
  for await (const heads of readSignedHeads(db, chain, Number.MAX_SAFE_INTEGER)) {
    for (const head of heads) {
      const why = await headFault(db, head);
      if (why !== undefined) return { ok: false, chain, seq: head.seq, why };
    }
  }
  return links;
}

async function headFault(db: Postgres, head: SignedHead): Promise<string | undefined> {
  if (!headHolds(head)) return "the signed head of this row was changed";
  const row: ChainLink | undefined = await db
    .selectFrom("audit_log")
    .select(["seq", "hash"])
    .where("chain", "=", head.chain)
    .where("seq", "=", head.seq)
    .executeTakeFirst();
  if (row === undefined) return "this row was signed and is missing";
  return row.hash === head.hash ? undefined : "this row was signed with another hash";
}

const PAGE = 500;

/** The signed heads of a chain up to and with a row, oldest first, in batches. */
export async function* readSignedHeads(
  db: Postgres,
  chain: string,
  upTo: number,
): AsyncGenerator<SignedHead[]> {
  let after = { seq: 0, public_key: "" };
  for (;;) {
    const rows = await db
      .selectFrom("audit_signature")
      .select(["chain", "seq", "hash", "at", "public_key", "signature"])
      .where("chain", "=", chain)
      .where(sql<boolean>`(seq, public_key) > (${after.seq}, ${after.public_key})`)
      .where("seq", "<=", upTo)
      .orderBy("seq")
      .orderBy("public_key")
      .limit(PAGE)
      .execute();
    const last = rows.at(-1);
    if (last === undefined) return;
    yield rows;
    after = last;
  }
}
