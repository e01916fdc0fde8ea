// An arrow rule that matches nothing is green for ever, so each one is shown an import that it must refuse.
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const { default: config } = (await import(join(root, ".dependency-cruiser.mjs"))) as {
  default: { forbidden: { name: string; comment: string }[] };
};

/** One forbidden import per rule, by the file that makes it; the last column is what it imports. */
const FORBIDDEN: [rule: string, file: string, text: string][] = [
  ["core-imports-nothing-of-ours", "core/a.ts", 'import "../stores/b.ts";'],
  ["core-imports-nothing-of-ours", "core/type.ts", 'import type { B } from "../stores/b.ts";'],
  ["core-knows-three-libraries", "core/lib.ts", 'import "fastify";'],
  ["stores-import-core-only", "stores/up.ts", 'import "../ingest/b.ts";'],
  ["only-stores-know-drivers", "ingest/sql.ts", 'import { Kysely } from "kysely";'],
  ["only-stores-know-drivers", "alerts/queue.ts", 'import { Queue } from "bullmq";'],
  ["only-stores-know-drivers", "scripts/ch.ts", 'import "@clickhouse/client";'],
  ["parts-meet-in-stores", "ingest/side.ts", 'import "../detectors/b.ts";'],
  ["parts-meet-in-stores", "alerts/side.ts", 'import type { B } from "../dashboards/b.ts";'],
  ["accounts-see-core-and-stores", "accounts/up.ts", 'import "../alerts/b.ts";'],
  ["only-doors-import-accounts", "detectors/who.ts", 'import "../accounts/b.ts";'],
  ["scripts-are-on-top", "alerts/log.ts", 'import "../scripts/b.ts";'],
  ["detectors-engine-sees-core-only", "detectors/engine/store.ts", 'import "../../stores/b.ts";'],
  ["detectors-engine-sees-core-only", "detectors/engine/disk.ts", 'import "node:fs";'],
  ["a-source-sees-core-and-its-vendor", "ingest/sources/x.ts", 'import "../b.ts";'],
  ["a-channel-sees-core-and-its-vendor", "alerts/channels/x.ts", 'import "../../stores/b.ts";'],
  ["playbooks-judge-with-core-only", "playbooks/cacao/x.ts", 'import "../../stores/b.ts";'],
  ["playbooks-judge-with-core-only", "playbooks/clocks/x.ts", 'import "../cacao/good.ts";'],
  ["parts-meet-in-stores", "playbooks/side.ts", 'import "../alerts/b.ts";'],
  ["only-stores-know-drivers", "playbooks/sql.ts", 'import { Pool } from "kysely";'],
  ["the-simulator-sees-core-only", "scripts/simulate/x.ts", 'import "../b.ts";'],
  ["no-test-code-in-the-service", "stores/prod.ts", 'import "./b.test.ts";'],
  ["production-needs-no-tools", "alerts/tool.ts", 'import "fast-check";'],
  ["no-cycles", "core/one.ts", 'import "./two.ts";'],
];
const ALLOWED: [file: string, text: string][] = [
  ["core/two.ts", 'import type { A } from "./one.ts";'], // closes the circle; told where it begins
  ["core/good.ts", 'import "zod"; import "node:crypto";'],
  ["stores/good.ts", 'import "kysely"; import "../core/b.ts";'],
  ["ingest/routes.ts", 'import "../accounts/b.ts"; import "../stores/b.ts"; import "./b.ts";'],
  ["alerts/typed.ts", 'import type { Kysely } from "kysely";'],
  ["playbooks/cacao/good.ts", 'import "../../core/b.ts"; import "./other.ts"; import "yaml";'],
  ["detectors/engine/good.ts", 'import "../../core/b.ts"; import "./other.ts"; import "yaml";'],
  [
    "scripts/good.ts",
    'import "../ingest/b.ts"; import "../accounts/b.ts"; import "./simulate/b.ts";',
  ],
  ["ingest/good.test.ts", 'import "../scripts/simulate/b.ts"; import "../detectors/b.ts";'],
];

let tree: string;
const broken = new Map<string, Set<string>>();

function write(file: string, text: string): void {
  mkdirSync(dirname(join(tree, file)), { recursive: true });
  writeFileSync(join(tree, file), `${text}\nexport type A = 1;\nexport type B = 1;\n`);
}

beforeAll(() => {
  tree = mkdtempSync(join(tmpdir(), "tillwatch-arrows-"));
  for (const file of ["tsconfig.json", "package.json", ".dependency-cruiser.mjs"]) {
    copyFileSync(join(root, file), join(tree, file));
  }
  const folders =
    "core stores ingest detectors alerts playbooks accounts dashboards scripts scripts/simulate";
  for (const folder of folders.split(" ")) write(`${folder}/b.ts`, "");
  write("stores/b.test.ts", "");
  write("detectors/engine/other.ts", "");
  write("playbooks/cacao/other.ts", "");
  for (const lib of [
    "fastify",
    "kysely",
    "bullmq",
    "@clickhouse/client",
    "zod",
    "yaml",
    "fast-check",
  ]) {
    write(`node_modules/${lib}/index.js`, "");
    writeFileSync(
      join(tree, "node_modules", lib, "package.json"),
      JSON.stringify({ name: lib, version: "1.0.0", main: "index.js" }),
    );
    writeFileSync(join(tree, "node_modules", lib, "index.js"), "module.exports = {};\n");
  }
  for (const [, file, text] of FORBIDDEN) write(file, text);
  for (const [file, text] of ALLOWED) write(file, text);
  const tool = join(root, "node_modules/dependency-cruiser/bin/dependency-cruiser.mjs");
  const args = [
    tool,
    "--output-type",
    "json",
    ...readdirSync(tree).filter((n) => /^[a-z]+$/.test(n)),
  ];
  const { stdout } = spawnSync(process.execPath, args, { cwd: tree, encoding: "utf8" });
  const { summary } = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  for (const { from, rule } of summary.violations) {
    broken.set(from, (broken.get(from) ?? new Set()).add(rule.name));
  }
});
afterAll(() => rmSync(tree, { recursive: true, force: true }));

it.each(FORBIDDEN)("%s refuses %s: %s", (rule, file) => {
  expect([...(broken.get(file) ?? [])]).toContain(rule);
});

it.each(ALLOWED)("lets %s import what it may: %s", (file) => {
  expect(broken.get(file)).toBeUndefined();
});

it("every rule is shown an import that it refuses, and says a sentence", () => {
  const rules = config.forbidden;
  expect(rules.map(({ name }) => name).sort()).toEqual(
    [...new Set(FORBIDDEN.map(([rule]) => rule))].sort(),
  );
  for (const { comment } of rules) expect(comment).toMatch(/^[A-Za-z].+\.$/);
});
