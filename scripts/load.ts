// Loads a service with k6, open-loop: requests begin at their time, whether or not earlier ones are answered.
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { AppError } from "../core/errors.ts";
import { admin, freePort, startRunningService } from "./faults/running-service.ts";
import { k6Version, runK6, type Target } from "./load/run-k6.ts";
import { type LoadReport, SCENARIOS, type Scenario } from "./load/scenarios.ts";

const HELP = `Usage: npm run --silent load -- [SCENARIO…] [--rate N] [--seconds 30] [--ramp] [--p99 MS]
                            [--url URL --key - [--square PATH]] [--k6 PATH]
${SCENARIOS.map(({ name, about, rate, p99Ms }) => `  ${name.padEnd(23)}${about}; ${rate} requests/s, p99 below ${p99Ms} ms`).join("\n")}
  No name: all of them. A service is started in a temporary folder and removed afterwards.
  --ramp       the rate climbs from a tenth to the whole
  --url URL    a service that runs already; --key - reads an API key with events:write and events:read from standard
               input. Not a shop's own service: what is sent stays there.
  --square PATH   with --url: the source's path, /in/square/src_…; its secret is the second line of standard input,
               the address as registered the third (default: URL and PATH), its account LOADMERCHANT1
  --k6 PATH    the program, where it is not in the PATH
Words go to standard error, one JSON value to standard output and to bench-results/.
Exit: 0 within all limits, 1 a limit was crossed, events are missing or k6 did not run, 2 wrong use.`;

const INSTALL = `k6 is not installed; it makes the load, and is a program of its own (AGPL-3.0), not an npm package.
  macOS     brew install k6
  Debian    its apt repository: https://grafana.com/docs/k6/latest/set-up/install-k6/
  Docker    docker run --rm --network host grafana/k6 (name a small script that calls it with --k6)
  Go        go install go.k6.io/k6@latest
Then run this again, or name the program: --k6 /path/to/k6. Without k6, npm run bench measures a load of its own.`;

class WrongUse extends Error {}
const say = (line: string) => process.stderr.write(`${line}\n`);
const OPTIONS = {
  rate: { type: "string" },
  seconds: { type: "string", default: "30" },
  ramp: { type: "boolean", default: false },
  p99: { type: "string" },
  url: { type: "string" },
  key: { type: "string" },
  square: { type: "string" },
  k6: { type: "string", default: "k6" },
  help: { type: "boolean", default: false },
} as const;
type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const scenarios = positionals.length === 0 ? [...SCENARIOS] : positionals.map(named);
  for (const name of ["rate", "seconds", "p99"] as const) {
    if (values[name] !== undefined) wholeNumber(name, values[name]);
  }
  const k6 = values.k6 ?? "k6";
  const version = k6Version(k6);
  if (version === undefined) {
    say(INSTALL);
    return 1;
  }
  const reports = await onTarget(values, (target) => runAll(scenarios, { k6, target, values }));
  const machine = { cores: cpus().length, model: cpus()[0]?.model, node: process.version };
  const report = { at: new Date().toISOString(), k6: version, machine, loads: reports };
  console.log(JSON.stringify(report, null, 2));
  mkdirSync("bench-results", { recursive: true });
  const file = `bench-results/load-${report.at.replaceAll(":", "-")}.json`;
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return reports.every(({ crossed, missing }) => crossed.length === 0 && missing === 0) ? 0 : 1;
}

function named(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (found === undefined) throw new WrongUse(`There is no load "${name}".`);
  return found;
}

function wholeNumber(name: string, given: string): number {
  if (!/^[1-9]\d{0,5}$/.test(given)) throw new WrongUse(`--${name} is a whole number from 1.`);
  return Number(given);
}

