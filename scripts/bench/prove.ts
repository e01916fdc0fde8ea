// Live = SQL = brute force over many random rules and random streams. `npm run prove -- --cases 100000`: minutes; exit 1 where they differ.
import { parseArgs } from "node:util";
import fc from "fast-check";
import type { Event } from "../../core/event.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import type { CorrelationPlan, Ruleset } from "../../detectors/engine/plan.ts";
import { bruteForce } from "../../detectors/engine/proof/brute-force.ts";
import { runEvents } from "../../detectors/engine/proof/run-rule-tests.ts";
import { randomRules, randomStream } from "../../detectors/engine/proof/testing/random-rules.ts";
import { scaleFor, scaleTiers } from "../../detectors/engine/scale.ts";
import { compileRule, readRow } from "../../detectors/engine/sql/rule-sql.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { eventTable } from "../../stores/event-table.ts";
import { testClickHouse } from "../../stores/testing.ts";

const HELP = `Usage: npm run prove -- [--cases 100000] [--seed 1]
A case is a random stream of events judged by eight random rules, in three ways. Prints one JSON value.`;
const { values } = parseArgs({
  options: {
    cases: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.error(HELP);
  process.exit(0);
}
const cases = Number(values.cases);
const firstSeed = Number(values.seed);
if (!(Number.isSafeInteger(cases) && cases > 0 && Number.isSafeInteger(firstSeed))) {
  console.error(HELP);
  process.exit(2);
}

/** Streams that one ruleset meets: each is a merchant, so that one statement a rule judges them all. */
const STREAMS = 500;
const SPAN = { currency: "EUR", fromTs: 0, toTs: Date.UTC(2100, 0, 1) };
type Line = { rule: string; group: Record<string, string>; ts: number; value: number | null };
const line = ({ rule, group, ts, value }: Line, level = "") => {
  const pairs = Object.entries(group).sort(([a], [b]) => (a < b ? -1 : 1));
  return `${rule} ${JSON.stringify(pairs)} ${ts} ${value} ${level}`;
};

const store = await testClickHouse();
const { ch } = store;

/** Lines of findings by merchant. Every tenth event is stored twice. */
async function bySql(ruleset: Ruleset, events: readonly Event[], token: string) {
  await ch.command("TRUNCATE TABLE events");
  const twice = events.filter((_, i) => i % 10 === 0);
  const rows = [...events, ...twice].map(encodeEvent).join("\n");
  await ch.insertFile("events", EVENT_COLUMNS, { rows }, token);
  const found = new Map<string, string[]>();
  for (const rule of ruleset.rules) {
    const plan = ruleset.plans.get(rule.name);
    if (plan === undefined) continue;
    const span = { ...SPAN, merchantId: null };
    const statement = compileRule({ ruleset, rule, table: eventTable }, span);
    const tiers = scaleTiers(rule, plan, scaleFor(2));
    const batches = ch.stream<Record<string, unknown>>("*", statement.sql, statement.params);
    for await (const batch of batches) {
      for (const row of batch) {
        const merchant = String(row.merchant);
        const finding = readRow({ ...statement, rule, tiers, merchant }, row);
        const lines = found.get(merchant);
        if (lines === undefined) found.set(merchant, [line(finding, finding.level)]);
        else lines.push(line(finding, finding.level));
      }
    }
  }
  return found;
}

function live(ruleset: Ruleset, merchantId: string, events: readonly Event[]): string[] {
  const engine = createEngine(ruleset, { merchantId, currency: "EUR" });
  return runEvents(engine, events).map((one) => line(one, one.level));
}

function brute(ruleset: Ruleset, events: readonly Event[]): string[] {
  const seen = events.filter((event) => event.training !== true);
  return ruleset.rules.flatMap(({ name }) => {
    const plan = ruleset.plans.get(name) as CorrelationPlan;
    return bruteForce(ruleset, plan, seen).map((one) => line(one));
  });
}

const withoutLevel = (lines: readonly string[]) => lines.map((one) => one.replace(/\S*$/, ""));
const same = (a: readonly string[], b: readonly string[]) =>
  JSON.stringify([...a].sort()) === JSON.stringify([...b].sort());

const differing: { seed: number; stream: number; live: number; sql: number; brute: number }[] = [];
let done = 0;
let findings = 0;
const startedMs = performance.now();
try {
  for (let seed = firstSeed; done < cases; seed += 1) {
    const ruleset = randomRules(seed);
    const count = Math.min(STREAMS, cases - done);
    const received_ts = Date.now();
    const streams = fc
      .sample(randomStream, { seed, numRuns: count })
      .map((events, i) =>
        events.map((event): Event => ({ ...event, received_ts, merchant_id: `m${i}` })),
      );
    const sql = await bySql(ruleset, streams.flat(), `prove-${seed}`);
    for (const [i, events] of streams.entries()) {
      const three = {
        live: live(ruleset, `m${i}`, events),
        sql: sql.get(`m${i}`) ?? [],
        brute: brute(ruleset, events),
      };
      findings += three.live.length;
      if (same(three.live, three.sql) && same(withoutLevel(three.live), three.brute)) continue;
      differing.push({
        seed,
        stream: i,
        live: three.live.length,
        sql: three.sql.length,
        brute: three.brute.length,
      });
    }
    done += count;
    console.error(`${done} cases, ${findings} findings, ${differing.length} differ`);
  }
} finally {
  await store.close();
}
const seconds = Math.round((performance.now() - startedMs) / 100) / 10;
console.log(JSON.stringify({ cases: done, findings, seconds, differing: differing.slice(0, 50) }));
process.exitCode = differing.length === 0 ? 0 : 1;
