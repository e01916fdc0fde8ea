// What is stored is what comes back, in the rules' order, and only to its own merchant.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import { FIELDS } from "../core/event-fields.ts";
import { MERCHANT_TABLES, OWN_TABLES } from "./clickhouse-tables.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { encodeDelivery, listDeliveries } from "./deliveries.ts";
import { EVENT_COLUMNS, encodeEvent } from "./event-columns.ts";
import {
  type EventRange,
  findEvent,
  listEvents,
  merchantsWithEvents,
  readEvents,
  receivedAfter,
} from "./events.ts";
import { copyFindings } from "./findings-copy.ts";
import { openSpool } from "./spool.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 25, 10);
let store: TestClickHouse;
let ch: ClickHouse;
let stored = 0;

beforeAll(async () => {
  store = await testClickHouse();
  ch = store.ch;
});
afterAll(() => store?.close());

function event(id: string, over: Partial<Event> = {}): Event {
  return {
    event_id: id,
    event_type: "sale",
    merchant_id: "mer_a",
    source: "api",
    ts: NOW,
    received_ts: NOW + 5,
    ...over,
  };
}

async function save(events: readonly Event[]): Promise<void> {
  const path = join(store.folder, `events-${stored}.rows`);
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  stored += 1;
  await ch.insertFile("events", EVENT_COLUMNS, path, `test-${stored}`);
}

async function collect(batches: AsyncIterable<Event[]>): Promise<Event[]> {
  const all: Event[] = [];
  for await (const batch of batches) all.push(...batch);
  return all;
}
const all = (merchantId: string) =>
  collect(readEvents(ch, merchantId, { fromTs: 0, toTs: NOW + 1e9 }));

const hostile = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "",
    "\n\n; DROP TABLE events",
    "']); DROP TABLE events --",
    "<script>alert(1)</script>",
    "\u0000\u0001\u007f\u0085\u2028\u2029\ufeff",
    "\\N",
    "\\ud800",
    "null",
    '"],["',
    "👩‍👩‍👧‍👦 नमस्ते",
    "{p:String}",
    "\r\n\t\b",
  ),
);

const anyField = (name: keyof typeof FIELDS): fc.Arbitrary<unknown> => {
  switch (FIELDS[name].kind) {
    case "s":
      return hostile;
    case "b":
      return fc.boolean();
    case "deg":
      return fc.double({ min: -180, max: 180, noNaN: true }).map((value) => value || 0);
    case "l":
      return fc.oneof(
        fc
          .date({ min: new Date("1950-01-01"), max: new Date("2199-12-31"), noInvalidDate: true })
          .map((date) => date.toISOString().slice(0, 23)),
        fc.constantFrom("2026-02-30T00:00:00.000", "", "yesterday", "9999-99-99T99:99:99.999"),
      );
    case "t":
      return fc.integer({ min: Date.UTC(2000, 0, 1), max: Date.UTC(2100, 0, 1) });
    default:
      return fc.maxSafeInteger();
  }
};
const details = fc.record(
  Object.fromEntries(
    (Object.keys(FIELDS) as (keyof typeof FIELDS)[])
      .filter((name) => !["event_id", "event_type", "merchant_id", "ts"].includes(name))
      .map((name) => [name, anyField(name)]),
  ),
  { requiredKeys: ["source", "received_ts"] },
);

