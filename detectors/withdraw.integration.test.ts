// A late event takes findings back, live, from memory and from history; the rest stands.
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import { silentLog } from "../core/log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { encodeEvent } from "../stores/event-columns.ts";
import { findingsOfRule } from "../stores/findings.ts";
import { createMerchant } from "../stores/merchants.ts";
import { openSpool, type Spool } from "../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { loadCatalogue } from "./catalogue.ts";
import { type Detectors, startDetectors } from "./run.ts";

const HOUR_MS = 3_600_000;
const RULE = "suspended_not_recalled";
let clickhouse: TestClickHouse;
let postgres: PostgresHandle;
let spool: Spool;
let detectors: Detectors;
let merchant = "";
let nth = 0;

beforeAll(async () => {
  clickhouse = await testClickHouse();
  postgres = await testPostgres();
  spool = await openSpool({
    dir: join(clickhouse.folder, "spool"),
    ch: clickhouse.ch,
    limits: { maxBytes: 1e9, reserveBytes: 0 },
    log: silentLog,
    now: Date.now,
  });
  const shop = { name: "Shop", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
  merchant = (await createMerchant(postgres.db, shop, Date.now())).id;
  detectors = await startDetectors({
    ...{ db: postgres.db, ch: clickhouse.ch, spool, rules: loadCatalogue(), now: Date.now },
    ...{ log: silentLog, metrics: new Registry() },
    onFindings() {},
  });
});

afterAll(async () => {
  await detectors.close();
  await spool.close();
  await postgres.close();
  await clickhouse.close();
});

async function send(ts: number, fields: Partial<Event>): Promise<void> {
  nth += 1;
  const event = {
    ...{ event_id: `w${nth}`, merchant_id: merchant, source: "api", ts, received_ts: Date.now() },
    ...fields,
  } as Event;
  await spool.append([{ kind: "event", line: encodeEvent(event) }]);
  detectors.offer(merchant, [event]);
  await detectors.idle();
}

const found = async () =>
  (await findingsOfRule(postgres.db, merchant, { rule: RULE, limit: 50, beforeTs: undefined })).map(
    ({ ts, withdrawn_by }) => [ts, withdrawn_by] as const,
  );

it("what a late event answers is withdrawn, with the event that did it; nothing else is", async () => {
  const now = Date.now();
  const parked = { event_type: "ticket_suspended", amount: 5_000, currency: "EUR" } as const;
  await send(now - 10 * HOUR_MS, { ...parked, ticket_id: "a" });
  await send(now - 10 * HOUR_MS + 1, { ...parked, ticket_id: "b" });
  await send(now - 1 * HOUR_MS, { event_type: "sale", amount: 100, currency: "EUR" });
  const due = [now - 6 * HOUR_MS + 1, now - 6 * HOUR_MS];
  expect(await found()).toEqual(due.map((ts) => [ts, null]));
  // An offline till sends its afternoon at night: ticket a had been called back after an hour.
  await send(now - 9 * HOUR_MS, { event_type: "ticket_recalled", ticket_id: "a" });
  expect(await found()).toEqual([
    [due[0], null],
    [due[1], "w4"],
  ]);
  // Later than four hours is no answer.
  await send(now - 5 * HOUR_MS, { event_type: "ticket_recalled", ticket_id: "b" });
  expect((await found())[0]).toEqual([due[0], null]);
}, 60_000);
