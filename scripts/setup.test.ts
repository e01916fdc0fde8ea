// The set-up runs on a stranger's machine before anything of ours does, so its promises are tried on a small tree.
import { spawn, spawnSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

let root: string;
const modules = () => join(root, "node_modules");
const setup = () => join(root, "scripts", "setup.mjs");

/** Trees like ours without any dependency, so that npm has nothing to fetch: one new, one already set up. */
const newTree = mkdtempSync(join(tmpdir(), "tillwatch-setup-"));
const readyTree = mkdtempSync(join(tmpdir(), "tillwatch-setup-"));
beforeAll(() => {
  mkdirSync(join(newTree, "scripts"));
  copyFileSync(join(import.meta.dirname, "setup.mjs"), join(newTree, "scripts", "setup.mjs"));
  const named = '"name":"tree","version":"1.0.0"';
  writeFileSync(join(newTree, "package.json"), `{${named}}`);
  const lock = `{${named},"lockfileVersion":3,"packages":{"":{${named}}}}`;
  writeFileSync(join(newTree, "package-lock.json"), lock);
  const print = "console.log(JSON.stringify(process.argv.slice(2)))";
  writeFileSync(join(newTree, "print.mjs"), print);
  cpSync(newTree, readyTree, { recursive: true });
  root = readyTree;
  expect(run("node", "print.mjs").status).toBe(0);
});

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "tillwatch-setup-"));
  cpSync(readyTree, root, { recursive: true });
});
const startNew = () => {
  rmSync(root, { recursive: true });
  cpSync(newTree, root, { recursive: true });
};
afterEach(() => rmSync(root, { recursive: true, force: true }));
afterAll(() => {
  for (const tree of [newTree, readyTree]) rmSync(tree, { recursive: true, force: true });
});

function run(...line: string[]) {
  const env = { ...process.env, npm_execpath: undefined };
  return spawnSync(process.execPath, [setup(), ...line], { cwd: root, encoding: "utf8", env });
}

it("installs once, says so on stderr only, and hands the line on", () => {
  startNew();
  const first = run("node", "print.mjs", "--json", "a b");
  expect(first.stderr).toContain("first start");
  expect(first.stdout).toBe('["--json","a b"]\n');
  const second = run("node", "print.mjs");
  expect(second.stderr).toBe("");
  expect(second.status).toBe(0);
});

it("leaves the lock file alone and installs again when it changes", () => {
  const lock = join(root, "package-lock.json");
  const changed = `${readFileSync(lock, "utf8")}\n`;
  writeFileSync(lock, changed);
  expect(run("node", "print.mjs").stderr).toContain("has changed");
  expect(readFileSync(lock, "utf8")).toBe(changed);
});

it.each([
  { name: "success", script: "process.exit(0)", status: 0 },
  { name: "a refusal", script: "process.exit(1)", status: 1 },
  { name: "wrong use", script: "process.exit(2)", status: 2 },
  { name: "a kill", script: 'process.kill(process.pid, "SIGKILL")', status: 137 },
])("passes the exit code of $name through", ({ script, status }) => {
  writeFileSync(join(root, "end.mjs"), script);
  expect(run("node", "end.mjs").status).toBe(status);
});

it("says what is wrong when no line or an unknown tool is given", () => {
  expect(run().status).toBe(2);
  const unknown = run("nothing-of-that-name");
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toContain('no tool "nothing-of-that-name"');
});

it("runs the pinned Node by path, not the one that started it", () => {
  mkdirSync(join(modules(), ".bin"), { recursive: true });
  writeFileSync(join(modules(), ".bin", "node"), '#!/bin/sh\necho "pinned $1"\n', { mode: 0o755 });
  expect(run("node", "print.mjs").stdout).toBe("pinned print.mjs\n");
});

it("runs a tool of node_modules/.bin by its real path", () => {
  mkdirSync(join(modules(), ".bin"), { recursive: true });
  symlinkSync(join(root, "print.mjs"), join(modules(), ".bin", "print"));
  expect(run("print", "x").stdout).toBe('["x"]\n');
});

it("reads .env for scripts, and the environment wins over it", () => {
  writeFileSync(join(root, ".env"), "TILLWATCH_A=file\nTILLWATCH_PATH_SEEN=file\n");
  writeFileSync(join(root, "env.mjs"), "console.log(process.env.TILLWATCH_A, process.env.HOME)");
  expect(run("node", "env.mjs").stdout).toBe(`file ${process.env.HOME}\n`);
});

it("installs once when two start at the same time", async () => {
  startNew();
  const starts = [1, 2].map(
    () =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, [setup(), "node", "print.mjs"], { cwd: root });
        let text = "";
        child.stderr.on("data", (chunk) => {
          text += chunk;
        });
        child.once("close", (code) => resolve(`${code} ${text}`));
      }),
  );
  const ends = await Promise.all(starts);
  expect(ends.filter((end) => end.includes("first start"))).toHaveLength(1);
  expect(ends.every((end) => end.startsWith("0 "))).toBe(true);
  expect(existsSync(join(modules(), ".installing"))).toBe(false);
});

it("takes over the lock of a start that died", () => {
  startNew();
  mkdirSync(modules());
  writeFileSync(join(modules(), ".installing"), "1");
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(join(modules(), ".installing"), longAgo, longAgo);
  expect(run("node", "print.mjs").status).toBe(0);
});

it("starts nothing when npm fails", () => {
  writeFileSync(
    join(root, "package.json"),
    '{"name":"tree","dependencies":{"left":"file:./gone.tgz"}}',
  );
  const failed = run("node", "print.mjs");
  expect(failed.status).not.toBe(0);
  expect(failed.stdout).toBe("");
  expect(failed.stderr).toContain("nothing was started");
});

it.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("passes %s on to the service", async (signal) => {
  const service = `for (const s of ["SIGTERM", "SIGINT", "SIGHUP"])
    process.on(s, () => { console.log(s); setTimeout(() => process.exit(7), 50); });
    setInterval(() => {}, 1000); console.log("ready");`;
  writeFileSync(join(root, "service.mjs"), service);
  const child = spawn(process.execPath, [setup(), "node", "service.mjs"], { cwd: root });
  let text = "";
  const code = await new Promise((resolve) => {
    child.stdout.on("data", (chunk) => {
      text += chunk;
      if (text === "ready\n") child.kill(signal);
    });
    child.once("close", resolve);
  });
  expect({ code, text }).toEqual({ code: 7, text: `ready\n${signal}\n` });
});
