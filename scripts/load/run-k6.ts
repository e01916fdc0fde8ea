// Runs one load script in k6 and reads what it measured. k6 is a program of its own, not an npm package.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AppError } from "../../core/errors.ts";
import { type LoadReport, readSummary, type Scenario } from "./scenarios.ts";

export type Target = {
  url: string;
  key: string;
  /** Where Square's deliveries go, the address that is signed, and the secret; null where none is connected. */
  square: { url: string; registered: string; secret: string } | null;
};
export type Pressure = { rate: number; seconds: number; ramp: boolean; p99Ms: number };

/** k6's answer to `k6 version`, or undefined where it is not there. */
export function k6Version(k6: string): string | undefined {
  const asked = spawnSync(k6, ["version"], { encoding: "utf8" });
  return asked.status === 0 ? asked.stdout.trim() : undefined;
}

/** Exit codes of k6 that still leave a summary: all went well, or a threshold was crossed. */
const MEASURED = new Set([0, 99]);

/** `run`: a word of this run alone, in the ids of all that is sent. Throws REQUEST_INVALID with k6's words when it did not run. */
export async function runK6(
  k6: string,
  scenario: Scenario,
  { target, pressure, run }: { target: Target; pressure: Pressure; run: string },
): Promise<LoadReport> {
  const folder = mkdtempSync(join(tmpdir(), "tillwatch-load-"));
  try {
    const summary = join(folder, "summary.json");
    const script = join(import.meta.dirname, "k6", `${scenario.name}.ts`);
    const words = ["run", "--quiet", "--no-color", "--no-usage-report", "--address", "", script];
    const env = k6Environment(scenario, { target, pressure, run });
    const { code, said } = await runProgram(k6, words, { ...env, LOAD_SUMMARY: summary });
    if (!MEASURED.has(code ?? -1)) {
      throw new AppError("REQUEST_INVALID", `k6 stopped with ${code}:\n${said.slice(-2_000)}`);
    }
    return readSummary(scenario.name, readFileSync(summary, "utf8"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Secrets go by the environment: an argument would stand in the process list. */
function k6Environment(
  scenario: Scenario,
  { target, pressure, run }: { target: Target; pressure: Pressure; run: string },
): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? tmpdir(),
    LOAD_URL: target.url,
    LOAD_KEY: target.key,
    LOAD_RUN: run,
    LOAD_RATE: String(pressure.rate),
    LOAD_SECONDS: String(pressure.seconds),
    LOAD_RAMP: pressure.ramp ? "1" : "",
    LOAD_P99_MS: String(pressure.p99Ms),
    LOAD_BATCH: String(scenario.batch),
    LOAD_SQUARE_URL: target.square?.url ?? "",
    LOAD_SQUARE_REGISTERED: target.square?.registered ?? "",
    LOAD_SQUARE_SECRET: target.square?.secret ?? "",
  };
}

function runProgram(
  program: string,
  words: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; said: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, words, { env, stdio: ["ignore", "pipe", "pipe"] });
    let said = "";
    const keep = (chunk: Buffer) => {
      said = (said + chunk.toString()).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, said }));
  });
}
