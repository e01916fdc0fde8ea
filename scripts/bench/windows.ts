// Sliding windows under load, on one core: distinct counting with ten thousand values in the window beside a naive recount, and the
// memory of a million live keys. Prints one JSON value. `node scripts/bench/windows.ts [keys]`
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Event } from "../../core/event.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
const keys = Number(process.argv[2] ?? 1_000_000);
const START = Date.UTC(2026, 10, 2);
const DISTINCT = 10_000;

const document = (body: object) => JSON.stringify(body);
const id = (nth: number) => `00000000-0000-4000-8000-${String(nth).padStart(12, "0")}`;
const OUTERMOST = {
  description: "for the bench",
  level: "low",
  tillwatch: {
    detection: "t",
    subject: { type: "merchant", field: "merchant_id" },
    explain: "{value}",
    do_now: ["look"],
    tests: ["positive", "negative"].map((kind) => ({
      name: kind,
      kind,
      events: [{ at: "0ms", event_type: "sale" }],
      expect: [],
    })),
  },
};

function engineFor(correlation: object) {
  const text = [
    document({
      title: "payment",
      id: id(1),
      name: "payment",
      logsource: { product: "tillwatch", category: "payment" },
      detection: { any: { event_type: "payment" }, condition: "any" },
    }),
    document({ title: "rule", id: id(2), name: "rule", ...OUTERMOST, correlation }),
  ].join("\n---\n");
  const ruleset = loadRules([{ path: "t.yml", text }]);
  return createEngine(ruleset, { merchantId: "m", currency: "EUR", maxItemsPerRule: 10_000_000 });
}

function payment(nth: number, ts: number, fields: Partial<Event>): Event {
  const event_id = `e${String(nth).padStart(9, "0")}`;
  return {
    event_id,
    merchant_id: "m",
    source: "api",
    ts,
    received_ts: ts,
    event_type: "payment",
    ...fields,
  } as Event;
}

/** One event a millisecond; each value comes again after DISTINCT of them, and a window holds just as many. */
function distinct() {
  const stream = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      payment(n, START + n, { ip: "203.0.113.9", card_token: `card-${n % DISTINCT}` }),
    );
  const engine = engineFor({
    type: "value_count",
    rules: ["payment"],
    "group-by": ["ip"],
    timespan: `${DISTINCT / 1000}s`,
    condition: { gt: 1_000_000, field: "card_token" },
  });
  const events = stream(300_000);
  const started = performance.now();
  for (const event of events) engine.step([event]);
  const perSecond = events.length / ((performance.now() - started) / 1000);

  const few = stream(DISTINCT + 2000);
  let head = 0;
  let most = 0;
  let judged = 0;
  let naiveStarted = 0;
  for (let n = 0; n < few.length; n += 1) {
    if (n === DISTINCT) naiveStarted = performance.now();
    const now = few[n] as Event;
    while ((few[head] as Event).ts < now.ts - DISTINCT) head += 1;
    if (n < DISTINCT) continue;
    const seen = new Set<string>();
    for (let i = head; i <= n; i += 1) seen.add((few[i] as Event).card_token ?? "");
    most = Math.max(most, seen.size);
    judged += 1;
  }
  const naive = judged / ((performance.now() - naiveStarted) / 1000);
  return {
    values_in_window: most,
    events_per_second: Math.round(perSecond),
    naive_recount_per_second: Math.round(naive),
    ratio: Math.round(perSecond / naive),
  };
}

/** Every event has a key of its own, and all windows are live. */
function liveKeys() {
  const engine = engineFor({
    type: "event_count",
    rules: ["payment"],
    "group-by": ["card_token"],
    timespan: "24h",
    condition: { gte: 3 },
  });
  collect();
  const before = process.memoryUsage();
  const started = performance.now();
  for (let n = 0; n < keys; n += 1) {
    engine.step([payment(n, START + n, { card_token: `card-${n}` })]);
  }
  const seconds = (performance.now() - started) / 1000;
  collect();
  const after = process.memoryUsage();
  const { groups } = engine.stats();
  const heap = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return {
    keys: groups,
    bytes_per_key: Math.round(heap / groups),
    mib: Math.round(heap / 2 ** 20),
    rss_mib: Math.round((after.rss - before.rss) / 2 ** 20),
    events_per_second: Math.round(keys / seconds),
  };
}

console.log(JSON.stringify({ distinct: distinct(), live_keys: liveKeys() }));
