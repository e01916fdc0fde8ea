import { afterAll, beforeAll, expect, it } from "vitest";
import { anchorAudit, anchorFault, lastAnchoredAt, listAnchors } from "./audit-anchors.ts";
import { appendAudit, readAuditHead } from "./audit-log.ts";
import type { PostgresHandle } from "./connect/postgres.ts";
import { testPostgres } from "./connect/testing.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const AT = Date.UTC(2026, 10, 25, 0, 30);
const DAY_MS = 86_400_000;
let handle: PostgresHandle;
let store: TestClickHouse;
beforeAll(async () => {
  handle = await testPostgres();
  store = await testClickHouse();
});
afterAll(async () => {
  await store?.close();
  await handle?.close();
});

async function append(merchant_id: string, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await appendAudit(handle.db, {
      ...{ merchant_id, actor: "cli", act: "test", subject: "t", at: AT, address: null },
      details: {},
    });
  }
}

it("each chain's newest hash is put down, and each chain shows its own alone", async () => {
  expect(await lastAnchoredAt(store.ch)).toBe(0);
  await append("mer_a", 3);
  await append("mer_b", 1);
  const first = await readAuditHead(handle.db, "mer_a");
  expect(await anchorAudit(handle.db, store.ch, AT)).toBe(2);
  await append("mer_a", 2);
  await anchorAudit(handle.db, store.ch, AT + DAY_MS);
  expect(await lastAnchoredAt(store.ch)).toBe(AT + DAY_MS);
  expect(await listAnchors(store.ch, "mer_a")).toEqual([
    { chain: "mer_a", ts: AT + DAY_MS, ...(await readAuditHead(handle.db, "mer_a")) },
    { chain: "mer_a", ts: AT, ...first },
  ]);
  expect(await anchorFault(handle.db, store.ch, "mer_a")).toBeUndefined();
  expect(await anchorFault(handle.db, store.ch, "mer_none")).toBeUndefined();
});

it.each([
  { name: "written anew", change: "UPDATE tillwatch.audit_log SET hash = repeat('a', 64)" },
  { name: "taken out", change: "DELETE FROM tillwatch.audit_log" },
])("an anchored row that was $name is found", async ({ name, change }) => {
  const chain = `mer_${name.replaceAll(" ", "_")}`;
  await append(chain, 2);
  await anchorAudit(handle.db, store.ch, AT + 2 * DAY_MS);
  await handle.pool.query(
    `ALTER TABLE tillwatch.audit_log DISABLE TRIGGER audit_log_append_only;
     ${change} WHERE chain = '${chain}' AND seq = 2;
     ALTER TABLE tillwatch.audit_log ENABLE TRIGGER audit_log_append_only`,
  );
  expect(await anchorFault(handle.db, store.ch, chain)).toMatchObject({ ok: false, chain, seq: 2 });
});
