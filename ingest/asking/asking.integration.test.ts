import type { ServerResponse } from "node:http";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../core/log.ts";
import type { SourceConnection } from "../../core/merchant.ts";
import { listAsking, MOST_WAITING } from "../../stores/asking.ts";
import { listDeliveries } from "../../stores/deliveries.ts";
import { listQuarantine } from "../../stores/quarantine.ts";
import { removeSource } from "../../stores/sources.ts";
import { sourceHealth } from "../connection/source-health.ts";
import { makeDirectory } from "../directory.ts";
import { replayQuarantined } from "../replay.ts";
import { type AskTools, askRow } from "./ask-row.ts";
import { startAsking } from "./start-asking.ts";
import {
  type Bench,
  json,
  openBench,
  openVendor,
  SEAL_KEY,
  type Seen,
  TOKEN,
  until,
  type Vendor,
} from "./testing.ts";

let bench: Bench;
let vendor: Vendor;
let shop: SourceConnection;

beforeAll(async () => {
  bench = await openBench();
});
beforeEach(async () => {
  vendor = await openVendor();
  shop = await bench.source("sumup", "MCODE1");
  bench.durable.length = 0;
});
afterEach(async () => {
  bench.diskFull = false;
  await removeSource(bench.pg.db, bench.merchant.id, shop.id);
  await vendor.close();
});
afterAll(() => bench.close());

const key = () => ({ merchant_id: bench.merchant.id, source_id: shop.id, what: "transactions" });
const row = async (what = "transactions") =>
  (await listAsking(bench.pg.db, bench.merchant.id)).find(
    (one) => one.what === what && one.source_id === shop.id,
  );
const at = () => new Date(Date.now() - 60_000).toISOString();
const payment = (id: string, over: object = {}) => ({
  ...{
    id,
    transaction_id: id,
    type: "PAYMENT",
    status: "SUCCESSFUL",
    amount: 10.1,
    currency: "EUR",
  },
  ...{ timestamp: at(), payment_type: "POS", entry_mode: "contactless", card_type: "VISA" },
  ...{ user: "anna@shop.example", product_summary: "Tea for Mrs Miller" },
  ...over,
});

/** The history as SumUp pages it: two items a page, a link to the next, references as opaque words. */
function history(items: object[]) {
  return ({ query }: Seen, response: ServerResponse) => {
    const from = Number(query.get("oldest_ref") ?? 0);
    const next = from + 2 < items.length;
    const href = `limit=100&oldest_ref=${from + 2}&order=ascending`;
    json(response, {
      items: items.slice(from, from + 2),
      links: next ? [{ rel: "next", href }] : [],
    });
  };
}
const ids = () => bench.durable.map((event) => event.payment_id);
const askNow = (over: Partial<AskTools> = {}) =>
  askRow(key(), { ...bench.tools(vendor.base), ...over });
const dueAgain = () =>
  sql`UPDATE tillwatch.asking SET next_at = 0 WHERE source_id = ${shop.id}`.execute(bench.pg.db);

