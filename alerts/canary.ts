// Tests ourselves every hour: a finding of our own must come out as an accepted message within a minute, or we say so elsewhere.
import { setTimeout as sleep } from "node:timers/promises";
import { Gauge, Histogram, type Registry } from "prom-client";
import type { Finding } from "../core/finding.ts";
import type { Log } from "../core/log.ts";
import { CANARY_MERCHANT } from "../core/merchant.ts";
import type { OutboundRules } from "../core/outbound.ts";
import { subject } from "../core/subject.ts";
import { canaryArrived, clearCanaries, openCanary, sendCanary } from "../stores/canary.ts";
import type { Postgres } from "../stores/connect/postgres.ts";
import { SECONDS } from "./alert-metrics.ts";
import { post } from "./channels/post.ts";

export type CanaryDeps = {
  db: Postgres;
  sealKey: string;
  /** Told when it is late, past database and ledger: they may be what is broken. Null: the log and the metric only. */
  warnUrl: string | null;
  rules: OutboundRules;
  /** A finding was stored. */
  wake(): void;
  now: () => number;
  log: Log;
  metrics: Registry;
  timing?: Partial<Timing>;
};

type Timing = { firstMs: number; everyMs: number; lateMs: number; lookMs: number };

const TIMING: Timing = { firstMs: 60_000, everyMs: 3_600_000, lateMs: 60_000, lookMs: 1_000 };

export type Canary = { close(): Promise<void> };

export function startCanary(deps: CanaryDeps): Canary {
  const timing = { ...TIMING, ...deps.timing };
  const stop = new AbortController();
  const metrics = canaryMetrics(deps.metrics);
  const running = (async () => {
    await sleep(timing.firstMs, undefined, { signal: stop.signal });
    for (;;) {
      const nextAt = performance.now() + timing.everyMs;
      await flyOnce(deps, { timing, metrics, signal: stop.signal, nextAt });
      await sleep(Math.max(0, nextAt - performance.now()), undefined, { signal: stop.signal });
    }
  })().catch((err: unknown) => {
    if (!stop.signal.aborted) deps.log.error({ err }, "the hourly test alert has stopped");
  });
  return {
    async close() {
      stop.abort();
      await running;
    },
  };
}

function canaryMetrics(registry: Registry) {
  const registers = [registry];
  const late = new Gauge({
    name: "tillwatch_canary_late",
    help: "1 while the service's own hourly test alert has not come out in time.",
    registers,
  });
  const arrived = new Gauge({
    name: "tillwatch_canary_arrived_timestamp_seconds",
    help: "When the newest test alert came out; 0: none since the start.",
    registers,
  });
  const took = new Histogram({
    name: "tillwatch_canary_seconds",
    help: "From the test finding until its message was accepted by the sink.",
    buckets: SECONDS,
    registers,
  });
  return { late, arrived, took };
}

type Flight = {
  timing: Timing;
  metrics: ReturnType<typeof canaryMetrics>;
  signal: AbortSignal;
  nextAt: number;
};

/** Sends one and waits for it, at most until the next is due. Durations by a clock that does not step. */
async function flyOnce(deps: CanaryDeps, flight: Flight): Promise<void> {
  const { timing, metrics, signal, nextAt } = flight;
  const ts = deps.now();
  const from = performance.now();
  let warned = false;
  let sent = false;
  while (performance.now() < nextAt) {
    try {
      if (!sent) await send(deps, ts);
      sent = true;
      if (await canaryArrived(deps.db, ts)) {
        metrics.took.observe((performance.now() - from) / 1000);
        metrics.arrived.set(deps.now() / 1000);
        metrics.late.set(0);
        await clearCanaries(deps.db, ts);
        return;
      }
    } catch (err) {
      deps.log.warn({ err }, "the test alert could not be sent or looked for");
    }
    if (!warned && performance.now() - from > timing.lateMs) {
      warned = true;
      metrics.late.set(1);
      await warn(deps, ts);
    }
    await sleep(timing.lookMs, undefined, { signal });
  }
}

async function send({ db, sealKey, wake }: CanaryDeps, ts: number): Promise<void> {
  await openCanary(db, sealKey, ts);
  await sendCanary(db, canaryFinding(ts));
  wake();
}

async function warn({ warnUrl, rules, log, now }: CanaryDeps, ts: number): Promise<void> {
  log.error({ sentAt: ts }, "the hourly test alert is late: alerts may not reach anybody");
  if (warnUrl === null) return;
  const since = new Date(ts).toISOString();
  const text = `Tillwatch: the test alert of ${since} has not come out. Alerts may not reach anybody: look at the log.`;
  const headers = { "content-type": "application/json" };
  const out = { url: warnUrl, method: "POST", headers, body: JSON.stringify({ text }) } as const;
  const result = await post(out, { rules, now, beforeEnd: async () => true });
  if (result.outcome !== "accepted") log.error({ result }, "the warning was not taken either");
}

/** One of its own each time, so that no cool-down swallows it; high, so that no budget holds it back. */
function canaryFinding(ts: number): Finding {
  return {
    id: `canary-${ts}`,
    merchant_id: CANARY_MERCHANT,
    ...{ detection: "canary", rule: "canary", rule_version: 1, level: "high", late: false },
    title: "Test of the service itself",
    subject: subject("device", `canary-${ts}`),
    group: {},
    ts,
    ...{ value: null, threshold: null, amount: null, currency: null },
    explanation: "Sent every hour to see that alerts come out.",
    counterfactual: "",
    ...{ store_id: null, terminal_id: null, cashier_id: null, evidence: [], event_count: 0 },
  };
}