describe("a stored event", () => {
  it("comes back as it was, whatever its texts hold", async () => {
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(details, fc.dictionary(hostile, hostile, { maxKeys: 4 })), {
          minLength: 20,
          maxLength: 60,
        }),
        async (rows) => {
          round += 1;
          const merchant_id = `mer_round_${round}`;
          const events = rows.map(([fields, attributes], at) => ({
            ...event(`e${String(at).padStart(4, "0")}`),
            ...fields,
            merchant_id,
            ts: NOW + at,
            ...(Object.keys(attributes).length > 0 ? { attributes: { ...attributes } } : {}),
          })) as Event[];
          await save(events);
          expect(await all(merchant_id)).toEqual(events);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("may hold a name of a megabyte, and halves of surrogate pairs become U+FFFD", async () => {
    const sku = "ab\n\n; DROP TABLE events;".repeat(50_000);
    await save([event("big", { merchant_id: "mer_big", sku, reason: "x\ud800y" })]);
    expect(await findEvent(ch, "mer_big", "big")).toEqual(
      event("big", { merchant_id: "mer_big", sku, reason: "x\ufffdy" }),
    );
  });
});

describe("questions", () => {
  beforeAll(() =>
    save([
      event("q3", { merchant_id: "mer_q", ts: NOW, store_id: "s1", amount: 5, is_promo: true }),
      event("q1", { merchant_id: "mer_q", ts: NOW, store_id: "s2", event_type: "refund" }),
      event("q2", { merchant_id: "mer_q", ts: NOW, received_ts: NOW + 900 }),
      event("q0", { merchant_id: "mer_q", ts: NOW - 86_400_000, received_ts: NOW + 900 }),
      event("q9", { merchant_id: "mer_q", ts: NOW + 1, received_ts: NOW + 900 }),
    ]),
  );
  const ids = (events: readonly Event[]) => events.map(({ event_id }) => event_id);

  it("reads in order of (ts, event_id), across stores and days", async () => {
    expect(ids(await all("mer_q"))).toEqual(["q0", "q1", "q2", "q3", "q9"]);
  });
  it.each([
    { name: "ends included", range: { fromTs: NOW, toTs: NOW }, expected: ["q1", "q2", "q3"] },
    {
      name: "one type",
      range: { fromTs: 0, toTs: NOW, eventTypes: ["refund"] },
      expected: ["q1"],
    },
    {
      name: "by a column and a map",
      range: { fromTs: 0, toTs: NOW, where: [{ amount: 5 }, { is_promo: true }] },
      expected: ["q3"],
    },
    {
      name: "an absent field is not false",
      range: { fromTs: 0, toTs: NOW, where: [{ is_promo: false }] },
      expected: [],
    },
    {
      name: "a name outside the vocabulary",
      range: { fromTs: 0, toTs: NOW, where: [{ "1=1 OR amount": 5 }] },
      expected: [],
    },
    { name: "nothing", range: { fromTs: NOW, toTs: NOW - 1 }, expected: [] },
  ])("$name", async ({ range, expected }) => {
    expect(ids(await collect(readEvents(ch, "mer_q", range as EventRange)))).toEqual(expected);
  });
  it("finds what was received after, but happened before", async () => {
    expect(ids(await collect(receivedAfter(ch, "mer_q", NOW + 5, NOW)))).toEqual(["q0", "q2"]);
  });
  it("lists newest first and names the merchants", async () => {
    const page = await listEvents(ch, "mer_q", { from: 0, to: NOW, limit: 2 });
    expect(ids(page)).toEqual(["q3", "q2"]);
    expect(await merchantsWithEvents(ch, NOW + 1)).toContain("mer_q");
    expect(await merchantsWithEvents(ch, NOW + 1e8)).not.toContain("mer_q");
  });
});

describe("promise 3: one merchant never sees another's rows", () => {
  beforeAll(async () => {
    await save([
      event("a1", { merchant_id: "mer_a", sku: "mine" }),
      event("b1", { merchant_id: "mer_b", sku: "secret" }),
    ]);
    await ch.command("CREATE VIEW IF NOT EXISTS events_view AS SELECT * FROM events");
  });

  it.each([
    "SELECT * FROM events",
    "SELECT e.texts['sku'] AS sku FROM events AS e",
    "SELECT b.texts['sku'] AS sku FROM events AS a JOIN events AS b ON a.ts = b.ts",
    "SELECT * FROM (SELECT * FROM events)",
    "WITH x AS (SELECT * FROM events) SELECT * FROM x",
    "SELECT number FROM numbers(1) WHERE 'secret' IN (SELECT texts['sku'] FROM events)",
    "SELECT * FROM events_view",
    "SELECT * FROM merge('^events$')",
    "SELECT * FROM merge(currentDatabase(), '^events')",
    "SELECT count() AS n FROM events WHERE merchant_id = 'mer_b' HAVING n > 0",
    "SELECT * FROM events WHERE merchant_id = 'mer_b' OR 1",
    "SELECT * FROM events PREWHERE texts['sku'] = 'secret'",
    "SELECT groupArray(texts['sku']) AS skus FROM events",
    "SELECT DISTINCT merchant_id FROM events UNION ALL SELECT merchant_id FROM events",
    "SELECT max(merchant_id) AS m FROM events WHERE merchant_id IN ('mer_a', 'mer_b')",
  ])("%s", async (sql) => {
    const rows = JSON.stringify(await ch.query("mer_a", sql));
    expect(rows).not.toMatch(/secret|mer_b|b1/);
    const owner = JSON.stringify(await ch.query("*", sql));
    expect(owner).toMatch(/secret|mer_b|b1|"n":|"number":0/);
  });
  it("gives nothing to an unknown merchant, and refuses a scope without one", async () => {
    expect(await ch.query("mer_nobody", "SELECT event_id FROM events")).toEqual([]);
    if (ch.engine === "embedded") {
      await expect(ch.query("", "SELECT event_id FROM events")).rejects.toThrow("one merchant");
    }
  });
  it.each([
    "SET log_comment = '*'",
    "SET readonly = 0",
    "SELECT * FROM events SETTINGS log_comment = '*'",
    "SELECT * FROM events SETTINGS SQL_merchant = '*'",
    "INSERT INTO events (merchant_id) SELECT 'mer_b'",
    "DROP TABLE events",
    "ALTER TABLE events DELETE WHERE 1",
    "SELECT 1; DROP TABLE events",
  ])("a reader cannot: %s", async (sql) => {
    if (ch.engine === "server" && !/SETTINGS SQL_/.test(sql)) return;
    await expect(ch.query("mer_a", sql)).rejects.toThrow();
    expect((await findEvent(ch, "mer_b", "b1"))?.sku).toBe("secret");
  });
  it("finds an own event by id, another's not", async () => {
    expect((await findEvent(ch, "mer_a", "a1"))?.sku).toBe("mine");
    expect(await findEvent(ch, "mer_a", "b1")).toBeUndefined();
  });
});

describe("the schema", () => {
  it("has exactly the listed tables, each with a merchant, comments and a first comment line", async () => {
    const tables = await ch.query<{ name: string }>(
      "*",
      "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine != 'View' AND name NOT LIKE '.%' ORDER BY name",
    );
    expect(tables.map(({ name }) => name)).toEqual([...MERCHANT_TABLES, ...OWN_TABLES].sort());
    const columns = await ch.query<{ table: string; name: string; comment: string }>(
      "*",
      "SELECT table, name, comment FROM system.columns WHERE database = currentDatabase() AND table != 'events_view'",
    );
    expect(columns.filter(({ comment }) => comment === "")).toEqual([]);
    for (const table of MERCHANT_TABLES) {
      expect(
        columns.some((column) => column.table === table && column.name === "merchant_id"),
      ).toBe(true);
    }
    const own = columns.filter(({ table }) => table === "events").map(({ name }) => name);
    expect(own).toEqual([...EVENT_COLUMNS]);
  });

  it("has the projections that serve a card or a cashier without a store (used from a million rows on)", async () => {
    const rows = await ch.query(
      "*",
      "SELECT name, sorting_key FROM system.projections WHERE database = currentDatabase() AND table = 'events' ORDER BY name",
    );
    expect(rows).toEqual([
      { name: "by_card", sorting_key: ["card_token", "ts"] },
      { name: "by_cashier", sorting_key: ["cashier_id", "ts"] },
    ]);
  });
});

describe("neighbours", () => {
  it("keeps deliveries and a copy of findings, by merchant", async () => {
    const spool = await openSpool({
      dir: join(store.folder, "spool-neighbours"),
      ch,
      limits: { maxBytes: 1e9, reserveBytes: 0 },
      log: { debug() {}, info() {}, warn() {}, error() {} },
      now: () => NOW,
    });
    const delivery = {
      merchant_id: "mer_a",
      received_ts: NOW,
      delivery_id: "dlv_1",
      connection_id: "con_1",
      kind: "square",
      delivery_key: "",
      headers: { "user-agent": 'x"\n' },
      body: '{"a":"\n\n; DROP TABLE deliveries"}',
    };
    await spool.append([{ kind: "delivery", line: encodeDelivery(delivery) }]);
    await spool.flush();
    await spool.close();
    expect(await listDeliveries(ch, "mer_a", { limit: 5 })).toEqual([delivery]);
    expect(await listDeliveries(ch, "mer_b", { limit: 5 })).toEqual([]);

    const finding = {
      id: "f1",
      merchant_id: "mer_a",
      detection: "card-testing",
      rule: "card-testing",
      rule_version: 1,
      title: "Many declined cards",
      level: "high",
      subject: "card:x",
      group: { card_token: "x" },
      ts: NOW,
      value: 5,
      threshold: null,
      amount: 120,
      currency: "EUR",
      explanation: "why\n\n; DROP TABLE findings",
      counterfactual: "",
      store_id: null,
      terminal_id: null,
      cashier_id: null,
      evidence: [],
      event_count: 5,
      late: false,
    } as const;
    await copyFindings(ch, [{ ...finding, evidence: [] }]);
    await copyFindings(ch, [
      { ...finding, evidence: [] },
      { ...finding, id: "f2", evidence: [] },
    ]);
    const copied = await ch.query(
      "mer_a",
      "SELECT id, value, threshold FROM findings FINAL ORDER BY id",
    );
    expect(copied).toEqual([
      { id: "f1", value: 5, threshold: null },
      { id: "f2", value: 5, threshold: null },
    ]);
    expect(await ch.query("mer_b", "SELECT id FROM findings")).toEqual([]);
  });
});