describe("a list that is read again and again", () => {
  it("is read to its end, page by page, with the token, and each transaction becomes one event", async () => {
    vendor.answer = history(["t1", "t2", "t3", "t4", "t5"].map((id) => payment(id)));
    await askNow();
    expect(ids()).toEqual(["t1", "t2", "t3", "t4", "t5"]);
    expect(bench.durable[0]).toMatchObject({
      ...{
        event_type: "payment",
        source: "sumup",
        amount: 1010,
        currency: "EUR",
        outcome: "approved",
      },
      ...{ entry_mode: "contactless", store_id: "MCODE1", merchant_id: bench.merchant.id },
    });
    expect(vendor.seen.map(({ path }) => path)).toEqual(
      Array(3).fill("/v2.1/merchants/MCODE1/transactions/history"),
    );
    expect(vendor.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(await row()).toMatchObject({ failures: 0, last_error: null, claim: null });
  });

  it("gives no second event for what was read before, also by a process that remembers nothing", async () => {
    vendor.answer = history([payment("again")]);
    await askNow();
    await dueAgain();
    await askNow();
    expect(vendor.seen).toHaveLength(2);
    expect(ids()).toEqual(["again"]);
  });

  it("goes on after a restart at the page where it stood", async () => {
    vendor.answer = history(["r1", "r2", "r3", "r4"].map((id) => payment(id)));
    const pages = vendor.answer;
    vendor.answer = (seen, response) =>
      seen.query.has("oldest_ref") ? response.writeHead(500).end() : pages(seen, response);
    await askNow();
    expect(ids()).toEqual(["r1", "r2"]);
    vendor.answer = pages;
    await dueAgain();
    await askNow();
    expect(vendor.seen.at(-1)?.query.get("oldest_ref")).toBe("2");
    expect(ids()).toEqual(["r1", "r2", "r3", "r4"]);
  });

  it("does not move its place when what came cannot be put on disk", async () => {
    vendor.answer = history([payment("disk")]);
    bench.diskFull = true;
    await askNow();
    expect(await row()).toMatchObject({ cursor: null, failures: 1 });
    bench.diskFull = false;
    await dueAgain();
    await askNow();
    expect(ids()).toEqual(["disk"]);
  });

  it("keeps no address, no name and no e-mail of what it read", async () => {
    vendor.answer = history([payment("private", { card_number: "4111111111111111" })]);
    await askNow();
    await bench.spool.flush();
    const kept = await listDeliveries(bench.clickhouse.ch, bench.merchant.id, { limit: 1000 });
    const body = kept.find((one) => one.connection_id === shop.id)?.body ?? "";
    expect(body).toContain("private");
    expect(body).not.toMatch(/anna|Miller|4111/);
    expect(JSON.stringify(bench.durable)).not.toMatch(/anna|Miller|4111/);
  });

  it("sets one transaction aside that cannot be read, takes the others, and takes it again from there", async () => {
    vendor.answer = history([payment("good"), payment("bad", { amount: "ten" })]);
    await askNow();
    expect(ids()).toEqual(["good"]);
    await bench.spool.flush();
    const { ch } = bench.clickhouse;
    const aside = (await listQuarantine(ch, bench.merchant.id, { limit: 10 })).filter(
      (one) => one.connection_id === shop.id,
    );
    expect(aside).toMatchObject([{ reason: "translation_failed", event_id: "asked" }]);
    // The same words sent to the address by a stranger are not believed.
    const directory = makeDirectory({
      db: bench.pg.db,
      sealKey: SEAL_KEY,
      now: Date.now,
      log: silentLog,
    });
    const again = await replayQuarantined(
      {
        ch,
        spool: bench.spool,
        pipeline: bench.pipeline,
        deliveries: bench.deliveries,
        directory,
        now: Date.now,
      },
      bench.merchant.id,
      { ids: aside.map((one) => one.quarantine_id) },
    );
    expect(again).toMatchObject([{ outcome: "quarantined", reason: "translation_failed" }]);
  });
});

describe("a provider that is in trouble, or lies", () => {
  it.each([
    { status: 429, headers: { "retry-after": "120" }, leastMs: 120_000, words: /fewer questions/ },
    { status: 500, headers: {}, leastMs: 15_000, words: /error \(500\)/ },
    { status: 401, headers: {}, leastMs: 900_000, words: /refuses the token/ },
    { status: 302, headers: { location: "/v0.1/me" }, leastMs: 15_000, words: /elsewhere/ },
  ])("$status: it waits and says why", async ({ status, headers, leastMs, words }) => {
    vendor.answer = (_seen, response) => response.writeHead(status, headers).end("secret words");
    const before = Date.now();
    await askNow();
    const after = await row();
    expect(after?.last_error).toMatch(words);
    expect(after?.last_error).not.toContain("secret words");
    expect((after?.next_at ?? 0) - before).toBeGreaterThanOrEqual(leastMs);
    expect(after).toMatchObject({ failures: 1, claim: null, cursor: null });
    expect(vendor.seen).toHaveLength(1);
  });

  it.each<[string, (response: ServerResponse) => void, RegExp]>([
    ["never answers", () => {}, /longer than/],
    ["drips for ever", (r) => void r.write("["), /longer than/],
    ["answers without end", (r) => void r.end("x".repeat(300_000)), /over 195 KiB/],
    ["answers no JSON", (r) => void r.end("<html>"), /no JSON/],
    ["answers a list", (r) => json(r, []), /answer: expected an object/],
    ["hangs up", (r) => void r.destroy(), /cannot be reached/],
    ["names items that are none", (r) => json(r, { items: [1] }), /items\[0\]/],
  ])("one that %s does not hold us up", async (_name, answer, words) => {
    vendor.answer = (_seen, response) => answer(response);
    await askNow({ limits: { timeoutMs: 400, mostBytes: 200_000 } });
    expect(await row()).toMatchObject({ failures: 1, last_error: expect.stringMatching(words) });
    expect(bench.durable).toEqual([]);
  });

  it("cannot send us in circles or to another place by its link to the next page", async () => {
    vendor.answer = (_seen, response) =>
      json(response, {
        items: [payment("circle")],
        links: [{ rel: "next", href: "http://127.0.0.1:1/x?oldest_ref=2&changes_since=1970" }],
      });
    await askNow();
    expect(vendor.seen).toHaveLength(2);
    expect(vendor.seen[1]?.path).toBe("/v2.1/merchants/MCODE1/transactions/history");
    expect(vendor.seen[1]?.query.get("changes_since")).not.toBe("1970");
    expect((await row())?.last_error).toMatch(/again and again/);
  });

  it("is asked ever more seldom while it fails", async () => {
    vendor.answer = (_seen, response) => response.writeHead(503).end();
    const pauses: number[] = [];
    for (let nth = 0; nth < 3; nth += 1) {
      await dueAgain();
      const before = Date.now();
      await askNow();
      pauses.push(Math.round((((await row())?.next_at ?? 0) - before) / 15_000));
    }
    expect(pauses).toEqual([1, 2, 4]);
  });
});

describe("who asks", () => {
  it("never two at once: of three that are woken together one asks", async () => {
    vendor.answer = (seen, response) => {
      setTimeout(() => history([payment("once")])(seen, response), 100);
    };
    const all = await Promise.all([askNow(), askNow(), askNow()]);
    expect(all.filter((one) => one === "busy")).toHaveLength(2);
    expect(vendor.seen).toHaveLength(1);
  });

  it("takes over from a process that died, after its claim has run out", async () => {
    const late = Date.now() - 1;
    await sql`UPDATE tillwatch.asking SET claim = 'dead', claimed_until = ${Date.now() + 60_000}
      WHERE source_id = ${shop.id}`.execute(bench.pg.db);
    expect(await askNow()).toBe("busy");
    await sql`UPDATE tillwatch.asking SET claimed_until = ${late} WHERE source_id = ${shop.id}`.execute(
      bench.pg.db,
    );
    vendor.answer = history([payment("over")]);
    await askNow();
    expect(ids()).toEqual(["over"]);
  });

  it("asks nothing for an account that nobody confirmed, or without the token", async () => {
    await sql`UPDATE tillwatch.source SET account_confirmed = false WHERE id = ${shop.id}`.execute(
      bench.pg.db,
    );
    await askNow();
    expect((await row())?.last_error).toMatch(/not confirmed/);
    await sql`UPDATE tillwatch.source SET token = NULL WHERE id = ${shop.id}`.execute(bench.pg.db);
    await dueAgain();
    await askNow();
    expect((await row())?.last_error).toMatch(/no token/);
    expect(vendor.seen).toEqual([]);
  });

  it("keeps the token sealed, bound to its own row", async () => {
    const stored = await sql<{ token: string }>`SELECT token FROM tillwatch.source`.execute(
      bench.pg.db,
    );
    expect(JSON.stringify(stored.rows)).not.toContain(TOKEN);
    await sql`UPDATE tillwatch.source SET token = secret WHERE id = ${shop.id}`.execute(
      bench.pg.db,
    );
    await askNow();
    expect((await row())?.last_error).toMatch(/cannot be opened/);
    expect(vendor.seen).toEqual([]);
  });
});

describe("a webhook that only names a checkout", () => {
  const send = (body: object) =>
    bench.deliveries.take({
      ...{ kind: "sumup", connectionId: shop.id, headers: {} },
      body: Buffer.from(JSON.stringify(body)),
    });
  const hook = (id: string) => send({ event_type: "CHECKOUT_STATUS_CHANGED", id });
  const checkout = (id: string, over: object = {}) => ({
    ...{ id, status: "PAID", merchant_code: "MCODE1", transactions: [payment(`tx-${id}`)] },
    ...over,
  });
  const noPolls = () =>
    sql`UPDATE tillwatch.asking SET next_at = 9e15 WHERE source_id = ${shop.id} AND NOT once`.execute(
      bench.pg.db,
    );
  const asking = () =>
    startAsking({ ...bench.tools(vendor.base), queue: bench.queue, asking: bench.asking });

  it("is asked for once, by its job, and a poll of the same transaction adds nothing", async () => {
    await noPolls();
    vendor.answer = ({ path }, response) => json(response, checkout(path.split("/").at(-1) ?? ""));
    expect(await hook("c1")).toMatchObject({ outcome: "ask", type: "checkout" });
    const worker = asking();
    await until(async () => ids().length > 0 && (await row("checkout:c1")) === undefined);
    await worker.close();
    expect(vendor.seen.map(({ path }) => path)).toEqual(["/v0.1/checkouts/c1"]);
    vendor.answer = history([payment("tx-c1")]);
    await dueAgain();
    await askNow();
    expect(ids()).toEqual(["tx-c1"]);
  });

  it("believes nothing of what the webhook itself says", async () => {
    await noPolls();
    const forged = { asked: "transaction", object: payment("forged") };
    expect(await send(forged)).toMatchObject({ outcome: "quarantined" });
    expect(
      await send({ ...forged, event_type: "CHECKOUT_STATUS_CHANGED", id: "c2" }),
    ).toMatchObject({
      outcome: "ask",
    });
    vendor.answer = (_seen, response) => response.writeHead(404).end();
    await askRow({ ...key(), what: "checkout:c2" }, bench.tools(vendor.base));
    expect(await row("checkout:c2")).toBeUndefined();
    expect(bench.durable).toEqual([]);
    // Nor after a replay of what was set aside.
    await bench.spool.flush();
    const { ch } = bench.clickhouse;
    const directory = makeDirectory({
      db: bench.pg.db,
      sealKey: SEAL_KEY,
      now: Date.now,
      log: silentLog,
    });
    const deps = { ch, spool: bench.spool, pipeline: bench.pipeline, deliveries: bench.deliveries };
    await replayQuarantined({ ...deps, directory, now: Date.now }, bench.merchant.id, {
      reason: "translation_failed",
    });
    expect(ids()).not.toContain("forged");
  });

  it("of another merchant's account is set aside, whoever named it", async () => {
    await hook("c3");
    vendor.answer = (_seen, response) => json(response, checkout("c3", { merchant_code: "OTHER" }));
    await askRow({ ...key(), what: "checkout:c3" }, bench.tools(vendor.base));
    expect(bench.durable).toEqual([]);
    await bench.spool.flush();
    const aside = await listQuarantine(bench.clickhouse.ch, bench.merchant.id, { limit: 100 });
    expect(aside.filter((one) => one.connection_id === shop.id)).toMatchObject([
      { reason: "wrong_account" },
    ]);
  });

  it("named again while it is asked for is asked for again", async () => {
    await hook("c4");
    let named = false;
    vendor.answer = (_seen, response) => {
      if (named) return json(response, checkout("c4"));
      named = true;
      void hook("c4").then(() => json(response, checkout("c4", { transactions: [] })));
    };
    const tools = bench.tools(vendor.base);
    await askRow({ ...key(), what: "checkout:c4" }, tools);
    expect(bench.durable).toEqual([]);
    await askRow({ ...key(), what: "checkout:c4" }, tools);
    expect(ids()).toEqual(["tx-c4"]);
    expect(await row("checkout:c4")).toBeUndefined();
  });

  it("cannot fill our store: too many that wait are refused, to be sent again", async () => {
    await sql`INSERT INTO tillwatch.asking (merchant_id, source_id, what, once, next_at, created_at)
      SELECT ${bench.merchant.id}, ${shop.id}, 'checkout:x' || n, true, 9e15, 0
      FROM generate_series(1, ${sql.lit(MOST_WAITING)}) AS n`.execute(bench.pg.db);
    await expect(hook("c5")).rejects.toMatchObject({ code: "RATE_LIMITED", status: 429 });
    await expect(hook("../../me")).resolves.toMatchObject({ outcome: "quarantined" });
  });
});

describe("Clover", () => {
  it("shows the code that verifies its address, then asks for what it names, and the list adds nothing", async () => {
    const made = await bench.source("clover", "M1");
    const send = (body: object, headers: Record<string, string> = {}) =>
      bench.deliveries.take({
        ...{ kind: "clover", connectionId: made.id, headers },
        body: Buffer.from(JSON.stringify(body)),
      });
    await send({ verificationCode: "5e7d5c9a-0b61-4c1d-8f0e-2f2f6f6d7c11" });
    await bench.spool.flush();
    const { ch } = bench.clickhouse;
    const all = await sourceHealth({ db: bench.pg.db, ch, now: Date.now }, bench.merchant.id);
    expect(all.find((one) => one.source_id === made.id)).toMatchObject({
      verification_code: "5e7d5c9a-0b61-4c1d-8f0e-2f2f6f6d7c11",
    });
    const paid = { id: "P1", amount: 500, createdTime: Date.now() - 1000, result: "SUCCESS" };
    const cardTransaction = { cardType: "VISA", first6: "411111", last4: "1111" };
    const payments = Array.from({ length: 101 }, (_, n) => ({
      ...paid,
      cardTransaction,
      id: `P${n}`,
    }));
    vendor.answer = ({ path, query }, response) => {
      const id = path.split("/payments/")[1];
      if (id !== undefined)
        return json(
          response,
          payments.find((one) => one.id === id),
        );
      const from = Number(query.get("offset"));
      json(response, { elements: payments.slice(from, from + 100) });
    };
    const merchants = { M1: [{ objectId: "P:P1", type: "UPDATE", ts: 1 }] };
    await send({ appId: "A", merchants }, { "x-clover-auth": "a-secret" });
    const of = { merchant_id: bench.merchant.id, source_id: made.id };
    await askRow({ ...of, what: "payment:P1" }, bench.tools(vendor.base));
    expect(bench.durable).toMatchObject([{ payment_id: "P1", amount: 500, currency: "EUR" }]);
    await askRow({ ...of, what: "payments" }, bench.tools(vendor.base));
    expect(new Set(ids()).size).toBe(101);
    expect(bench.durable).toHaveLength(101);
    await removeSource(bench.pg.db, bench.merchant.id, made.id);
  });
});

describe("Square's cash drawers", () => {
  it("are read shop by shop, shift by shift, page by page; what nobody did at a sale is told", async () => {
    const made = await bench.source("square", "MLR1");
    const when = (minute: number) =>
      new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString();
    const eur = (amount: number) => ({ amount, currency: "EUR" });
    const shift = {
      ...{ id: "S1", state: "CLOSED", opened_at: when(0), ended_at: when(30), closed_at: when(31) },
      ...{ opening_team_member_id: "TM1", closing_team_member_id: "TM2", device: { id: "D1" } },
      ...{ expected_cash_money: eur(10_000), closed_cash_money: eur(9_000), description: "Anna" },
    };
    const event = (id: string, event_type: string, amount = 0) => ({
      ...{ id, event_type, event_money: eur(amount), created_at: when(5), team_member_id: "TM1" },
    });
    const events = [
      [event("e1", "NO_SALE"), event("e2", "CASH_TENDER_PAYMENT", 500)],
      [event("e3", "PAID_OUT", 700)],
    ];
    const shifts = "/v2/cash-drawers/shifts";
    const answers: Record<string, object> = {
      "/v2/locations": { locations: [{ id: "L1" }] },
      [shifts]: { cash_drawer_shifts: [{ id: "S1", state: "CLOSED" }] },
      [`${shifts}/S1`]: { cash_drawer_shift: shift },
      [`${shifts}/S1/events`]: { cash_drawer_shift_events: events[0], cursor: "two" },
      [`${shifts}/S1/events two`]: { cash_drawer_shift_events: events[1] },
    };
    vendor.answer = ({ path, query }, response) =>
      json(response, answers[`${path} ${query.get("cursor") ?? ""}`.trim()]);
    const key = { merchant_id: bench.merchant.id, source_id: made.id, what: "cash_drawers" };
    await askRow(key, bench.tools(vendor.base));
    expect(bench.durable).toMatchObject([
      { event_type: "shift", action: "opened", cashier_id: "TM1", store_id: "L1", shift_id: "S1" },
      { event_type: "shift", action: "closed" },
      { event_type: "cash_counted", expected: 10_000, counted: 9_000, cashier_id: "TM2" },
      { event_type: "drawer_opened", reason: "no_sale", cashier_id: "TM1" },
      { event_type: "cash_moved", kind: "paid_out", amount: 700 },
    ]);
    // A minute later closed shifts are left alone.
    await sql`UPDATE tillwatch.asking SET next_at = 0 WHERE source_id = ${made.id}`.execute(
      bench.pg.db,
    );
    vendor.seen.length = 0;
    await askRow(key, bench.tools(vendor.base));
    expect(vendor.seen.map(({ path }) => path)).toEqual([
      "/v2/locations",
      "/v2/cash-drawers/shifts",
    ]);
    await removeSource(bench.pg.db, bench.merchant.id, made.id);
  });
});
