// Builds audit chains and their exports for tests and measurements, from a fixed key.
import { auditHash, CHAIN_START, type ChainRow } from "../audit-chain.ts";
import { writeAuditExport } from "../audit-export.ts";
import { auditSigner, type SignedHead, signHead } from "../audit-signature.ts";

const MADE_AT = 1_764_000_000_000;
export const madeSigner = auditSigner("a-key-of-the-tests-that-is-no-secret");

/** A chain of `entries` rows, one each second; every third has odd text. */
export function madeChain(chain: string, entries: number): ChainRow[] {
  const rows: ChainRow[] = [];
  let before = CHAIN_START;
  for (let seq = 1; seq <= entries; seq += 1) {
    const content = {
      chain,
      seq,
      merchant_id: chain === "service" ? null : chain,
      actor: "account:owner",
      act: "alert.resolve",
      subject: `alert:alt_${seq}`,
      at: MADE_AT + seq * 1000,
      address: seq % 4 === 0 ? null : "192.0.2.7",
      details: JSON.stringify({ n: seq, ...(seq % 3 === 0 ? { text: 'ü "x"\n\u2028' } : {}) }),
      previous_hash: before.hash,
    };
    const row = { ...content, hash: auditHash(content) };
    rows.push(row);
    before = row;
  }
  return rows;
}

/** Heads of a chain: one each `every` rows, and one at its end. */
export function madeHeads(rows: readonly ChainRow[], every: number): SignedHead[] {
  return rows
    .filter(({ seq }) => seq % every === 0 || seq === rows.length)
    .map(({ chain, seq, hash, at }) => signHead(madeSigner, { chain, seq, hash, at }));
}

/** The bytes of an export of these chains. */
export async function madeExport(
  chains: readonly (readonly ChainRow[])[],
  heads: readonly SignedHead[],
): Promise<Buffer> {
  async function* rows() {
    yield* chains;
  }
  async function* signed() {
    yield heads;
  }
  const parts: string[] = [];
  const source = { rows: rows(), heads: signed() };
  for await (const text of writeAuditExport(source, madeSigner, MADE_AT)) parts.push(text);
  return Buffer.from(parts.join(""));
}
