// What detection as SQL ticks costs, beside the engine in memory over the same events in the same run.
// `npm run bench:ticks -- --merchants 4 --batch 500`; on the embedded stores, one tick after the other.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Registry } from "prom-client";
import { readConfig } from "../../core/config.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import { loadCatalogue, readRuleFiles } from "../../detectors/catalogue.ts";
import { detectorMetrics } from "../../detectors/detector-metrics.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { createTuner } from "../../detectors/engine/tune/tuned.ts";
import { instantsOf } from "../../detectors/rebuild.ts";
import { createRulebook } from "../../detectors/settings/rulebook.ts";
import { tickMerchant } from "../../detectors/ticks/tick.ts";
import { type ClickHouse, openClickHouse } from "../../stores/connect/clickhouse.ts";
import { openPostgres } from "../../stores/connect/postgres.ts";
import { EVENT_COLUMNS, encodeEvent } from "../../stores/event-columns.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { migrateClickHouse, migratePostgres } from "../../stores/migrate.ts";
import { addUnjudged } from "../../stores/unjudged.ts";
import { threeStoreChain } from "../simulate/chain.ts";
import { simulateHistory } from "../simulate/history.ts";
import { spread } from "./percentiles.ts";

const { values } = parseArgs({
  options: {
    batches: { type: "string", default: "100,1000,5000" },
    ticks: { type: "string", default: "6" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.error(`Usage: npm run bench:ticks -- [--batches 100,1000,5000] [--ticks 6]
For each size of a tick: how long one takes over a day of three shops that is stored already. Prints one JSON value and
writes it to bench-results/.`);
  process.exit(0);
}

const DAY_MS = 86_400_000;
const rules = loadCatalogue();
const folder = mkdtempSync(join(tmpdir(), "tillwatch-ticks-"));
const config = readConfig({ TILLWATCH_DATA: folder }, () => "");

/** Two days of three shops, until midnight; the first is history, the second comes by ticks. */
function twoDays(merchantId: string): Event[] {
  const toMs = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const shop = threeStoreChain("bench");
  const drafts = simulateHistory({ seed: 1, shop, fromMs: toMs - 2 * DAY_MS, toMs });
  return [...drafts].map(
    ({ draft }) =>
      ({
        ...draft,
        ...{ merchant_id: merchantId, source: "api", received_ts: Date.now() },
      }) as unknown as Event,
  );
}

async function store(ch: ClickHouse, events: readonly Event[], token: string): Promise<void> {
  const rows = events.map((event) => `${encodeEvent(event)}\n`).join("");
  await ch.insertFile("events", EVENT_COLUMNS, { rows }, token);
}

async function inMemory(events: readonly Event[], merchantId: string): Promise<number> {
  const engine = createEngine(rules, { merchantId, currency: "EUR" });
  const from = performance.now();
  async function* all() {
    yield [...events];
  }
  for await (const instant of instantsOf(all())) engine.step(instant);
  return (events.length / (performance.now() - from)) * 1000;
}

const postgres = await openPostgres(config, silentLog);
const ch = await openClickHouse(config, silentLog);
try {
  await migratePostgres(postgres);
  await migrateClickHouse(ch);
  const { db } = postgres;
  const rulebook = createRulebook(db, createTuner(rules, readRuleFiles), silentLog);
  const metrics = detectorMetrics(new Registry());
  const deps = { db, ch, rulebook, now: Date.now, log: silentLog, metrics, onFindings() {} };
  const report = [];
  for (const batch of values.batches.split(",").map(Number)) {
    const shop = { name: "Bench", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
    const { id } = await createMerchant(db, shop, Date.now());
    const events = twoDays(id);
    const half = Math.floor(events.length / 2);
    await store(ch, events.slice(0, half), `${id}-history`);
    const took: number[] = [];
    for (let nth = 0; nth < Number(values.ticks); nth += 1) {
      const part = events.slice(half + nth * batch, half + (nth + 1) * batch);
      const [first, last] = [part[0], part.at(-1)];
      if (first === undefined || last === undefined) break;
      await store(ch, part, `${id}-${nth}`);
      await addUnjudged(db, [{ merchant_id: id, from_ts: first.ts, to_ts: last.ts }]);
      const from = performance.now();
      await tickMerchant(deps, id);
      took.push(performance.now() - from);
    }
    const { p50, max } = spread(took);
    const memory = await inMemory(events, id);
    const perSecond = (batch / p50) * 1000;
    report.push({
      ...{ events_a_tick: batch, ticks: took.length, tick_ms_p50: p50, tick_ms_max: max },
      ...{ events_per_second: Math.round(perSecond), memory_per_second: Math.round(memory) },
      memory_times_faster: Math.round((memory / perSecond) * 10) / 10,
    });
  }
  const result = {
    at: new Date().toISOString(),
    cpus: cpus().length,
    rules: rules.rules.length,
    report,
  };
  mkdirSync("bench-results", { recursive: true });
  writeFileSync("bench-results/ticks.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await ch.close();
  await postgres.close();
  rmSync(folder, { recursive: true, force: true });
}
