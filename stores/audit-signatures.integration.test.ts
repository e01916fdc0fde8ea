import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { checkAuditExport } from "../core/audit-check.ts";
import type { AuditEntry } from "../core/audit-entry.ts";
import { auditSigner } from "../core/audit-signature.ts";
import { exportAudit } from "./audit-export.ts";
import { appendAudit } from "./audit-log.ts";
import { readSignedHeads, signAuditHeads, verifySignedChain } from "./audit-signatures.ts";
import type { PostgresHandle } from "./connect/postgres.ts";
import { testPostgres } from "./connect/testing.ts";

const AT = 1_764_000_000_000;
const signer = auditSigner("a-key-of-the-tests-that-is-no-secret");
let handle: PostgresHandle;
beforeAll(async () => {
  handle = await testPostgres();
});
afterAll(() => handle.close());

function entry(merchant_id: string | null, n: number): AuditEntry {
  return {
    ...{ merchant_id, actor: "cli", act: "test", subject: `test:${n}`, at: AT + n },
    ...{ address: null, details: { n, text: "ü\u2028" } },
  };
}

async function chainOf(chain: string, from: number, to: number): Promise<string> {
  for (let n = from; n <= to; n += 1) await appendAudit(handle.db, entry(chain, n));
  return chain;
}

async function headsOf(chain: string) {
  const heads = [];
  for await (const some of readSignedHeads(handle.db, chain, 1e9)) heads.push(...some);
  return heads;
}

/** As somebody with the database's password could. */
async function tamper(table: string, statement: string): Promise<void> {
  await handle.pool.query(
    `ALTER TABLE tillwatch.${table} DISABLE TRIGGER ${table}_append_only; ${statement};
     ALTER TABLE tillwatch.${table} ENABLE TRIGGER ${table}_append_only`,
  );
}

describe("signed heads of the audit log (promise 5)", () => {
  it("a chain is signed once for each end it had, by each key, and holds", async () => {
    const chain = await chainOf("mer_signed", 1, 3);
    expect(await signAuditHeads(handle.db, signer, AT, chain)).toEqual({ signed: 1, broken: [] });
    expect(await signAuditHeads(handle.db, signer, AT, chain)).toEqual({ signed: 0, broken: [] });
    await chainOf(chain, 4, 5);
    await signAuditHeads(handle.db, signer, AT + 1, chain);
    const other = auditSigner("another-key-of-the-tests-that-is-no-secret");
    await signAuditHeads(handle.db, other, AT + 2, chain);
    const keys = (await headsOf(chain)).map(({ seq, public_key }) => [seq, public_key]);
    expect(keys).toEqual([
      [3, signer.publicKey],
      ...[signer.publicKey, other.publicKey].sort().map((key) => [5, key]),
    ]);
    expect(await verifySignedChain(handle.db, chain)).toMatchObject({ ok: true, entries: 5 });
  });

  it.each([
    { name: "changed", sql: "UPDATE tillwatch.audit_log SET at = at + 1", seq: 4 },
    { name: "missing", sql: "DELETE FROM tillwatch.audit_log", seq: 5 },
  ])("a chain with a $name row is not signed but named", async ({ name, sql, seq }) => {
    const chain = await chainOf(`mer_${name}`, 1, 2);
    await signAuditHeads(handle.db, signer, AT, chain);
    await chainOf(chain, 3, 5);
    await tamper("audit_log", `${sql} WHERE chain = '${chain}' AND seq = 4`);
    const { signed, broken } = await signAuditHeads(handle.db, signer, AT, chain);
    expect([signed, broken]).toMatchObject([0, [{ chain, seq }]]);
    expect(await headsOf(chain)).toHaveLength(1);
  });

  it("a tail that was taken out with its head is found by what was signed", async () => {
    const chain = await chainOf("mer_cut", 1, 4);
    await signAuditHeads(handle.db, signer, AT, chain);
    await tamper(
      "audit_log",
      `UPDATE tillwatch.audit_head SET seq = 2, hash =
         (SELECT hash FROM tillwatch.audit_log WHERE chain = '${chain}' AND seq = 2)
         WHERE chain = '${chain}';
       DELETE FROM tillwatch.audit_log WHERE chain = '${chain}' AND seq > 2`,
    );
    const gone = { ok: false, seq: 4, why: "this row was signed and is missing" };
    expect(await verifySignedChain(handle.db, chain)).toMatchObject(gone);
    expect(await signAuditHeads(handle.db, signer, AT, chain)).toMatchObject({ broken: [gone] });
  });

  it("a whole chain that is gone is found by what was signed", async () => {
    const chain = await chainOf("mer_gone", 1, 2);
    await signAuditHeads(handle.db, signer, AT, chain);
    await tamper(
      "audit_log",
      `DELETE FROM tillwatch.audit_log WHERE chain = '${chain}';
       DELETE FROM tillwatch.audit_head WHERE chain = '${chain}'`,
    );
    expect(await signAuditHeads(handle.db, signer, AT, chain)).toMatchObject({
      broken: [{ chain, seq: 2 }],
    });
  });

  it("a signed head that was changed is found", async () => {
    const chain = await chainOf("mer_forged", 1, 2);
    await signAuditHeads(handle.db, signer, AT, chain);
    await tamper(
      "audit_signature",
      `UPDATE tillwatch.audit_signature SET at = at + 1 WHERE chain = '${chain}'`,
    );
    expect(await verifySignedChain(handle.db, chain)).toMatchObject({
      ...{ ok: false, seq: 2 },
      why: "the signed head of this row was changed",
    });
  });

  it.each(["UPDATE tillwatch.audit_signature SET at = 1", "DELETE FROM tillwatch.audit_signature"])(
    "the database refuses %s",
    async (statement) => {
      await expect(handle.pool.query(statement)).rejects.toThrow(/append-only/);
    },
  );
});

async function exported(chains: string[], by: AuditEntry): Promise<Buffer> {
  const parts: string[] = [];
  for await (const text of await exportAudit(handle.db, signer, chains, by)) parts.push(text);
  return Buffer.from(parts.join(""));
}

function verdictOf(bytes: Buffer) {
  const checker = checkAuditExport({ keys: [signer.publicKey] });
  checker.take(bytes);
  return checker.finish();
}

describe("an export from the store", () => {
  it("proves itself, longer than a page, holds its own act, and nothing of other chains", async () => {
    await chainOf("mer_other", 1, 2);
    const chain = await chainOf("mer_export", 1, 1005);
    await signAuditHeads(handle.db, signer, AT, chain);
    const bytes = await exported([chain], { ...entry(chain, 9), act: "audit.export" });
    expect(verdictOf(bytes)).toMatchObject({
      ...{ ok: true, entries: 1006, heads: 2 },
      chains: [{ chain, entries: 1006 }],
    });
    expect(bytes.toString()).not.toContain("mer_other");
    expect(bytes.toString().split("\n")[1005]).toContain('"act":"audit.export"');
  });

  it("of a chain that is broken in the store shows the break", async () => {
    const chain = await chainOf("mer_broken", 1, 4);
    await tamper(
      "audit_log",
      `UPDATE tillwatch.audit_log SET actor = 'x' WHERE chain = '${chain}' AND seq = 3`,
    );
    expect(verdictOf(await exported([chain], entry(chain, 5)))).toMatchObject({
      ...{ ok: false, line: 3, chain, seq: 3, why: "this row was changed" },
    });
  });
});
