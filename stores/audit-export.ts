// Exports chains of the audit log: what was written up to this moment, under a signature made now.
import type { ChainRow } from "../core/audit-chain.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import { writeAuditExport } from "../core/audit-export.ts";
import type { AuditSigner, SignedHead } from "../core/audit-signature.ts";
import { appendAudit, readAuditHead, readAuditRows } from "./audit-log.ts";
import { readSignedHeads, signAuditHeads } from "./audit-signatures.ts";
import type { Postgres } from "./connect/postgres.ts";

type Part = { chain: string; upTo: number };

/**
 * The text of an export of these chains, some lines at a time. The export is itself an act: `entry` is appended first,
 * then each chain's head is signed. A broken chain is exported as it stands, unsigned, so that its reader sees the break.
 */
export async function exportAudit(
  db: Postgres,
  signer: AuditSigner,
  chains: readonly string[],
  entry: AuditEntry,
): Promise<AsyncGenerator<string>> {
  await appendAudit(db, entry);
  const parts: Part[] = [];
  for (const chain of chains) {
    await signAuditHeads(db, signer, entry.at, chain);
    const head = await readAuditHead(db, chain);
    if (head !== undefined) parts.push({ chain, upTo: head.seq });
  }
  const source = { rows: rowsOf(db, parts), heads: headsOf(db, parts) };
  return writeAuditExport(source, signer, entry.at);
}

async function* rowsOf(db: Postgres, parts: readonly Part[]): AsyncGenerator<ChainRow[]> {
  for (const { chain, upTo } of parts) yield* readAuditRows(db, chain, { after: 0, upTo });
}

async function* headsOf(db: Postgres, parts: readonly Part[]): AsyncGenerator<SignedHead[]> {
  for (const { chain, upTo } of parts) yield* readSignedHeads(db, chain, upTo);
}
