// What the whole service carries on this machine, beside two baselines in the same run. `npm run bench -- --events 150000`.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type MailServer, startMailServer } from "../faults/mail-server.ts";
import {
  admin,
  freePort,
  type RunningService,
  startRunningService,
} from "../faults/running-service.ts";
import { bulkLoad } from "./bulk-load.ts";
import { measureLatency } from "./latency.ts";
import { memoryMiB } from "./memory.ts";
import { spread } from "./percentiles.ts";
import { type LoadResult, postLoad } from "./post-load.ts";
import { readMetric } from "./read-metric.ts";
import { simulatedBodies } from "./simulated-bodies.ts";

const METRICS_TOKEN = "bench-metrics-token-of-no-secret-at-all";
const HELP = `Usage: npm run bench -- [--events 150000] [--batch 500] [--connections 4] [--alerts 100]
Prints one JSON value and writes it to bench-results/.`;

const { values } = parseArgs({
  options: {
    events: { type: "string", default: "150000" },
    batch: { type: "string", default: "500" },
    connections: { type: "string", default: "4" },
    alerts: { type: "string", default: "100" },
    help: { type: "boolean", default: false },
  },
});
if (values.help) {
  console.error(HELP);
  process.exit(0);
}
/** Rule benches run in processes of their own, so that none warms up or fills another's memory. */
function ruleBench(script: string, ...args: string[]): unknown {
  say(`rules: ${script} …`);
  const path = join(import.meta.dirname, script);
  return JSON.parse(execFileSync(process.execPath, [path, ...args], { encoding: "utf8" }));
}

const say = (line: string) => console.error(line);
const rounded = (value: number) => Math.round(value);

/** From the first request until the last event is judged; while it runs memory is read twice a second. */
async function load(service: RunningService, key: string, bodies: Buffer[], count: number) {
  const peak = { service: 0, engine: 0 };
  const watch = setInterval(() => {
    const now = memoryMiB(service.pid);
    peak.service = Math.max(peak.service, now.service);
    peak.engine = Math.max(peak.engine, now.engine);
  }, 500);
  const started = performance.now();
  const durable: LoadResult = await postLoad({
    url: service.url,
    key,
    bodies,
    connections: Number(values.connections),
  });
  const judged = () => readMetric(service.url, METRICS_TOKEN, "tillwatch_detector_events_total");
  const deadline = performance.now() + 300_000;
  while ((await judged()) < count && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const detectedSeconds = (performance.now() - started) / 1000;
  clearInterval(watch);
  return { durable, detectedSeconds, judgedEvents: await judged(), peak };
}

function parseRate(bodies: readonly Buffer[], count: number): number {
  const started = performance.now();
  let seen = 0;
  for (const body of bodies) {
    for (const line of body.toString().split("\n")) if (line !== "" && JSON.parse(line)) seen += 1;
  }
  if (seen !== count) throw new Error("the baseline did not see every event");
  return (count / (performance.now() - started)) * 1000;
}

/** The real service as its own process: the load, then single events all the way to the mail server. */
async function measureService(
  dataDir: string,
  { bodies, count, mail }: { bodies: Buffer[]; count: number; mail: MailServer },
) {
  say("service: HTTP to durable to detected …");
  const options = {
    dataDir: dataDir,
    port: await freePort(),
    env: {
      TILLWATCH_METRICS_TOKEN: METRICS_TOKEN,
      TILLWATCH_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
      TILLWATCH_SMTP_REQUIRE_TLS: "false",
    },
  };
  const made = await admin(
    options,
    "merchant",
    "create",
    "--name",
    "Bench",
    "--currency",
    "GBP",
    "--zone",
    "Europe/London",
    "--email",
    "owner@shop.example",
  );
  const service = await startRunningService(options);
  const key = String(made.api_key);
  const idle = memoryMiB(service.pid);
  const ran = await load(service, key, bodies, count);
  say("service: event to alert to mail …");
  const latency = await measureLatency({
    url: service.url,
    key,
    count: Number(values.alerts),
    mail,
  });
  await service.stop();
  return { idle, ran, latency };
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "tillwatch-bench-"));
  const mail = await startMailServer();
  try {
    say("simulating events …");
    const { bodies, events } = simulatedBodies(
      Number(values.events),
      Number(values.batch),
      Date.now(),
    );
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    say("baseline: JSON.parse of the same bytes …");
    const parse = parseRate(bodies, events.length);
    say("baseline: the engine's own bulk load of the same rows …");
    const bulk = await bulkLoad(events, join(dataDir, "bulk"));
    const { idle, ran, latency } = await measureService(join(dataDir, "service"), {
      bodies,
      count: events.length,
      mail,
    });
    const durableRate = ran.durable.accepted / ran.durable.seconds;
    const detectedRate = ran.judgedEvents / ran.detectedSeconds;
    const report = {
      at: new Date().toISOString(),
      machine: {
        cores: cpus().length,
        model: cpus()[0]?.model,
        memory_gib: rounded(totalmem() / 2 ** 30),
        node: process.version,
      },
      load: {
        events: events.length,
        bytes_per_event: rounded(bytes / events.length),
        batch: Number(values.batch),
        connections: Number(values.connections),
        accepted: ran.durable.accepted,
        not_accepted: ran.durable.other,
      },
      events_per_second: {
        baseline_json_parse: rounded(parse),
        baseline_bulk_load: rounded(bulk.rowsPerSecond),
        durable: rounded(durableRate),
        detected: rounded(detectedRate),
      },
      ratios: {
        durable_to_json_parse: Number((durableRate / parse).toFixed(3)),
        durable_to_bulk_load: Number((durableRate / bulk.rowsPerSecond).toFixed(3)),
        detected_to_bulk_load: Number((detectedRate / bulk.rowsPerSecond).toFixed(3)),
      },
      answer_ms: spread(ran.durable.answer_ms.map((ms) => Number(ms.toFixed(1)))),
      memory_mib: { idle, peak: ran.peak },
      rules: {
        catalogue: ruleBench("engine.ts", "7"),
        sigma_3000_rules: ruleBench("matcher.ts", "3000", "50000"),
        windows: ruleBench("windows.ts"),
      },
      event_to_alert_stored_ms: latency.alert,
      event_to_smtp_accepted_ms: latency.mail,
    };
    console.log(JSON.stringify(report, null, 2));
    mkdirSync("bench-results", { recursive: true });
    writeFileSync(
      `bench-results/bench-${report.at.replaceAll(":", "-")}.json`,
      `${JSON.stringify(report, null, 2)}\n`,
    );
  } finally {
    await mail.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

await main();
