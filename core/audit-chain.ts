// How one row of the audit log is tied to the row before it. Needs no store, so that anyone can check it offline.
import { hash } from "node:crypto";

/** A row as it is hashed: `details` is JSON text, `at` UTC ms, `chain` a merchant's id or `service`. */
export type ChainRow = {
  chain: string;
  seq: number;
  merchant_id: string | null;
  actor: string;
  act: string;
  subject: string;
  at: number;
  address: string | null;
  details: string;
  previous_hash: string;
  hash: string;
};

/** Chain of acts that belong to no merchant. */
export const SERVICE_CHAIN = "service";

export type ChainLink = { seq: number; hash: string };

/** What stands before the first row of a chain. */
export const CHAIN_START: ChainLink = { seq: 0, hash: "0".repeat(64) };

/** SHA-256 over the row as a JSON list. Anyone can compute it from an export. */
export function auditHash(row: Omit<ChainRow, "hash">): string {
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
  return hash("sha256", JSON.stringify(content), "hex");
}

/** Why the row cannot follow `before`, or undefined where it does. */
export function linkFault(row: ChainRow, before: ChainLink): string | undefined {
  if (row.seq !== before.seq + 1) return "a row is missing before this one";
  if (row.previous_hash !== before.hash) return "this row does not follow the one before it";
  if (row.chain !== (row.merchant_id ?? SERVICE_CHAIN)) return "this row is of another chain";
  if (auditHash(row) !== row.hash) return "this row was changed";
  return undefined;
}
