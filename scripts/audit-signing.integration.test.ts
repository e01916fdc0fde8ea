import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, it } from "vitest";
import { auditSigner } from "../core/audit-signature.ts";
import { silentLog } from "../core/log.ts";
import { listAnchors } from "../stores/audit-anchors.ts";
import { appendAudit } from "../stores/audit-log.ts";
import { readSignedHeads } from "../stores/audit-signatures.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { startAuditSigning } from "./audit-signing.ts";

const AT = Date.UTC(2026, 10, 25, 22);
const HOUR = 3_600_000;
const signer = auditSigner("a-key-of-the-tests-that-is-no-secret");
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

async function append(): Promise<void> {
  await appendAudit(handle.db, {
    ...{ merchant_id: "mer_a", actor: "cli", act: "test", subject: "t", at: AT, address: null },
    details: {},
  });
}

async function signed(): Promise<number[]> {
  const all: number[] = [];
  for await (const heads of readSignedHeads(handle.db, "mer_a", 1e9)) {
    all.push(...heads.map(({ seq }) => seq));
  }
  return all;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return;
    await sleep(25);
  }
  throw new Error("it did not come to hold in ten seconds");
}

it("heads are signed at the start, at each turn and at a stop; anchors once a day", async () => {
  let now = AT;
  const { db } = handle;
  const given = { db, ch: store.ch, signer, log: silentLog, everyMs: 50 };
  await append();
  const signing = startAuditSigning({ ...given, now: () => now });
  await until(async () => (await signed()).join() === "1");
  await append();
  await until(async () => (await signed()).join() === "1,2");
  await until(async () => (await listAnchors(store.ch, "mer_a")).length === 1);
  now += HOUR;
  await append();
  await until(async () => (await signed()).join() === "1,2,3");
  await sleep(200);
  expect(await listAnchors(store.ch, "mer_a")).toHaveLength(1);
  now += 2 * HOUR;
  await until(async () => (await listAnchors(store.ch, "mer_a")).length === 2);
  expect((await listAnchors(store.ch, "mer_a"))[0]).toMatchObject({ seq: 3, ts: now });
  await append();
  await signing.close();
  expect((await signed()).at(-1)).toBe(4);
});
