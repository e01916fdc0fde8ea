// Starts the real service as its own process, so that faults and benchmarks meet what a user runs.
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createServer } from "node:net";
import { promisify } from "node:util";

export type RunningService = {
  url: string;
  pid: number;
  /** What it printed so far, both streams. */
  output(): string;
  /** SIGKILL to the process alone, as the kernel's memory killer would; resolves when it is gone. */
  kill9(): Promise<void>;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
};

type ServiceOptions = {
  dataDir: string;
  port: number;
  env?: Record<string, string>;
  readyWithinMs?: number;
};

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

function serviceEnv({ dataDir, port, env }: ServiceOptions): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    HOME: process.env.HOME ?? "/tmp",
    TILLWATCH_DATA: dataDir,
    TILLWATCH_PORT: String(port),
    TILLWATCH_DEMO: "off",
    TILLWATCH_LOG_LEVEL: "warn",
    TILLWATCH_SPOOL_RESERVE_MB: "16",
    ...env,
  };
}

function gone(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve(child.exitCode);
  return new Promise((resolve) => child.once("exit", (code) => resolve(code)));
}

/** Starts `scripts/start.ts` and waits until /healthz answers 200. Throws with its output when it does not come up. */
export async function startRunningService(options: ServiceOptions): Promise<RunningService> {
  const start = new URL("../start.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [start], {
    env: serviceEnv(options),
    stdio: ["ignore", "pipe", "pipe"],
  });
  let printed = "";
  const keep = (chunk: Buffer) => {
    printed = (printed + chunk.toString()).slice(-100_000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const url = `http://127.0.0.1:${options.port}`;
  const deadline = Date.now() + (options.readyWithinMs ?? 60_000);
  while (!(await answers(`${url}/healthz`))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`The service did not become ready (exit ${child.exitCode}):\n${printed}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    pid: child.pid ?? 0,
    output: () => printed,
    async kill9() {
      child.kill("SIGKILL");
      await gone(child);
    },
    async stop() {
      child.kill("SIGTERM");
      return gone(child);
    },
  };
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

/** Runs the admin command line against that data folder (the service may be running) and gives its JSON answer. */
export async function admin(
  options: ServiceOptions,
  ...words: string[]
): Promise<Record<string, unknown>> {
  const script = new URL("../admin.ts", import.meta.url).pathname;
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...words, "--json"], {
    env: serviceEnv(options),
  });
  return JSON.parse(stdout) as Record<string, unknown>;
}
