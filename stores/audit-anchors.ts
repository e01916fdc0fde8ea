// Anchors of the audit log: the newest hash of each chain, kept in ClickHouse as well, where the log itself is not.
import { contentId } from "../core/ids.ts";
import type { ChainVerdict } from "./audit-log.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import type { Postgres } from "./connect/postgres.ts";

export type AuditAnchor = { chain: string; ts: number; seq: number; hash: string };

const COLUMNS = ["merchant_id", "ts", "seq", "hash"] as const;

/** The newest `limit` anchors of a chain, newest first. */
export async function listAnchors(
  ch: ClickHouse,
  chain: string,
  limit = 10_000,
): Promise<AuditAnchor[]> {
  const rows = await ch.query<{ ts: number | string; seq: number | string; hash: string }>(
    chain,
    `SELECT toUnixTimestamp64Milli(ts) AS ts, seq, hash FROM audit_anchor
     WHERE merchant_id = {chain:String} ORDER BY audit_anchor.ts DESC, seq DESC LIMIT {limit:UInt32}`,
    { chain, limit },
  );
  return rows.map(({ ts, seq, hash }) => ({ chain, ts: Number(ts), seq: Number(seq), hash }));
}

/** When anything was anchored last, UTC ms; 0 where nothing was. */
export async function lastAnchoredAt(ch: ClickHouse): Promise<number> {
  const [row] = await ch.query<{ ts: number | string }>(
    "*",
    "SELECT toUnixTimestamp64Milli(max(audit_anchor.ts)) AS ts FROM audit_anchor",
  );
  return Number(row?.ts ?? 0);
}

/** Puts down the newest hash of every chain. Throws STORE_UNAVAILABLE while ClickHouse is away. */
export async function anchorAudit(db: Postgres, ch: ClickHouse, at: number): Promise<number> {
  const heads = await db
    .selectFrom("audit_head")
    .select(["chain", "seq", "hash"])
    .where("seq", ">", 0)
    .orderBy("chain")
    .execute();
  if (heads.length === 0) return 0;
  const rows = heads.map(({ chain, seq, hash }) => JSON.stringify([chain, at, seq, hash]));
  const token = `anchors:${contentId(at, ...rows)}`;
  await ch.insertFile("audit_anchor", COLUMNS, { rows: `${rows.join("\n")}\n` }, token);
  return heads.length;
}

/** Compares a chain with what was anchored of it; undefined where every anchor is still a row of the chain. */
export async function anchorFault(
  db: Postgres,
  ch: ClickHouse,
  chain: string,
): Promise<Extract<ChainVerdict, { ok: false }> | undefined> {
  const anchors = new Map((await listAnchors(ch, chain)).map((anchor) => [anchor.seq, anchor]));
  if (anchors.size === 0) return undefined;
  const rows = await db
    .selectFrom("audit_log")
    .select(["seq", "hash"])
    .where("chain", "=", chain)
    .where("seq", "in", [...anchors.keys()])
    .execute();
  const hashes = new Map(rows.map(({ seq, hash }) => [seq, hash]));
  for (const { seq, hash } of [...anchors.values()].sort((a, b) => a.seq - b.seq)) {
    if (hashes.get(seq) !== hash) {
      return { ok: false, chain, seq, why: "this row is not the one that was anchored" };
    }
  }
  return undefined;
}
