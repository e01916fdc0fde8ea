// Keeps the embedded engine's child running: starts it, watches it, starts it again with growing pauses.
import { type ChildProcess, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { AppError } from "../../../core/errors.ts";
import type { Log } from "../../../core/log.ts";
import type { ChildSays, ChildStart } from "./child.ts";
import { configXml, engineMemory, usersXml } from "./engine-files.ts";
import { nodePath } from "./node-path.ts";

/** `address` is undefined while the child is away. `onAddress` hears of each new one, and of its loss. */
export type EmbeddedEngine = {
  address(): string | undefined;
  keys: { owner: string; reader: string };
  version(): string;
  /** Process id of the running child. */
  pid(): number | undefined;
  close(): Promise<void>;
};

const FIRST_START_MS = 60_000;
const PAUSES_MS = [200, 400, 800, 1600, 3200, 5000];
const HEALTH_EVERY_MS = 5000;
const HEALTH_WITHIN_MS = 10_000;
const HEALTH_MISSES = 3;
const STEADY_MS = 30_000;
const CLOSE_MS = 5000;

type Folders = { data: string; config: string; landing: string };

/** Makes `<dataDir>/clickhouse/` with the engine's own folder, its two configuration files and the landing place. */
function prepareFolders(dataDir: string): Folders {
  const root = resolve(dataDir, "clickhouse");
  const folders = { data: join(root, "data"), config: root, landing: join(root, "landing") };
  mkdirSync(folders.landing, { recursive: true, mode: 0o700 });
  mkdirSync(join(root, "backups"), { recursive: true, mode: 0o700 });
  for (const left of readdirSync(folders.landing)) rmSync(join(folders.landing, left));
  const machine = process.constrainedMemory() || totalmem();
  const memory = engineMemory(Math.min(machine, totalmem()));
  writeFileSync(join(root, "config.xml"), configXml(root, memory), { mode: 0o600 });
  writeFileSync(join(root, "users.xml"), usersXml(), { mode: 0o600 });
  return folders;
}

/** Starts the engine over `<dataDir>/clickhouse` and resolves when it answers. Throws STORE_UNAVAILABLE after a minute. */
export async function startEmbedded(dataDir: string, log: Log): Promise<EmbeddedEngine> {
  const supervisor = new Supervisor(prepareFolders(dataDir), log);
  await supervisor.open();
  return supervisor;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

class Supervisor implements EmbeddedEngine {
  readonly keys = {
    owner: randomBytes(24).toString("base64url"),
    reader: randomBytes(24).toString("base64url"),
  };
  readonly #folders: Folders;
  readonly #log: Log;
  #child: ChildProcess | undefined;
  #port: number | undefined;
  #version = "";
  #closing = false;
  #failures = 0;
  #misses = 0;
  #lastError = "";
  #again: NodeJS.Timeout | undefined;
  #health: NodeJS.Timeout | undefined;
  #onReady: (() => void) | undefined;

  constructor(folders: Folders, log: Log) {
    this.#folders = folders;
    this.#log = log;
  }

  address = () => (this.#port === undefined ? undefined : `http://127.0.0.1:${this.#port}`);
  version = () => this.#version;
  pid = () => this.#child?.pid;

  async open(): Promise<void> {
    const ready = new Promise<void>((yes, no) => {
      const timer = setTimeout(() => {
        const words = this.#lastError === "" ? "" : ` Its last words: ${this.#lastError}`;
        no(new AppError("STORE_UNAVAILABLE", `The embedded engine did not start.${words}`));
      }, FIRST_START_MS);
      this.#onReady = () => {
        clearTimeout(timer);
        yes();
      };
    });
    this.#start();
    try {
      await ready;
    } catch (error) {
      await this.close();
      throw error;
    }
    this.#health = setInterval(() => void this.#check(), HEALTH_EVERY_MS);
    this.#health.unref();
  }

  /** Ends the child in order, by force after a while. */
  async close(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#again);
    clearInterval(this.#health);
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise((done) => child.once("exit", done));
    const force = setTimeout(() => child.kill("SIGKILL"), CLOSE_MS);
    child.stdin?.write("close\n");
    await gone;
    clearTimeout(force);
  }

  #start(): void {
    const file = fileURLToPath(new URL("./child.ts", import.meta.url));
    const child = spawn(nodePath(process.execPath, process.version), [file], {
      // SQL can read /proc/self/environ, so nothing of ours is in it.
      env: { PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "UTC", UV_THREADPOOL_SIZE: "16" },
      stdio: ["pipe", "pipe", "pipe"],
      cwd: this.#folders.config,
    });
    this.#child = child;
    const startedAt = performance.now();
    child.on("error", (error) => {
      this.#lastError = error.message;
    });
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#hear(line));
    createInterface({ input: child.stderr }).on("line", (line) => {
      this.#lastError = line.slice(0, 500);
      this.#log.debug({ line: this.#lastError }, "the embedded engine said");
    });
    child.once("close", (code, signal) => this.#lost(startedAt, { code, signal }));
    const start: ChildStart = {
      dataDir: this.#folders.data,
      configFile: join(this.#folders.config, "config.xml"),
      landingDir: this.#folders.landing,
      readers: availableParallelism() > 2 ? 4 : 3,
      keys: { owner: sha256(this.keys.owner), reader: sha256(this.keys.reader) },
    };
    child.stdin.write(`${JSON.stringify(start)}\n`);
  }

  #hear(line: string): void {
    let said: ChildSays;
    try {
      said = JSON.parse(line) as ChildSays;
    } catch {
      this.#log.debug({ line: line.slice(0, 500) }, "the embedded engine said");
      return;
    }
    if ("log" in said) {
      if (said.log === "error") this.#lastError = String(said.fields.error ?? said.sentence);
      this.#log[said.log](said.fields, said.sentence);
      return;
    }
    this.#port = said.ready.port;
    this.#version = said.ready.version;
    this.#misses = 0;
    this.#log.info({ version: this.#version, pid: this.pid() }, "embedded engine ready");
    this.#onReady?.();
  }

  #lost(startedAt: number, how: { code: number | null; signal: NodeJS.Signals | null }): void {
    this.#port = undefined;
    this.#child = undefined;
    if (this.#closing) return;
    if (performance.now() - startedAt > STEADY_MS) this.#failures = 0;
    const pause = PAUSES_MS[Math.min(this.#failures, PAUSES_MS.length - 1)] ?? 5000;
    this.#failures += 1;
    this.#log.warn(
      { ...how, pauseMs: pause, lastWords: this.#lastError },
      "embedded engine ended; starting it again",
    );
    this.#again = setTimeout(() => this.#start(), pause);
  }

  async #check(): Promise<void> {
    const address = this.address();
    const child = this.#child;
    if (address === undefined || child === undefined) return;
    const alive = await fetch(`${address}/ping`, { signal: AbortSignal.timeout(HEALTH_WITHIN_MS) })
      .then((answer) => answer.ok)
      .catch(() => false);
    if (child !== this.#child) return;
    this.#misses = alive ? 0 : this.#misses + 1;
    if (this.#misses < HEALTH_MISSES) return;
    this.#log.error({ misses: this.#misses }, "embedded engine does not answer; ending it");
    child.kill("SIGKILL");
  }
}
