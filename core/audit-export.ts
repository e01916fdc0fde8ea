// The audit log as lines of JSON that prove themselves: entries, signed heads, then one signed end with the public key.
import { createHash } from "node:crypto";
import { z } from "zod";
import type { ChainRow } from "./audit-chain.ts";
import type { AuditSigner, SignedHead } from "./audit-signature.ts";

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const chain = z.string().min(1).max(64);
const seq = z.int().positive();

const EntryLine = z.strictObject({
  kind: z.literal("entry"),
  chain,
  seq,
  merchant_id: z.string().nullable(),
  actor: z.string(),
  act: z.string(),
  subject: z.string(),
  at: z.int(),
  address: z.string().nullable(),
  details: z.string(),
  // Their form is not looked at: they must equal hashes that the reader computes.
  previous_hash: z.string(),
  hash: z.string(),
});

const HeadLine = z.strictObject({
  kind: z.literal("head"),
  chain,
  seq,
  hash: hex(64),
  at: z.int(),
  public_key: hex(64),
  signature: hex(128),
});

/** `sha256` is over every byte before this line. */
const EndLine = z.strictObject({
  kind: z.literal("end"),
  made_at: z.int(),
  entries: z.int().nonnegative(),
  heads: z.int().nonnegative(),
  sha256: hex(64),
  public_key: hex(64),
  signature: hex(128),
});
export type EndLine = z.infer<typeof EndLine>;

export type ExportLine =
  | z.infer<typeof EntryLine>
  | z.infer<typeof HeadLine>
  | z.infer<typeof EndLine>;

/** The line's value, or undefined where it is not written exactly as an export writes it. In: without its line break. */
export function readExportLine(text: string): ExportLine | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  const parsed = shapeOf(text).safeParse(value);
  // Zod puts the fields into the order of the shape: another order, space or number form is not ours.
  return parsed.success && JSON.stringify(parsed.data) === text ? parsed.data : undefined;
}

function shapeOf(text: string): z.ZodType<ExportLine> {
  if (text.startsWith('{"kind":"entry"')) return EntryLine;
  return text.startsWith('{"kind":"head"') ? HeadLine : EndLine;
}

export function endText(end: Omit<EndLine, "kind" | "public_key" | "signature">): string {
  const { made_at, entries, heads, sha256 } = end;
  return JSON.stringify(["tillwatch-audit-export-1", made_at, entries, heads, sha256]);
}

export type ExportSource = {
  rows: AsyncIterable<readonly ChainRow[]>;
  heads: AsyncIterable<readonly SignedHead[]>;
};

/** The export's text, some lines at a time. In: chain by chain, rows by `seq`, and the heads that were signed over them. */
export async function* writeAuditExport(
  { rows, heads }: ExportSource,
  signer: AuditSigner,
  madeAt: number,
): AsyncGenerator<string> {
  const digest = createHash("sha256");
  const counts = { entries: 0, heads: 0 };
  for await (const batch of rows) {
    counts.entries += batch.length;
    const text = batch.map(entryLine).join("");
    digest.update(text);
    yield text;
  }
  for await (const batch of heads) {
    counts.heads += batch.length;
    const text = batch.map(headLine).join("");
    digest.update(text);
    yield text;
  }
  const end = { made_at: madeAt, ...counts, sha256: digest.digest("hex") };
  const signed = { public_key: signer.publicKey, signature: signer.sign(endText(end)) };
  yield line({ kind: "end", ...end, ...signed });
}

function entryLine(row: ChainRow): string {
  return line({
    kind: "entry",
    chain: row.chain,
    seq: row.seq,
    merchant_id: row.merchant_id,
    actor: row.actor,
    act: row.act,
    subject: row.subject,
    at: row.at,
    address: row.address,
    details: row.details,
    previous_hash: row.previous_hash,
    hash: row.hash,
  });
}

function headLine({ chain, seq, hash, at, public_key, signature }: SignedHead): string {
  return line({ kind: "head", chain, seq, hash, at, public_key, signature });
}

function line(value: ExportLine): string {
  return `${JSON.stringify(value)}\n`;
}
