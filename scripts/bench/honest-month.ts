// What the whole catalogue says of honest shops: four weeks of a chain of three, several seeds. Prints one JSON value.
// `node scripts/bench/honest-month.ts [days] [seed…]`
import type { Event } from "../../core/event.ts";
import { reportRules } from "../../detectors/backtest/prepare.ts";
import { groupAlerts } from "../../detectors/backtest/report.ts";
import { loadCatalogue } from "../../detectors/catalogue.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { maskDraft } from "../../ingest/steps/mask-card-data.ts";
import { threeStoreChain } from "../simulate/chain.ts";
import { simulateHistory } from "../simulate/history.ts";

const DAY_MS = 86_400_000;
const FROM = Date.UTC(2026, 10, 2);
const days = Number(process.argv[2] ?? 28);
const seeds = process.argv.length > 3 ? process.argv.slice(3).map(Number) : [11, 12, 13];
const ruleset = loadCatalogue();
const rules = reportRules(
  ruleset,
  ruleset.rules.map(({ name }) => name),
);

function month(seed: number) {
  const shop = threeStoreChain("honest");
  const engine = createEngine(ruleset, { merchantId: "m", currency: shop.currency });
  const findings: ReturnType<typeof engine.step> = [];
  let instant: Event[] = [];
  let events = 0;
  const step = () => {
    if (instant.length > 0) findings.push(...engine.step(instant));
    instant = [];
  };
  for (const { draft } of simulateHistory({
    seed,
    shop,
    fromMs: FROM,
    toMs: FROM + days * DAY_MS,
  })) {
    if (instant[0] !== undefined && instant[0].ts !== draft.ts) step();
    const copy = structuredClone(draft);
    maskDraft(copy);
    instant.push({ ...copy, merchant_id: "m", source: "demo", received_ts: draft.ts } as Event);
    events += 1;
  }
  step();
  const alerts = groupAlerts(
    findings.map((one) => ({
      ...one,
      version: one.rule_version,
      count: one.event_count,
      amount: one.amount ?? 0,
    })),
    rules,
    "m",
  );
  const byDetection: Record<string, number> = {};
  for (const { detection } of alerts) byDetection[detection] = (byDetection[detection] ?? 0) + 1;
  const serious = alerts.filter(({ level }) => level === "high" || level === "critical");
  const perStoreAndWeek = (alerts.length * 7) / days / shop.stores.length;
  return {
    seed,
    events,
    alerts: alerts.length,
    per_store_and_week: Number(perStoreAndWeek.toFixed(2)),
    high_or_critical: serious.length,
    by_detection: byDetection,
  };
}

console.log(JSON.stringify({ days, rules: ruleset.rules.length, months: seeds.map(month) }));
