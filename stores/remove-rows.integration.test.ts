// What is removed on request or by age, and that nothing else goes: another person's, another merchant's, a ms too young.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import type { PostgresHandle } from "./connect/postgres.ts";
import { testPostgres } from "./connect/testing.ts";
import { EVENT_COLUMNS, encodeEvent } from "./event-columns.ts";
import { createMerchant } from "./merchants.ts";
import {
  applyRetention,
  erasePerson,
  listErasures,
  type PersonField,
  setRetention,
} from "./remove-rows.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 25, 12);
const DAY = 86_400_000;
let postgres: PostgresHandle;
let store: TestClickHouse;
let nth = 0;

beforeAll(async () => {
  postgres = await testPostgres();
  store = await testClickHouse();
});
afterAll(async () => {
  await store.close();
  await postgres.close();
});

const merchant = async () => {
  nth += 1;
  const shop = { name: "S", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
  return (await createMerchant(postgres.db, { ...shop, id: `mer_${nth}` }, NOW)).id;
};
async function insert(events: readonly Partial<Event>[]): Promise<void> {
  const rows = events.map((fields): string => {
    nth += 1;
    const event = {
      event_id: `e${nth}`,
      event_type: "payment",
      source: "api",
      ts: NOW,
      received_ts: NOW,
    };
    return encodeEvent({ ...event, ...fields } as Event);
  });
  nth += 1;
  const path = join(store.folder, `rows${nth}`);
  writeFileSync(path, `${rows.join("\n")}\n`);
  await store.ch.insertFile("events", EVENT_COLUMNS, path, `rows-${nth}`);
}
const ids = async (of: string): Promise<string[]> => {
  const sql = "SELECT event_id FROM events ORDER BY ts, event_id";
  return (await store.ch.query<{ event_id: string }>(of, sql)).map(({ event_id }) => event_id);
};
const deps = () => ({ ch: store.ch, db: postgres.db, now: () => NOW });
const asked = (field: PersonField, value: string) => ({
  ...{ field, value, reason: "asked by letter", actor: "cli", hashKey: "k".repeat(43) },
});

it.each(["cus_1", "it's", "a\\b", "') OR 1 = 1 --", "Zoë \n 💶", "%"])(
  "erases a customer named %j and nobody else",
  async (value) => {
    const [ours, theirs] = [await merchant(), await merchant()];
    await insert([
      { merchant_id: ours, customer_id: value, event_id: "gone", card_token: "c1" },
      { merchant_id: ours, customer_id: `${value}x`, event_id: "stays" },
      { merchant_id: ours, event_id: "nobody" },
      { merchant_id: theirs, customer_id: value, event_id: "foreign" },
    ]);
    const done = await erasePerson(deps(), ours, asked("customer_id", value));
    expect(done).toMatchObject({ events: 1, deliveries: 0, quarantine: 0, findings: 0 });
    expect((await ids(ours)).sort()).toEqual(["nobody", "stays"]);
    expect(await ids(theirs)).toEqual(["foreign"]);
    expect(await erasePerson(deps(), ours, asked("customer_id", value))).toMatchObject({
      events: 0,
    });
    const records = await listErasures(postgres.db, ours);
    expect(records.map(({ events }) => events).sort()).toEqual([0, 1]);
    expect(new Set(records.map(({ value_hash }) => value_hash)).size).toBe(1);
    const kept = await postgres.db
      .selectFrom("audit_log")
      .select("details")
      .where("merchant_id", "=", ours)
      .execute();
    if (value.length > 1)
      expect(JSON.stringify([records, kept])).not.toContain(JSON.stringify(value).slice(1, -1));
  },
  60_000,
);

it("erases kept deliveries and set-aside events that name the person, and the findings' copy", async () => {
  const ours = await merchant();
  const body = (text: string) => JSON.stringify({ customer: text });
  const at = new Date(NOW).toISOString().replace("T", " ").slice(0, 23);
  const delivery = (id: string, text: string) =>
    JSON.stringify([ours, at, id, "src", "square", "", {}, body(text)]);
  await store.ch.insertFile(
    "deliveries",
    [
      "merchant_id",
      "received_ts",
      "delivery_id",
      "connection_id",
      "kind",
      "delivery_key",
      "headers",
      "body",
    ],
    { rows: `${delivery("d1", "cus_4711")}\n${delivery("d2", "cus_4712")}\n` },
    "d",
  );
  const finding = (id: string, subject: string) =>
    JSON.stringify([ours, at, id, subject, { customer_id: subject }]);
  await store.ch.insertFile(
    "findings",
    ["merchant_id", "ts", "id", "subject", "group_values"],
    { rows: `${finding("f1", "customer:cus_4711")}\n${finding("f2", "customer:cus_9")}\n` },
    "f",
  );
  expect(await erasePerson(deps(), ours, asked("customer_id", "cus_4711"))).toMatchObject({
    deliveries: 1,
    findings: 1,
  });
  expect(await store.ch.query(ours, "SELECT delivery_id AS id FROM deliveries")).toEqual([
    { id: "d2" },
  ]);
  expect(await store.ch.query(ours, "SELECT id FROM findings")).toEqual([{ id: "f2" }]);
});

it("retention takes what is older than the merchant's days, to the millisecond, once a day", async () => {
  const [ours, theirs] = [await merchant(), await merchant()];
  const old = { ts: NOW - 30 * DAY - 1, received_ts: NOW - 30 * DAY - 1 };
  await insert([
    { merchant_id: ours, event_id: "old", ...old },
    { merchant_id: ours, event_id: "edge", ts: NOW - 30 * DAY, received_ts: NOW - 30 * DAY },
    { merchant_id: ours, event_id: "imported", ts: NOW - 90 * DAY, received_ts: NOW - DAY },
    { merchant_id: ours, event_id: "new" },
    { merchant_id: theirs, event_id: "theirs", ...old },
  ]);
  await setRetention(postgres.db, ours, { days: 30, nowMs: NOW });
  const removed = await applyRetention(deps());
  expect(removed.get(ours)).toMatchObject({ events: 1 });
  expect((await ids(ours)).sort()).toEqual(["edge", "imported", "new"]);
  expect(await ids(theirs)).toEqual(["theirs"]);
  expect((await applyRetention(deps())).has(ours)).toBe(false);
  const later = { ...deps(), now: () => NOW + DAY };
  expect((await applyRetention(later)).get(ours)).toMatchObject({ events: 1 });
  await setRetention(postgres.db, ours, { days: 400, nowMs: NOW });
  expect((await applyRetention(deps())).get(ours)).toMatchObject({ events: 0 });
});
