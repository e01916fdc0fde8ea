// Streaming = SQL = brute force, on a real ClickHouse: the same findings, values and levels from the same random streams.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import { localTime } from "../core/time.ts";
import type { ClickHouse } from "../stores/connect/clickhouse.ts";
import { EVENT_COLUMNS, encodeEvent } from "../stores/event-columns.ts";
import { type TestClickHouse, testClickHouse } from "../stores/testing.ts";
import { loadCatalogue } from "./catalogue.ts";
import { createEngine } from "./engine/live/engine.ts";
import type { CorrelationPlan, Ruleset, RuleTest } from "./engine/plan.ts";
import { bruteForce } from "./engine/proof/brute-force.ts";
import { runEvents } from "./engine/proof/run-rule-tests.ts";
import { EDGES } from "./engine/proof/testing/boundaries.ts";
import { anEvent, correlation, detection, rulesOf } from "./engine/proof/testing/builders.ts";
import { randomRules, randomStream } from "./engine/proof/testing/random-rules.ts";
import { testEvents } from "./engine/read/rule-tests.ts";
import type { Lists } from "./engine/sql/leaf-sql.ts";
import type { HistoryFinding } from "./engine/sql/rule-sql.ts";
import { lookupIn } from "./engine/tune/lists.ts";
import { runHistory } from "./history.ts";

let store: TestClickHouse;
let ch: ClickHouse;
let stored = 0;

beforeAll(async () => {
  store = await testClickHouse();
  ch = store.ch;
});
afterAll(() => store?.close());

async function save(events: readonly Event[]): Promise<void> {
  const path = join(store.folder, `history-${stored}.rows`);
  writeFileSync(path, events.map((one) => `${encodeEvent(one)}\n`).join(""));
  stored += 1;
  await ch.insertFile("events", EVENT_COLUMNS, path, `history-${stored}`);
}

