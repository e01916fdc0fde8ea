// How long rules take over ten million stored events, beside a plain scan of the same columns in the same run.
// `npm run bench:backtest -- --events 10000000`; the events are made inside ClickHouse.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadCatalogue } from "../../detectors/catalogue.ts";
import type { Ruleset } from "../../detectors/engine/plan.ts";
import { correlation, detection, rulesOf } from "../../detectors/engine/proof/testing/builders.ts";
import { runHistory } from "../../detectors/history.ts";
import { EVENT_COLUMNS } from "../../stores/event-columns.ts";
import { testClickHouse } from "../../stores/testing.ts";

const HELP = `Usage: npm run bench:backtest -- [--events 10000000] [--rounds 3]
Prints one JSON value and writes it to bench-results/.`;
const { values } = parseArgs({
  options: {
    events: { type: "string", default: "10000000" },
    rounds: { type: "string", default: "3" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.error(HELP);
  process.exit(0);
}
const say = (line: string) => console.error(line);
const total = Number(values.events);
const MERCHANT = "mer_bench";
const START = Date.UTC(2026, 0, 1);
const STEP_MS = Math.floor((300 * 86_400_000) / total);
const SPAN = {
  merchantId: MERCHANT,
  currency: "EUR",
  fromTs: START,
  toTs: START + total * STEP_MS,
};

/** 300 days of a chain of 20 shops. One event in ten is a declined payment; every type of a till is there. */
const EVENT = {
  merchant_id: `'${MERCHANT}'`,
  store_id: "concat('store_', toString(cityHash64(number, 1) % 20))",
  ts: `fromUnixTimestamp64Milli(toInt64(${START} + number * ${STEP_MS}), 'UTC')`,
  event_id: "concat('e', leftPad(toString(number), 10, '0'))",
  event_type:
    "transform(number % 10, [0, 1, 2, 3, 4, 5, 6, 7, 8], ['payment', 'payment', 'sale', 'sale', 'sale', 'refund', 'sign_in', 'drawer', 'void'], 'payment')",
  source: "'api'",
  received_ts: "now64(3)",
  cashier_id: "concat('cashier_', toString(cityHash64(number, 2) % 200))",
  terminal_id: "concat('till_', toString(cityHash64(number, 3) % 60))",
  currency: "'EUR'",
  amount: "toInt64(cityHash64(number, 4) % 20000)",
  outcome: "if(number % 10 = 0, 'declined', 'approved')",
  card_token: "concat('card_', toString(cityHash64(number, 5) % 200000))",
  ip: "concat('10.', toString(cityHash64(number, 6) % 20), '.', toString(cityHash64(number, 7) % 250), '.1')",
  sale_id: "concat('sale_', toString(number))",
  tender_type: "'card'",
  numbers: "map('last_digits', toInt64(number % 10000))",
  texts: "map('entry_mode', if(number % 3 = 0, 'keyed', 'chip'))",
};
const MAPS = { numbers: "map()", texts: "map()", attributes: "map()" };
const CHUNK = 500_000;

const RULES = rulesOf(
  detection("declined", "{event_type: payment, outcome: declined}", 0),
  correlation(
    "count_by_ip_10m",
    "{type: event_count, rules: [declined], group-by: [ip], timespan: 10m, condition: {gte: 2}}",
    1,
  ),
  correlation(
    "cards_by_cashier_24h",
    "{type: value_count, rules: [declined], group-by: [cashier_id], timespan: 24h, condition: {gte: 30, field: card_token}}",
    2,
  ),
  correlation(
    "sum_by_card_30d",
    "{type: value_sum, rules: [declined], group-by: [card_token], timespan: 30d, condition: {gte: 60000, field: amount}}",
    3,
  ),
  correlation(
    "cards_of_all_24h",
    "{type: value_count, rules: [declined], timespan: 24h, condition: {gte: 3300, field: card_token}}",
    4,
  ),
);

const store = await testClickHouse();
const { ch } = store;

/** The embedded engine takes rows from files only, so they are made with a table each and its parts are moved. */
async function fill(): Promise<void> {
  const migration = readFileSync(
    join(import.meta.dirname, "../../stores/clickhouse/0001_events.sql"),
    "utf8",
  );
  const values: Readonly<Record<string, string>> = { ...MAPS, ...EVENT };
  const select = EVENT_COLUMNS.map((name) => `${values[name] ?? "NULL"} AS ${name}`).join(", ");
  for (let from = 0; from < total; from += CHUNK) {
    const made = migration.replace("IF NOT EXISTS events", "made");
    const count = Math.min(CHUNK, total - from);
    await ch.command(`${made}\nAS SELECT ${select} FROM numbers(${from}, ${count})`);
    const parts = await ch.query<{ id: string }>(
      "*",
      "SELECT DISTINCT partition_id AS id FROM system.parts WHERE table = 'made' AND active",
    );
    for (const { id } of parts) {
      await ch.command(`ALTER TABLE events ATTACH PARTITION ID '${id}' FROM made`);
    }
    await ch.command("DROP TABLE made SYNC");
    say(`${Math.min(total, from + CHUNK)} events`);
  }
}

async function seconds(work: () => Promise<number>): Promise<{ seconds: number; rows: number }> {
  let best = Number.POSITIVE_INFINITY;
  let rows = 0;
  for (let round = 0; round < Number(values.rounds); round += 1) {
    const startedMs = performance.now();
    rows = await work();
    best = Math.min(best, performance.now() - startedMs);
  }
  return { seconds: Math.round(best) / 1000, rows };
}

async function findings(ruleset: Ruleset, rule: string): Promise<number> {
  let count = 0;
  for await (const batch of runHistory(ch, ruleset, { ...SPAN, rules: [rule] }))
    count += batch.length;
  return count;
}

/** Every row, the columns that the rules above read. */
async function scan(): Promise<number> {
  const [row] = await ch.query<{ n: number }>(
    MERCHANT,
    `SELECT countIf(NOT ignore(merchant_id, ts, event_id, event_type, outcome, training, ip)) AS n FROM events`,
  );
  return Number(row?.n);
}

try {
  await fill();
  const whole = await seconds(scan);
  const matching = await ch.query<{ n: number }>(
    MERCHANT,
    "SELECT count() AS n FROM events WHERE event_type = 'payment' AND outcome = 'declined'",
  );
  const one: Record<string, { seconds: number; findings: number; timesScan: number }> = {};
  for (const { name } of RULES.rules) {
    const took = await seconds(() => findings(RULES, name));
    const timesScan = Math.round((took.seconds / whole.seconds) * 10) / 10;
    one[name] = { seconds: took.seconds, findings: took.rows, timesScan };
    say(`${name}: ${took.seconds} s, ${took.rows} findings, ${timesScan} × the scan`);
  }
  const catalogue = loadCatalogue();
  const slowest: { rule: string; seconds: number }[] = [];
  let last = performance.now();
  const startedMs = last;
  let found = 0;
  const all = runHistory(ch, catalogue, SPAN, {
    onProgress: (done, of, rule) => {
      slowest.push({ rule, seconds: Math.round(performance.now() - last) / 1000 });
      last = performance.now();
      say(`${done} of ${of}: ${rule}`);
    },
  });
  for await (const batch of all) found += batch.length;
  const result = {
    machine: { cpu: cpus()[0]?.model, cores: cpus().length, gib: Math.round(totalmem() / 2 ** 30) },
    engine: { kind: ch.engine, version: ch.version },
    events: whole.rows,
    matching: Number(matching[0]?.n),
    scanSeconds: whole.seconds,
    one,
    all: {
      rules: catalogue.rules.length,
      seconds: Math.round((performance.now() - startedMs) / 100) / 10,
      findings: found,
      slowest: slowest.sort((a, b) => b.seconds - a.seconds).slice(0, 5),
    },
  };
  mkdirSync("bench-results", { recursive: true });
  writeFileSync("bench-results/backtest.json", `${JSON.stringify(result, null, 2)}\n`);
  console.log(JSON.stringify(result, null, 2));
} finally {
  await store.close();
}
