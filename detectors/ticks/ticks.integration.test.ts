// Detection as ticks on real stores: two who store and two who judge find what one engine finds over the whole stream.
import { join } from "node:path";
import { Registry } from "prom-client";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { findingId } from "../../core/finding.ts";
import { silentLog } from "../../core/log.ts";
import { ATTACKS } from "../../scripts/simulate/attacks.ts";
import { threeStoreChain } from "../../scripts/simulate/chain.ts";
import { simulateHistory } from "../../scripts/simulate/history.ts";
import { makeRandom } from "../../scripts/simulate/random.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import { openQueue, type QueueHandle } from "../../stores/connect/queue.ts";
import { testPostgres, testQueueConfig } from "../../stores/connect/testing.ts";
import { encodeEvent } from "../../stores/event-columns.ts";
import { standingFindings } from "../../stores/findings.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { openSpool, type Spool } from "../../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { addUnjudged, countUnjudged, dropLease, takeLease } from "../../stores/unjudged.ts";
import { loadCatalogue, readRuleFiles } from "../catalogue.ts";
import { detectorMetrics } from "../detector-metrics.ts";
import { createEngine } from "../engine/live/engine.ts";
import { createTuner } from "../engine/tune/tuned.ts";
import { instantsOf } from "../rebuild.ts";
import { createRulebook } from "../settings/rulebook.ts";
import { startTicks, type Ticks } from "./run-ticks.ts";
import { tickMerchant } from "./tick.ts";

const rules = loadCatalogue();
const DAY_MS = 86_400_000;
let clickhouse: TestClickHouse;
let postgres: PostgresHandle;
const queues: QueueHandle[] = [];
const spools: Spool[] = [];
let merchant = "";
let nth = 0;

