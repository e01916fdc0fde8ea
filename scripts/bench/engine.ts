// Events per second through the rules on one core: the whole catalogue over a simulated chain. Prints one JSON value.

import type { Event } from "../../core/event.ts";
import { localTime } from "../../core/time.ts";
import { loadCatalogue } from "../../detectors/catalogue.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { threeStoreChain } from "../simulate/chain.ts";
import { simulateHistory } from "../simulate/history.ts";

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 10, 2);
const days = Number(process.argv[2] ?? 7);

const ruleset = loadCatalogue();
const events: Event[] = [];
const history = simulateHistory({
  seed: 1,
  shop: threeStoreChain("bench"),
  fromMs: FROM,
  toMs: FROM + days * DAY_MS,
});
for (const { draft } of history) {
  const event = { ...draft, merchant_id: "m1", source: "api", received_ts: draft.ts } as Event;
  event.ts_local ??= localTime(event.ts, "UTC");
  events.push(event);
}

const instants: Event[][] = [];
for (const event of events) {
  const last = instants.at(-1);
  if (last?.[0]?.ts === event.ts) last.push(event);
  else instants.push([event]);
}

const rounds: number[] = [];
const byRule: Record<string, number> = {};
let state = { groups: 0, items: 0 };
for (let round = 0; round < 5; round += 1) {
  const engine = createEngine(ruleset, { merchantId: "m1", currency: "GBP" });
  const started = process.hrtime.bigint();
  for (const instant of instants) {
    for (const finding of engine.step(instant)) {
      if (round === 0)
        byRule[`${finding.rule} ${finding.level}`] =
          (byRule[`${finding.rule} ${finding.level}`] ?? 0) + 1;
    }
  }
  rounds.push(Number(process.hrtime.bigint() - started) / 1e9);
  const { groups, items } = engine.stats();
  state = { groups, items };
}
/** What providers' webhooks cost: everything but heartbeats comes after later heartbeats were judged. */
function lateSeconds(): { events: number; seconds: number } {
  const engine = createEngine(ruleset, { merchantId: "m1", currency: "GBP" });
  let late: Event[] = [];
  let count = 0;
  const started = process.hrtime.bigint();
  for (const instant of instants) {
    const beats = instant.filter((event) => event.event_type === "terminal_heartbeat");
    if (beats.length > 0) {
      engine.step(beats);
      count += late.length;
      engine.judgeLate(late);
      late = [];
    }
    late.push(...instant.filter((event) => event.event_type !== "terminal_heartbeat"));
  }
  return { events: count, seconds: Number(process.hrtime.bigint() - started) / 1e9 };
}

const late = lateSeconds();
rounds.sort((a, b) => a - b);
const median = rounds[Math.floor(rounds.length / 2)] ?? Number.NaN;
console.log(
  JSON.stringify({
    events: events.length,
    rules: ruleset.rules.length,
    median_seconds: median,
    events_per_second: Math.round(events.length / median),
    us_per_event: Number(((median / events.length) * 1e6).toFixed(3)),
    late_events: late.events,
    late_us_per_event: Number(((late.seconds / late.events) * 1e6).toFixed(1)),
    findings_honest: byRule,
    ...state,
  }),
);
