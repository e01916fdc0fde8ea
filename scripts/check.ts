// `npm run check`: lock file, types, style, arrows and dead code, side by side, in seconds. `-- --fix` mends what a machine can.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { completeLock, lockFaults } from "./house/lock-file.ts";

const root = join(import.meta.dirname, "..");
const lockPath = join(root, "package-lock.json");
const FOLDERS = [
  "core",
  "stores",
  "ingest",
  "detectors",
  "alerts",
  "playbooks",
  "accounts",
  "dashboards",
];
const SOURCES = [...FOLDERS, "scripts"].filter((folder) => existsSync(join(root, folder)));

type Check = { name: string; what: string; hint: string; run(): Promise<Result> };
type Result = { ok: boolean; output: string };

const tool = (name: string) => realpathSync(join(root, "node_modules", ".bin", name));
const byNode = (name: string, ...args: string[]) =>
  runProgram(process.execPath, tool(name), ...args);

function runProgram(program: string, ...args: string[]): Promise<Result> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const keep = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.once("error", (error) => resolve({ ok: false, output: String(error) }));
    child.once("close", (code) => resolve({ ok: code === 0, output: output.trim() }));
  });
}

function npm(...args: string[]): Promise<Result> {
  const cli = process.env.npm_execpath;
  if (cli?.endsWith("npm-cli.js")) return runProgram(process.execPath, cli, ...args);
  return runProgram("npm", ...args);
}

const readLock = () => JSON.parse(readFileSync(lockPath, "utf8"));

async function checkLock(): Promise<Result> {
  const faults = lockFaults(readLock());
  const listed = await npm("ls", "--package-lock-only", "--depth=0", "--silent");
  const drift = listed.ok ? [] : ["package.json and package-lock.json have drifted apart:"];
  const output = [...faults, ...drift, ...(listed.ok ? [] : [listed.output])].join("\n");
  return { ok: output === "", output };
}

const CHECKS: Check[] = [
  {
    name: "lock file",
    what: "package.json and package-lock.json agree, for every platform",
    hint: "npm install, then npm run check -- --fix",
    run: checkLock,
  },
  {
    name: "types",
    what: "tsc",
    hint: "",
    run: () =>
      byNode(
        "tsc",
        "-p",
        ".",
        "--incremental",
        "--tsBuildInfoFile",
        "node_modules/.cache/tsc.json",
      ),
  },
  {
    name: "style",
    what: "Biome: format, lint, sizes",
    hint: "npm run check -- --fix mends most of it",
    run: () => byNode("biome", "check", "--colors=off", "--max-diagnostics=40"),
  },
  {
    name: "arrows",
    what: "dependency-cruiser: who may import whom",
    hint: "the rule's sentence stands in .dependency-cruiser.mjs",
    run: () => byNode("depcruise", "--output-type", "err-long", ...SOURCES),
  },
  {
    name: "dead code",
    what: "knip: unused files, exports, dependencies",
    hint: "delete it, or stop exporting what only its own file uses",
    run: () => byNode("knip", "--no-progress", "--no-config-hints"),
  },
];

function fix(): Promise<Result> {
  const lock = readLock();
  const full = completeLock(lock);
  if (JSON.stringify(full) !== JSON.stringify(lock)) {
    writeFileSync(lockPath, `${JSON.stringify(full, null, 2)}\n`);
  }
  return byNode("biome", "check", "--write", "--colors=off", "--max-diagnostics=0");
}

async function timed(check: Check): Promise<Result & { check: Check; seconds: string }> {
  const startedMs = performance.now();
  const result = await check.run();
  return { ...result, check, seconds: ((performance.now() - startedMs) / 1000).toFixed(1) };
}

const flags = process.argv.slice(2);
if (flags.some((flag) => flag !== "--fix")) {
  console.error("use: npm run check [-- --fix]\n");
  for (const { name, what } of CHECKS) console.error(`  ${name.padEnd(10)} ${what}`);
  process.exit(flags.includes("--help") ? 0 : 2);
}
mkdirSync(join(root, "node_modules", ".cache"), { recursive: true });
if (flags.includes("--fix")) await fix();
const results = await Promise.all(CHECKS.map(timed));
for (const { ok, check, seconds, output } of results) {
  if (!ok)
    console.log(
      `\n── ${check.name} ── ${check.what}\n${output}\n${check.hint && `→ ${check.hint}`}`,
    );
  else console.log(`✓ ${check.name.padEnd(10)} ${seconds.padStart(5)} s`);
}
const failed = results.filter(({ ok }) => !ok).map(({ check }) => check.name);
if (failed.length > 0) {
  console.log(`\n✗ ${failed.join(", ")}`);
  process.exit(1);
}