beforeAll(async () => {
  clickhouse = await testClickHouse();
  postgres = await testPostgres();
  for (const node of ["a", "b"]) {
    queues.push(await openQueue(testQueueConfig(), postgres, { prefix: `ticks-${process.pid}` }));
    spools.push(
      await openSpool({
        dir: join(clickhouse.folder, `spool-${node}`),
        ch: clickhouse.ch,
        limits: { maxBytes: 1e9, reserveBytes: 0 },
        log: silentLog,
        now: Date.now,
        announce: (stretches) => addUnjudged(postgres.db, stretches),
      }),
    );
  }
});
afterAll(async () => {
  for (const spool of spools) await spool.close();
  for (const queue of queues) await queue.close();
  await postgres?.close();
  await clickhouse?.close();
});
beforeEach(async () => {
  nth += 1;
  const shop = { name: "Shop", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
  merchant = (await createMerchant(postgres.db, shop, Date.now() + nth)).id;
});

const detector = (node: number, mostEvents?: number): Promise<Ticks> =>
  startTicks({
    db: postgres.db,
    ch: clickhouse.ch,
    queue: queues[node] as QueueHandle,
    rules,
    now: Date.now,
    log: silentLog,
    metrics: new Registry(),
    onFindings() {},
    ...(mostEvents === undefined ? {} : { mostEvents }),
  });

async function store(node: number, events: readonly Event[]): Promise<void> {
  for (const event of events) event.received_ts = Date.now();
  const spool = spools[node] as Spool;
  await spool.append(events.map((event) => ({ kind: "event", line: encodeEvent(event) })));
  await spool.flush();
}

/** Three shops over a day with an attack of each kind; of what is honest every fortieth event. */
function attackedDay(seed: number): Event[] {
  const midnight = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const fromMs = midnight - 2 * DAY_MS;
  const shop = threeStoreChain(`ticks-${seed}`);
  const attacks = ATTACKS.map(({ id }) => id);
  const days = [...simulateHistory({ seed, shop, fromMs, toMs: fromMs + DAY_MS, attacks })];
  const some = days.filter(({ label }, at) => label !== undefined || at % 40 === 0);
  return some.map(
    ({ draft }) =>
      ({ ...draft, merchant_id: merchant, source: "api", received_ts: 0 }) as unknown as Event,
  );
}

/** What the streaming engine finds over the whole stream in order. */
async function inOrder(events: readonly Event[]): Promise<string[]> {
  const engine = createEngine(rules, { merchantId: merchant, currency: "EUR" });
  const sorted = [...events].sort((a, b) => a.ts - b.ts || (a.event_id < b.event_id ? -1 : 1));
  const found: string[] = [];
  async function* once() {
    yield sorted;
  }
  for await (const instant of instantsOf(once())) {
    for (const { id } of engine.step(instant)) found.push(id);
  }
  return found.sort();
}

async function saved(of = merchant): Promise<string[]> {
  const names = rules.rules.map(({ name }) => name);
  const all = { rules: names, fromTs: 0, toTs: Date.now() + DAY_MS };
  return (await standingFindings(postgres.db, of, all)).map(({ id }) => id).sort();
}

/** Ids say nothing when they differ: what they are of does. */
async function named(ids: readonly string[], of = merchant): Promise<string[]> {
  const names = rules.rules.map(({ name }) => name);
  const all = { rules: names, fromTs: 0, toTs: Date.now() + DAY_MS };
  const known = new Map(
    (await standingFindings(postgres.db, of, all)).map((one) => [
      findingId({ merchant_id: of, ...one }),
      `${one.rule} ${JSON.stringify(one.group)} ${one.ts}`,
    ]),
  );
  return ids.map((id) => known.get(id) ?? id);
}

it("two who store and two who judge, out of order and in parts: the findings of one engine in order", async () => {
  const events = attackedDay(7);
  const wanted = await inOrder(events);
  expect(new Set(wanted).size).toBeGreaterThan(120);
  const random = makeRandom("ticks");
  const judges = [await detector(0, 1000), await detector(1, 1000)];
  // Neighbours overtake each other, and parts come by either node; some come when all the rest is judged.
  const late: Event[] = [];
  let part: Event[] = [];
  let turn = 0;
  for (const event of events) {
    if (random.chance(0.02)) late.push(event);
    else part.push(event);
    if (part.length < 600) continue;
    random.shuffle(part);
    await store(turn % 2, part);
    part = [];
    turn += 1;
  }
  await store(0, part);
  for (const judge of judges) await judge.idle();
  await store(1, late);
  for (const judge of judges) await judge.idle();
  const found = await saved();
  expect(await named(found.filter((id) => !wanted.includes(id)))).toEqual([]);
  expect(found).toHaveLength(wanted.length);
  expect(await countUnjudged(postgres.db)).toBe(0);
  for (const judge of judges) await judge.close();
}, 600_000);

/** A tick by hand: what the job does for one merchant. */
function tickBy(ch = clickhouse.ch): Promise<string> {
  const rulebook = createRulebook(postgres.db, createTuner(rules, readRuleFiles), silentLog);
  const metrics = detectorMetrics(new Registry());
  const deps = { db: postgres.db, ch, rulebook, metrics, now: Date.now, log: silentLog };
  return tickMerchant({ ...deps, onFindings() {} }, merchant);
}

const changed = (ts: number): Event => ({
  ...{ event_id: `f${ts}`, event_type: "file_changed", merchant_id: merchant, source: "api", ts },
  ...{ received_ts: 0, store_id: "soho", terminal_id: "till-1", path: "/opt/till/app.bin" },
  ...{ new_hash: "ab12", in_release: false },
});

it("a merchant that another process is at is left to it", async () => {
  await store(0, [changed(Date.now() - 5000)]);
  await takeLease(postgres.db, { merchantId: merchant, holder: "another", ms: 60_000 });
  expect(await tickBy()).toBe("held");
  await dropLease(postgres.db, { merchantId: merchant, holder: "another" });
  expect(await tickBy()).toBe("done");
  expect(await saved()).toHaveLength(1);
});

it("a tick whose merchant was taken meanwhile saves nothing and loses nothing", async () => {
  await store(0, [changed(Date.now() - 5000)]);
  const stolen = new Proxy(clickhouse.ch, {
    get: (ch, name) =>
      name === "query"
        ? async (...of: Parameters<typeof ch.query>) => {
            await postgres.db
              .updateTable("tick_lease")
              .set({ holder: "another" })
              .where("merchant_id", "=", merchant)
              .execute();
            return ch.query(...of);
          }
        : Reflect.get(ch, name),
  });
  await expect(tickBy(stolen)).rejects.toThrow(/meanwhile/);
  expect(await saved()).toEqual([]);
  await dropLease(postgres.db, { merchantId: merchant, holder: "another" });
  expect(await tickBy()).toBe("done");
  expect(await saved()).toHaveLength(1);
});

it("a late event of weeks ago is judged by itself, and what is too old raises nothing", async () => {
  const now = Date.now();
  await store(0, [changed(now - 20 * DAY_MS), changed(now - 5000), changed(now - 40 * DAY_MS)]);
  expect(await tickBy()).toBe("more");
  expect(await saved()).toHaveLength(1);
  expect(await tickBy()).toBe("more");
  expect(await saved()).toHaveLength(2);
  expect(await tickBy()).toBe("done");
  expect(await saved()).toHaveLength(2);
  expect(await countUnjudged(postgres.db)).toBe(0);
});
