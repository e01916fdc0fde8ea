// The detectors on real stores: what is killed, late, sent again or mixed between merchants changes no finding.
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import type { Finding } from "../core/finding.ts";
import { silentLog } from "../core/log.ts";
import type { PostgresHandle } from "../stores/connect/postgres.ts";
import { testPostgres } from "../stores/connect/testing.ts";
import { encodeEvent } from "../stores/event-columns.ts";
import { listFindings, readPosition } from "../stores/findings.ts";
import { createMerchant } from "../stores/merchants.ts";
import { openSpool, type Spool } from "../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { loadCatalogue } from "./catalogue.ts";
import { createEngine } from "./engine/live/engine.ts";
import { runEvents } from "./engine/proof/run-rule-tests.ts";
import { type Detectors, startDetectors } from "./run.ts";

const rules = loadCatalogue();
let clickhouse: TestClickHouse;
let postgres: PostgresHandle;
let spool: Spool;
let merchant = "";
let nth = 0;
let received = 0;

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
});

afterAll(async () => {
  await spool.close();
  await postgres.close();
  await clickhouse.close();
});

async function newMerchant(): Promise<string> {
  const made = await createMerchant(
    postgres.db,
    { name: "Shop", currency: "EUR", zone: "UTC", emails: [], is_demo: false },
    Date.now() + nth,
  );
  return made.id;
}

beforeEach(async () => {
  merchant = await newMerchant();
});

const start = () =>
  startDetectors({
    db: postgres.db,
    ch: clickhouse.ch,
    spool,
    rules,
    now: Date.now,
    log: silentLog,
    metrics: new Registry(),
    onFindings() {},
  });

function anEvent(ts: number, fields: Partial<Event>, of = merchant): Event {
  nth += 1;
  const event_id = `e${String(nth).padStart(6, "0")}`;
  return {
    event_id,
    merchant_id: of,
    source: "api",
    ts,
    received_ts: 0,
    event_type: "payment",
    ...fields,
  } as Event;
}

/** As the door does: a rising received_ts, durable, then handed on. */
async function send(detectors: Detectors | undefined, events: readonly Event[]): Promise<void> {
  for (const event of events) {
    received = Math.max(received, Date.now());
    event.received_ts = received;
  }
  await spool.append(events.map((event) => ({ kind: "event", line: encodeEvent(event) })));
  for (const id of new Set(events.map((event) => event.merchant_id))) {
    detectors?.offer(
      id,
      events.filter((event) => event.merchant_id === id),
    );
  }
}

const lines = (findings: readonly Finding[]) =>
  findings.map((f) => `${f.rule} ${f.subject} ${f.ts} ${f.value}`).sort();
const saved = async (of = merchant) => lines(await listFindings(postgres.db, of, { limit: 200 }));
const inOrder = (events: readonly Event[], of = merchant) =>
  lines(runEvents(createEngine(rules, { merchantId: of, currency: "EUR" }), events));

/** Forty declines over eight minutes from one address, with sign-ins and refunds between. */
function aStream(from: number, of = merchant): Event[] {
  return Array.from({ length: 40 }, (_, i) => {
    const ts = from + i * 12_000;
    if (i % 5 === 4)
      return anEvent(ts, { event_type: "sign_in", outcome: "failure", login_hash: "h1" }, of);
    const fields = {
      outcome: "declined",
      ip: "203.0.113.9",
      card_token: `c${i % 7}`,
      amount: 900,
      currency: "EUR",
    };
    return anEvent(ts, { ...fields, entry_mode: "online" }, of);
  });
}

describe("startDetectors", () => {
  it("finds what the engine finds over the whole stream in order", async () => {
    const events = aStream(Date.now() - 3_600_000);
    const detectors = await start();
    await send(detectors, events);
    await detectors.idle();
    await detectors.close();
    expect(await saved()).toEqual(inOrder(events));
    expect((await saved()).length).toBeGreaterThan(20);
    const position = await readPosition(postgres.db, merchant);
    expect(position?.instant).toBe(events.at(-1)?.ts);
  });

  it("a stop and a start between any two events neither misses nor repeats", async () => {
    const events = aStream(Date.now() - 3_600_000);
    for (let at = 0; at < events.length; at += 8) {
      const detectors = await start();
      await send(detectors, events.slice(at, at + 8));
      // Every other time the process ends before anything is judged.
      if (at % 16 === 0) await detectors.idle();
      await detectors.close();
    }
    const detectors = await start();
    await detectors.idle();
    await detectors.close();
    expect(await saved()).toEqual(inOrder(events));
  }, 120_000);

  it("events that came while nothing ran are judged at the start", async () => {
    const events = aStream(Date.now() - 3_600_000);
    await send(undefined, events);
    const detectors = await start();
    await detectors.idle();
    await detectors.close();
    expect(await saved()).toEqual(inOrder(events));
  });

  it.each([
    { name: "seconds late, from memory", ageMs: 60_000 },
    { name: "hours late, from history", ageMs: 5 * 3_600_000 },
  ])(
    "$name: the same findings, marked late",
    async ({ ageMs }) => {
      const detectors = await start();
      const events = aStream(Date.now() - ageMs - 480_000);
      await send(detectors, [anEvent(Date.now() - 1000, { event_type: "terminal_heartbeat" })]);
      await detectors.idle();
      for (const half of [
        events.filter((_, i) => i % 2 === 0),
        events.filter((_, i) => i % 2 === 1),
      ]) {
        await send(detectors, half);
        await detectors.idle();
      }
      await detectors.close();
      // A value may have been lower when an instant was first found; what fired, and where, must agree.
      const places = (list: readonly string[]) => list.map((line) => line.replace(/ \S+$/, ""));
      expect(places(await saved())).toEqual(places(inOrder(events)));
      const found = await listFindings(postgres.db, merchant, { limit: 200 });
      expect(found.every((finding) => finding.late)).toBe(true);
    },
    120_000,
  );

  it("keeps merchants apart, and an event that is sent again counts once", async () => {
    const other = await newMerchant();
    const mine = aStream(Date.now() - 3_600_000).slice(0, 5);
    const theirs = aStream(Date.now() - 3_600_000, other);
    const detectors = await start();
    await send(
      detectors,
      mine.flatMap((event, i) => [event, theirs[i] as Event]),
    );
    detectors.offer(merchant, mine);
    await send(detectors, theirs.slice(5));
    await detectors.idle();
    await detectors.close();
    expect(await saved()).toEqual(inOrder(mine));
    expect(await saved(other)).toEqual(inOrder(theirs, other));
  });

  it("a till with a wrong clock does not pull the merchant's instant along", async () => {
    const detectors = await start();
    await send(detectors, [anEvent(Date.now() + 3_600_000, { event_type: "terminal_heartbeat" })]);
    const events = aStream(Date.now() - 600_000);
    await send(detectors, events);
    await detectors.idle();
    await detectors.close();
    const found = await listFindings(postgres.db, merchant, { limit: 200 });
    expect(lines(found)).toEqual(inOrder(events));
    expect(found.some((finding) => finding.late)).toBe(false);
  });

  it("what is older than 35 days raises nothing", async () => {
    const detectors = await start();
    await send(detectors, aStream(Date.now() - 40 * 86_400_000));
    await detectors.idle();
    await detectors.close();
    expect(await saved()).toEqual([]);
  });
});
