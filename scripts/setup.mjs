// Makes the tree ready and then runs the rest of its line on the pinned Node, whatever Node started it.
//
// Plain JavaScript without dependencies, in syntax that Node 20 reads: it runs before anything is installed.
// Words go to stderr only, so that a command's `--json` on stdout stays clean.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import * as fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const NODE_MAJOR = 24;
const BEAT_MS = 1_000;
const STALE_MS = 10_000;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 };

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const modules = path.join(root, "node_modules");
const stamp = path.join(modules, ".installed");
const lock = path.join(modules, ".installing");

const say = (text) => process.stderr.write(`tillwatch: ${text}\n`);

/** What should be installed, as one line: a hash over package.json and the lock file. */
function wanted() {
  const hash = createHash("sha256");
  for (const name of ["package.json", "package-lock.json"]) {
    hash.update(`${name}\0`).update(fs.readFileSync(path.join(root, name)));
  }
  return hash.digest("hex");
}

const isReady = () => fs.existsSync(stamp) && fs.readFileSync(stamp, "utf8").trim() === wanted();

/**
 * One installer at a time: the lock is a file that only one process can create, and its holder touches it every
 * second. A lock that nobody touches was left by a process that died, and is taken over.
 */
async function withLock(work) {
  fs.mkdirSync(modules, { recursive: true });
  for (let told = false; !tryLock(); ) {
    if (!told) say("another start is installing in this folder; waiting for it.");
    told = true;
    await sleep(BEAT_MS / 2);
  }
  const beat = setInterval(() => fs.utimesSync(lock, new Date(), new Date()), BEAT_MS);
  const release = () => fs.rmSync(lock, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.removeListener("exit", release);
    release();
  }
}

const isStale = (file) => {
  const found = fs.statSync(file, { throwIfNoEntry: false });
  return found !== undefined && Date.now() - found.mtimeMs > STALE_MS;
};

function tryLock() {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code !== "EEXIST") throw error;
  }
  if (!isStale(lock)) return false;
  // Renaming is what only one of two takers can do; a lock that turns out to be alive goes back.
  const aside = `${lock}.${process.pid}`;
  try {
    fs.renameSync(lock, aside);
    if (isStale(aside)) fs.rmSync(aside, { force: true });
    else fs.renameSync(aside, lock);
  } catch (error) {
    if (error.code !== "ENOENT") throw error; // else another start was quicker
  }
  return false;
}

/** Exactly the locked versions, hashes checked, the lock file left alone. */
async function install() {
  const isFirst = !fs.existsSync(path.join(modules, ".package-lock.json"));
  say(
    isFirst
      ? "first start: installing the libraries and Node 24 into node_modules. Once; a few minutes, about 1.2 GB."
      : "package.json or the lock file has changed: bringing node_modules up to date.",
  );
  const startedMs = Date.now();
  const seconds = () => Math.round((Date.now() - startedMs) / 1000);
  const beat = setInterval(() => say(`still installing (${seconds()} s) …`), 15_000);
  const target = wanted();
  const args = "install --no-save --include=dev --include=optional --loglevel=error";
  const code = await run(...npm(args.split(" ")), { cwd: root, stdio: ["ignore", 2, 2] });
  clearInterval(beat);
  if (code !== 0) {
    say(`npm could not install (exit ${code}). Its words are above; nothing was started.`);
    process.exit(code || 1);
  }
  fs.writeFileSync(stamp, `${target}\n`);
  say(`installed in ${seconds()} s.`);
}

/** The npm that called us, else the one in the path. */
function npm(args) {
  const cli = process.env.npm_execpath;
  return cli?.endsWith("npm-cli.js") ? [process.execPath, [cli, ...args]] : ["npm", args];
}

/** The pinned Node, else this one where it is new enough, else undefined. */
function node() {
  const pinned = path.join(modules, ".bin", "node");
  if (fs.existsSync(pinned)) return pinned;
  return Number(process.versions.node.split(".")[0]) >= NODE_MAJOR ? process.execPath : undefined;
}

/** `node FILE …` reads `.env` where there is one; any other first word is a tool of node_modules/.bin. */
function commandLine([word, ...rest]) {
  if (word === "node") {
    const env = path.join(root, ".env");
    return fs.existsSync(env) ? [`--env-file=${env}`, ...rest] : rest;
  }
  const tool = path.join(modules, ".bin", word);
  if (!fs.existsSync(tool)) {
    say(`there is no tool "${word}" in node_modules/.bin.`);
    process.exit(2);
  }
  return [fs.realpathSync(tool), ...rest];
}

/** Runs a child to its end and passes signals on. Out: its exit code, 128 + n for a signal. */
function run(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, options);
    const handlers = Object.keys(SIGNALS).map((signal) => [signal, passOn(child, signal)]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    child.once("error", reject);
    child.once("close", (code, signal) => {
      for (const [name, handler] of handlers) process.removeListener(name, handler);
      resolve(code ?? 128 + (SIGNALS[signal] ?? 9));
    });
  });
}

/**
 * Ctrl-C at a terminal reaches the child by itself, and npm repeats what it gets; a service that takes a second
 * SIGINT for impatience would die at the first. So: none of our own at a terminal, and elsewhere one a second.
 */
function passOn(child, signal) {
  let lastMs = 0;
  return () => {
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    if (Date.now() - lastMs < 1_000) return;
    lastMs = Date.now();
    child.kill(signal);
  };
}

const line = process.argv.slice(2);
if (line.length === 0) {
  say("use: node scripts/setup.mjs node FILE …   or   node scripts/setup.mjs TOOL …");
  process.exit(2);
}
if (!isReady()) {
  await withLock(async () => {
    if (!isReady()) await install();
  });
}
const found = node();
if (found === undefined) {
  say(
    `this is Node ${process.versions.node}, Tillwatch runs on Node ${NODE_MAJOR}, and npm found no build of it for ` +
      `${process.platform} ${process.arch}. Install Node ${NODE_MAJOR} (https://nodejs.org/en/download) and try again.`,
  );
  process.exit(1);
}
const bin = path.join(modules, ".bin");
const env = { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH ?? ""}` };
const code = await run(found, commandLine(line), { stdio: "inherit", env });
process.exit(code);