type Line = { rule: string; group: Record<string, string>; ts: number; value: number | null };
const line = ({ rule, group, ts, value }: Line, level: string) => {
  const pairs = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${rule} ${JSON.stringify(pairs)} ${ts} ${value} ${level}`;
};

async function bySql(
  ruleset: Ruleset,
  merchantId: string,
  lists: Lists = new Map(),
): Promise<string[]> {
  const found: HistoryFinding[] = [];
  const span = { merchantId, currency: "EUR", fromTs: 0, toTs: Date.UTC(2100, 0, 1), lists };
  for await (const batch of runHistory(ch, ruleset, span)) found.push(...batch);
  return found.map((one) => line(one, one.level)).sort();
}

function live(
  ruleset: Ruleset,
  events: readonly Event[],
  merchantId: string,
  lists: Lists = new Map(),
): string[] {
  const engine = createEngine(ruleset, { merchantId, currency: "EUR", lists: lookupIn(lists) });
  return runEvents(engine, events)
    .map((one) => line(one, one.level))
    .sort();
}

function plainly(ruleset: Ruleset, events: readonly Event[]): string[] {
  const seen = events.filter((event) => event.training !== true);
  return ruleset.rules
    .flatMap(({ name, level }) => {
      const plan = ruleset.plans.get(name) as CorrelationPlan;
      return plan.kind === "correlation"
        ? bruteForce(ruleset, plan, seen).map((one) => line(one, level))
        : [];
    })
    .sort();
}

const withoutLevel = (lines: readonly string[]) =>
  lines.map((one) => one.replace(/ \S+$/, "")).sort();

/** Many random streams in one table: each is shifted so far that no window reaches the one before. */
const APART_MS = 3_600_000;
const CASES = 150;

describe("random rules over random streams", () => {
  it.each([1, 2, 3, 4])(
    "seed %i: streaming, SQL and brute force agree",
    async (seed) => {
      const ruleset = randomRules(seed);
      const streams = fc.sample(randomStream, { seed, numRuns: CASES });
      const merchantId = `mer_case_${seed}`;
      const events = streams.flatMap((stream, nth) =>
        stream.map((event) => ({
          ...event,
          event_id: `c${nth}-${event.event_id}`,
          merchant_id: merchantId,
          ts: event.ts + nth * APART_MS,
          received_ts: Date.UTC(2026, 10, 25),
        })),
      );
      // Stored twice in part: an event counts once.
      await save([...events, ...events.slice(0, 200)]);
      const sql = await bySql(ruleset, merchantId);
      expect(sql).toEqual(live(ruleset, events, merchantId));
      expect(sql.length).toBeGreaterThan(20);
      // The brute force looks at everything again for every instant, so it takes the streams one by one.
      const brute = streams.flatMap((_, nth) =>
        plainly(
          ruleset,
          events.filter((event) => event.event_id.startsWith(`c${nth}-`)),
        ),
      );
      expect(withoutLevel(sql)).toEqual(withoutLevel(brute));
    },
    120_000,
  );
});

/** Six weeks keep the weekday and lie beyond every window. */
const FAR_MS = 42 * 86_400_000;

it("the catalogue gives by SQL what it gives live, over the events of every test inside its files", async () => {
  const ruleset = loadCatalogue();
  const tests = ruleset.rules.flatMap((rule) => rule.tests);
  const merchantId = "mer_catalogue";
  const events = tests.flatMap((test, nth) =>
    testEvents(test).map((event) => {
      const ts = event.ts + nth * FAR_MS;
      const wall = localTime(ts, "UTC");
      const days = { business_day: wall.slice(0, 10), business_month: wall.slice(0, 7) };
      const local = event.ts_local === undefined ? {} : { ts_local: wall, ...days };
      return {
        ...event,
        ...local,
        event_id: `t${nth}-${event.event_id}`,
        merchant_id: merchantId,
        ts,
      };
    }),
  );
  // One insert may touch a hundred months.
  for (let from = 0; from < tests.length; from += 50) {
    const ids = new Set(tests.slice(from, from + 50).map((_, i) => `t${from + i}`));
    await save(events.filter((event) => ids.has(event.event_id.split("-")[0] ?? "")));
  }
  const lists = listsOf(tests);
  const wanted = live(ruleset, events, merchantId, lists);
  expect(new Set(wanted.map((one) => one.split(" ")[0])).size).toBe(ruleset.rules.length);
  expect(await bySql(ruleset, merchantId, lists)).toEqual(wanted);
}, 300_000);

/** Values of one test's lists stand in no other test. */
function listsOf(tests: readonly RuleTest[]): Lists {
  const names = new Set(tests.flatMap(({ lists }) => [...lists.keys()]));
  const entry = (value: string) => ({ value, from: 0, until: null });
  return new Map(
    [...names].map((name) => [
      name,
      tests.flatMap(({ lists }) => lists.get(name) ?? []).map(entry),
    ]),
  );
}

/** What is older than the store keeps would be gone. */
const LATELY_MS = Date.UTC(2026, 10, 1);

it("the edges of every type, by SQL", async () => {
  const merchantOf = (nth: number) => `mer_edge_${nth}`;
  await save(
    EDGES.flatMap(({ events }, nth) =>
      events.map((event) => ({
        ...event,
        ts: event.ts + LATELY_MS,
        received_ts: event.ts + LATELY_MS,
        merchant_id: merchantOf(nth),
      })),
    ),
  );
  for (const [nth, { name, ruleset, events, fires }] of EDGES.entries()) {
    const lastTs = Math.max(...events.map(({ ts }) => ts)) + LATELY_MS;
    const found = await bySql(ruleset, merchantOf(nth));
    expect([name, found.some((one) => one.includes(` ${lastTs} `))]).toEqual([name, fires]);
  }
}, 300_000);

it("shows each merchant its own findings alone, and ends on a signal", async () => {
  const ruleset = randomRules(1);
  expect(await bySql(ruleset, "mer_nobody")).toEqual([]);
  const span = { merchantId: "mer_case_1", currency: "EUR", fromTs: 0, toTs: Date.UTC(2100, 0, 1) };
  const gone = runHistory(ch, ruleset, span, { signal: AbortSignal.abort(new Error("no more")) });
  await expect(gone.next()).rejects.toThrow("no more");
});

it.each([
  { wrong: { fromTs: 2, toTs: 1 }, says: "its start not after its end" },
  { wrong: { fromTs: 0.5 }, says: "whole UTC ms" },
  { wrong: { merchantId: "*" }, says: "for one merchant" },
  { wrong: { rules: ["r0", "nothing"] }, says: 'no rule "nothing"' },
])("refuses $wrong", async ({ wrong, says }) => {
  const span = { merchantId: "m1", currency: "EUR", fromTs: 0, toTs: 1, ...wrong };
  await expect(runHistory(ch, randomRules(1), span).next()).rejects.toThrow(says);
});

/** 30 days are more than a frame of ClickHouse takes. The edges of a window: T - 1, T, T + 1 ms. */
const DAY_MS = 86_400_000;
describe("windows of thirty days", () => {
  const declined = detection("declined", "{event_type: payment, outcome: declined}", 0);
  const long = (body: string) => rulesOf(declined, correlation("long", body, 1));
  const COUNT =
    "{type: event_count, rules: [declined], group-by: [ip], timespan: 30d, condition: {gte: 2}}";
  const CARDS =
    "{type: value_count, rules: [declined], group-by: [ip], timespan: 30d, condition: {gte: 2, field: card_token}}";
  const P50 =
    "{type: value_percentile, rules: [declined], group-by: [ip], timespan: 30d, condition: {gte: 6, field: amount, percentile: 50}}";
  const SUM =
    "{type: value_sum, rules: [declined], group-by: [ip], timespan: 30d, condition: {gte: 15, field: amount}}";
  it.each([COUNT, CARDS, P50, SUM].flatMap((body) => [-1, 0, 1].map((over) => ({ body, over }))))(
    "$body, $over ms past the window",
    async ({ body, over }) => {
      const merchantId = `mer_long_${[COUNT, CARDS, P50, SUM].indexOf(body)}_${over + 1}`;
      const start = Date.UTC(2026, 0, 1);
      const events = [0, 30 * DAY_MS + over].map((after, i) =>
        anEvent(i, start + after, {
          ...{ outcome: "declined", ip: "a", currency: "EUR" },
          ...{ card_token: `c${i}`, amount: i === 0 ? 10 : 5, merchant_id: merchantId },
          received_ts: start + after,
        }),
      );
      await save(events);
      const found = await bySql(long(body), merchantId);
      expect(found).toEqual(live(long(body), events, merchantId));
      const fires = { [COUNT]: over < 1, [CARDS]: over < 1, [P50]: true, [SUM]: over < 1 }[body];
      expect(found.length > 0).toBe(fires);
    },
  );
});
