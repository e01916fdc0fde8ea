import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { silentLog } from "../../core/log.ts";
import { SECRET_NAMES } from "../../core/settings.ts";
import { lockDataFolder } from "./data-lock.ts";
import { openPostgres } from "./postgres.ts";
import { resolveSecrets } from "./secrets.ts";

let folder: string;
const children: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tillwatch-lock-"));
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a module's text in a Node of its own, and waits until it has printed a line. */
async function startProcess(text: string): Promise<{ child: ChildProcess; printed: () => string }> {
  const path = join(folder, `script-${children.length}.mjs`);
  const here = JSON.stringify(import.meta.dirname);
  writeFileSync(path, `const here = ${here}; const folder = ${JSON.stringify(folder)};\n${text}`);
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  let printed = "";
  await new Promise<void>((go, fail) => {
    child.stdout?.on("data", (chunk) => {
      printed += chunk;
      go();
    });
    child.once("exit", (code) => fail(new Error(`it ended with ${code}`)));
  });
  return { child, printed: () => printed };
}

const gone = (child: ChildProcess) =>
  new Promise((go) => {
    if (child.exitCode !== null || child.signalCode !== null) go(undefined);
    else child.once("exit", go);
  });

const HOLD = `
const { lockDataFolder } = await import(here + "/data-lock.ts");
lockDataFolder(folder + "/data");
console.log("held");
setInterval(() => {}, 1000);
`;

describe("one process owns the data folder", () => {
  it("a second process is refused while the first lives, and let in after kill -9", async () => {
    const { child } = await startProcess(HOLD);
    expect(() => lockDataFolder(join(folder, "data"))).toThrow(/Another Tillwatch process/);
    child.kill("SIGKILL");
    await gone(child);
    lockDataFolder(join(folder, "data")).release();
  });

  it("the same process is refused a second time, and let in after release", () => {
    const lock = lockDataFolder(join(folder, "data"));
    expect(() => lockDataFolder(join(folder, "data"))).toThrow(
      expect.objectContaining({ code: "DATA_FOLDER_LOCKED" }),
    );
    lock.release();
    lock.release();
    lockDataFolder(join(folder, "data")).release();
  });

  it.each([
    { name: "a new folder", before: undefined },
    { name: "a folder open to others", before: 0o755 },
  ])("$name is closed to others", ({ before }) => {
    const data = join(folder, "a", "data");
    if (before !== undefined) {
      lockDataFolder(data).release();
      chmodSync(data, before);
    }
    lockDataFolder(data).release();
    expect(statSync(data).mode & 0o777).toBe(0o700);
  });
});

const WRITE = `
const { openPostgres } = await import(here + "/postgres.ts");
const { lockDataFolder } = await import(here + "/data-lock.ts");
const { silentLog } = await import(here + "/../../core/log.ts");
lockDataFolder(folder);
const handle = await openPostgres({ postgres: { kind: "embedded" }, dataDir: folder }, silentLog);
await handle.pool.query("CREATE SCHEMA IF NOT EXISTS s; CREATE TABLE IF NOT EXISTS s.row (n int, half int)");
for (let n = 0; ; n += 1) {
  const client = await handle.pool.connect();
  await client.query("BEGIN");
  await client.query("INSERT INTO s.row VALUES ($1, 1)", [n]);
  await client.query("INSERT INTO s.row VALUES ($1, 2)", [n]);
  await client.query("COMMIT");
  client.release();
  console.log(n);
}
`;

it("kill -9 in the middle of transactions: what was committed is there, and no half of one", async () => {
  for (let round = 0; round < 3; round += 1) {
    const { child, printed } = await startProcess(WRITE);
    await new Promise((go) => setTimeout(go, 300 + round * 137));
    child.kill("SIGKILL");
    await gone(child);
    const last = Number(printed().trim().split("\n").at(-1));
    const lock = lockDataFolder(folder);
    const config = { postgres: { kind: "embedded" }, dataDir: folder } as const;
    const handle = await openPostgres(config, silentLog);
    const { rows } = await handle.pool.query<{ most: number; halves: number }>(
      "SELECT max(n) AS most, (SELECT count(*) FROM (SELECT n FROM s.row GROUP BY n HAVING count(*) % 2 = 1) h) AS halves FROM s.row",
    );
    await handle.pool.query("DELETE FROM s.row");
    await handle.close();
    lock.release();
    expect(rows[0]?.halves).toBe(0);
    expect(rows[0]?.most).toBeGreaterThanOrEqual(last);
  }
});

const EMBEDDED = {
  secrets: {},
  clickhouse: { kind: "embedded" },
  postgres: { kind: "embedded" },
} as const;

describe("secrets", () => {
  it("are made once, differ, and are readable by the owner alone", () => {
    const first = resolveSecrets(EMBEDDED, folder);
    expect(resolveSecrets(EMBEDDED, folder)).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(Object.keys(SECRET_NAMES).length);
    for (const secret of Object.values(first))
      expect(Buffer.from(secret, "base64url")).toHaveLength(32);
    expect(statSync(join(folder, "secrets", "SEAL_KEY")).mode & 0o777).toBe(0o600);
    expect(statSync(join(folder, "secrets")).mode & 0o777).toBe(0o700);
  });

  it("that are set win over the folder's, and are not written to it", () => {
    const SEAL_KEY = "x".repeat(40);
    expect(resolveSecrets({ ...EMBEDDED, secrets: { SEAL_KEY } }, folder).SEAL_KEY).toBe(SEAL_KEY);
    expect(() => readFileSync(join(folder, "secrets", "SEAL_KEY"))).toThrow();
  });

  it("a damaged file stops the start instead of being replaced", () => {
    resolveSecrets(EMBEDDED, folder);
    writeFileSync(join(folder, "secrets", "SEAL_KEY"), "short");
    expect(() => resolveSecrets(EMBEDDED, folder)).toThrow(/SEAL_KEY is damaged/);
    expect(readFileSync(join(folder, "secrets", "SEAL_KEY"), "utf8")).toBe("short");
  });

  it("with servers only, a missing one is an error", () => {
    const servers = {
      secrets: {},
      clickhouse: { kind: "server", url: "http://x", user: "", password: "", database: "t" },
      postgres: { kind: "server", url: "postgres://x" },
    } as const;
    expect(() => resolveSecrets(servers, folder)).toThrow(/must be set/);
  });
});