/** A service of our own for the time of `use`, or the one that was named. */
async function onTarget<T>(values: Values, use: (target: Target) => Promise<T>): Promise<T> {
  if (values.url !== undefined) return use(await givenTarget(values.url, values));
  const dataDir = mkdtempSync(join(tmpdir(), "tillwatch-load-data-"));
  try {
    say("starting a service in a temporary folder …");
    const options = { dataDir, port: await freePort() };
    const shop = ["--name", "Load", "--currency", "GBP", "--zone", "Europe/London"];
    const made = await admin(options, "merchant", "create", ...shop);
    const secret = randomBytes(24).toString("base64url");
    const words = ["--kind", "square", "--secret", secret, "--account", "LOADMERCHANT1"];
    const merchant = ["--merchant", String(made.merchant_id)];
    const source = await admin(options, "source", "add", ...merchant, ...words);
    const service = await startRunningService(options);
    try {
      const square = {
        url: service.url + String(source.path),
        registered: String(source.url),
        secret,
      };
      return await use({ url: service.url, key: String(made.api_key), square });
    } finally {
      await service.stop();
    }
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function givenTarget(url: string, { key, square }: Values): Promise<Target> {
  if (key !== "-") throw new WrongUse("--url needs --key -, and the key on standard input.");
  const [given = "", secret = "", registered = ""] = (await text(process.stdin))
    .split("\n")
    .map((line) => line.trim());
  if (given === "") throw new WrongUse("No key came on standard input.");
  const base = url.replace(/\/+$/, "");
  if (square === undefined) return { url: base, key: given, square: null };
  if (secret === "") throw new WrongUse("--square needs its secret on the second line.");
  const door = base + square;
  return {
    url: base,
    key: given,
    square: { url: door, registered: registered || door, secret },
  };
}

type Run = { k6: string; target: Target; values: Values };

async function runAll(
  scenarios: readonly Scenario[],
  { k6, target, values }: Run,
): Promise<(LoadReport & { missing: number })[]> {
  const reports = [];
  for (const scenario of scenarios) {
    if (scenario.name === "square-deliveries" && target.square === null) {
      say(`${scenario.name}: left out, for no --square was named`);
      continue;
    }
    const pressure = {
      rate: Number(values.rate ?? scenario.rate),
      seconds: Number(values.seconds),
      ramp: values.ramp === true,
      p99Ms: Number(values.p99 ?? scenario.p99Ms),
    };
    say(`${scenario.name}: ${pressure.rate} requests/s for ${pressure.seconds} s …`);
    const run = `load${randomBytes(4).toString("hex")}`;
    const report = await runK6(k6, scenario, { target, pressure, run });
    const missing = report.events_accepted - (await stored(target, run, report.events_accepted));
    say(wordsOf(report, missing));
    reports.push({ ...report, missing });
  }
  return reports;
}

/** How many of the run's events can be searched, within half a minute. Its shops' ids begin with the run's word. */
async function stored(target: Target, run: string, wanted: number): Promise<number> {
  const query = `from=${Date.now() - 7_200_000}&to=${Date.now() + 60_000}&q=store_id:${run}-*`;
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(`${target.url}/v1/events/histogram?${query}`, {
      headers: { authorization: `Bearer ${target.key}` },
    });
    const { total = 0 } = (await answer.json()) as { total?: number };
    if (total >= wanted || Date.now() > deadline) return total;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function wordsOf(report: LoadReport, missing: number): string {
  const { requests_per_second: rate, events_per_second: events, answer_ms, search_ms } = report;
  const spread = (name: string, ms: typeof answer_ms) =>
    ms === null ? "" : `; ${name} p50 ${ms.p50}, p95 ${ms.p95}, p99 ${ms.p99} ms`;
  const limits =
    report.crossed.length === 0 ? "within its limits" : `CROSSED: ${report.crossed.join(", ")}`;
  const lost = missing === 0 ? "all found again" : `${missing} NOT FOUND AGAIN`;
  return `  ${rate} requests/s, ${events} events/s${spread("answers", answer_ms)}${spread("searches", search_ms)}
  ${report.events_accepted} events accepted, ${lost}; ${limits}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  const wrongUse =
    error instanceof WrongUse || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  if (!wrongUse && !(error instanceof AppError)) throw error;
  say((error as Error).message);
  if (wrongUse) say(HELP);
  process.exitCode = wrongUse ? 2 : 1;
}
