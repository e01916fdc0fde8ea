import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AuditEntry } from "../core/audit-entry.ts";
import { appendAudit, listAudit, verifyAuditChain } from "./audit-log.ts";
import type { PostgresHandle } from "./connect/postgres.ts";
import { testPostgres } from "./connect/testing.ts";

let handle: PostgresHandle;
beforeAll(async () => {
  handle = await testPostgres();
});
afterAll(() => handle.close());

function entry(change: Partial<AuditEntry> = {}): AuditEntry {
  return {
    merchant_id: null,
    actor: "cli",
    act: "test",
    subject: "test:1",
    at: 1_764_000_000_000,
    address: "127.0.0.1",
    details: { n: 1, text: "ü", nothing: null, yes: true },
    ...change,
  };
}

/** Changes a row behind the trigger's back, as somebody with the database's password could. */
async function tamper(statement: string): Promise<void> {
  await handle.pool.query(
    `ALTER TABLE tillwatch.audit_log DISABLE TRIGGER audit_log_append_only; ${statement};
     ALTER TABLE tillwatch.audit_log ENABLE TRIGGER audit_log_append_only`,
  );
}

async function chainOf(name: string, entries: number): Promise<string> {
  for (let n = 1; n <= entries; n += 1) {
    await appendAudit(handle.db, entry({ merchant_id: name, details: { n } }));
  }
  return name;
}

describe("the audit log is a hash chain (promise 5)", () => {
  it("whole chains are found whole, each merchant's its own", async () => {
    await Promise.all([chainOf("mer_a", 5), chainOf("mer_b", 3)]);
    expect(await verifyAuditChain(handle.db, "mer_a")).toMatchObject({ ok: true, entries: 5 });
    expect(await verifyAuditChain(handle.db, "mer_b")).toMatchObject({ ok: true, entries: 3 });
    expect(await verifyAuditChain(handle.db, "mer_none")).toMatchObject({ ok: true, entries: 0 });
  });

  it("forty writers at once make one chain without a fork", async () => {
    await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        appendAudit(handle.db, entry({ merchant_id: "mer_many", details: { n } })),
      ),
    );
    expect(await verifyAuditChain(handle.db, "mer_many")).toMatchObject({ ok: true, entries: 40 });
  });

  it("a chain longer than a page is checked to its end", async () => {
    await chainOf("mer_long", 205);
    expect(await verifyAuditChain(handle.db, "mer_long")).toMatchObject({ ok: true, entries: 205 });
    await tamper(
      "UPDATE tillwatch.audit_log SET at = at + 1 WHERE chain = 'mer_long' AND seq = 204",
    );
    expect(await verifyAuditChain(handle.db, "mer_long")).toMatchObject({ ok: false, seq: 204 });
  });

  it.each([
    { name: "one byte of the details", set: `details = '{"n":9}'` },
    { name: "the actor", set: "actor = 'clx'" },
    { name: "the act", set: "act = 'tesu'" },
    { name: "the subject", set: "subject = 'test:2'" },
    { name: "the time by a millisecond", set: "at = at + 1" },
    { name: "the address", set: "address = NULL" },
    { name: "the hash", set: "hash = repeat('0', 64)" },
    { name: "the hash before", set: "previous_hash = repeat('0', 64)" },
  ])("a change of $name shows at its row", async ({ name, set }) => {
    const chain = await chainOf(`mer_${name.replaceAll(" ", "_")}`, 4);
    await tamper(`UPDATE tillwatch.audit_log SET ${set} WHERE chain = '${chain}' AND seq = 2`);
    expect(await verifyAuditChain(handle.db, chain)).toMatchObject({ ok: false, seq: 2 });
  });

  it.each([
    { name: "first", seq: 1, found: 2 },
    { name: "middle", seq: 2, found: 3 },
    { name: "last", seq: 3, found: 3 },
  ])("a missing $name row shows", async ({ name, seq, found }) => {
    const chain = await chainOf(`mer_gone_${name}`, 3);
    await tamper(`DELETE FROM tillwatch.audit_log WHERE chain = '${chain}' AND seq = ${seq}`);
    expect(await verifyAuditChain(handle.db, chain)).toMatchObject({ ok: false, seq: found });
  });

  it("a row moved to another merchant's chain shows", async () => {
    await chainOf("mer_from", 1);
    await tamper(
      "UPDATE tillwatch.audit_log SET chain = 'mer_to', merchant_id = 'mer_to' WHERE chain = 'mer_from'",
    );
    expect(await verifyAuditChain(handle.db, "mer_to")).toMatchObject({ ok: false, seq: 1 });
  });

  it.each([
    "UPDATE tillwatch.audit_log SET act = 'x'",
    "DELETE FROM tillwatch.audit_log",
    "TRUNCATE tillwatch.audit_log",
  ])("the database refuses %s", async (statement) => {
    await appendAudit(handle.db, entry());
    await expect(handle.pool.query(statement)).rejects.toThrow(/append-only/);
  });
});

it("an entry stands or falls with the transaction of its act", async () => {
  const before = (await verifyAuditChain(handle.db, "mer_tx")) as { entries: number };
  const undone = handle.db.transaction().execute(async (trx) => {
    await appendAudit(trx, entry({ merchant_id: "mer_tx" }));
    throw new Error("the act failed");
  });
  await expect(undone).rejects.toThrow("the act failed");
  await appendAudit(handle.db, entry({ merchant_id: "mer_tx" }));
  expect(await verifyAuditChain(handle.db, "mer_tx")).toMatchObject({
    ok: true,
    entries: before.entries + 1,
  });
});

it.each([
  {
    name: "a NUL and half a character",
    change: { subject: "a\0b\ud800c", details: { t: "\0\ud800" } },
  },
  { name: "details of a megabyte", change: { details: { t: "x".repeat(1_000_000) } } },
  { name: "a subject of a megabyte", change: { subject: "x".repeat(1_000_000) } },
  { name: "SQL", change: { subject: "'); DROP TABLE tillwatch.audit_log; --" } },
])("$name does not break the chain", async ({ name, change }) => {
  const chain = `mer_odd_${name.replaceAll(" ", "_")}`;
  await appendAudit(handle.db, entry({ merchant_id: chain, ...change }));
  await appendAudit(handle.db, entry({ merchant_id: chain }));
  expect(await verifyAuditChain(handle.db, chain)).toMatchObject({ ok: true, entries: 2 });
});

it("entries are read newest first, page by page", async () => {
  await chainOf("mer_pages", 5);
  const first = await listAudit(handle.db, "mer_pages", { limit: 2 });
  expect(first.map(({ seq, details }) => [seq, details])).toEqual([
    [5, { n: 5 }],
    [4, { n: 4 }],
  ]);
  const next = await listAudit(handle.db, "mer_pages", { limit: 2, beforeSeq: 4 });
  expect(next.map(({ seq }) => seq)).toEqual([3, 2]);
});
