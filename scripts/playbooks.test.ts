import { spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { HEAD, smallPlaybook } from "../playbooks/cacao/testing.ts";

// Each question starts a process.
vi.setConfig({ testTimeout: 60_000 });
const folder = mkdtempSync(join(tmpdir(), "tillwatch-playbooks-"));
const put = (name: string, content: string) => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
function run(args: string[], input = "") {
  const script = join(import.meta.dirname, "playbooks.ts");
  const done = spawnSync(process.execPath, [script, ...args], { input, encoding: "utf8" });
  return { status: done.status, out: done.stdout, words: done.stderr };
}

it("judges playbooks by exit code: valid, wrong, not used rightly", () => {
  const good = put("good.json", JSON.stringify(smallPlaybook()));
  const wrong = put("wrong.json", JSON.stringify({ ...HEAD, priority: 101 }));
  const both = run(["validate", good, wrong, "--json"]);
  expect(both.status).toBe(1);
  const [first, second] = both.out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(first).toEqual({ file: good, valid: true, runnable: true, problems: [] });
  expect(second).toMatchObject({ valid: false });
  expect(run(["validate", good])).toMatchObject({ status: 0, out: `${good}: valid\n` });
  expect(run(["validate"]).status).toBe(2);
  expect(run(["judge", good]).status).toBe(2);
  expect(run(["validate", join(folder, "gone.json")]).status).toBe(2);
});

it("writes canonical JSON from standard input, and refuses a doubled key", () => {
  expect(run(["canonicalize", "-"], '{"b":1.0,"a":"\\u00e9"}')).toMatchObject({
    status: 0,
    out: '{"a":"é","b":1}',
  });
  expect(run(["canonicalize", "-", "--json"], "null")).toMatchObject({ status: 0 });
  expect(run(["canonicalize", "-"], '{"a":1,"a":2}')).toMatchObject({ status: 1, out: "" });
});

it("verifies nothing that is not signed, and takes no private key for trust", () => {
  const good = put("unsigned.json", JSON.stringify(smallPlaybook()));
  const unsigned = run(["verify", good, "--json"]);
  expect(unsigned.status).toBe(1);
  expect(JSON.parse(unsigned.out)).toMatchObject({
    trusted: false,
    verdict: "none",
    signatures: [],
  });
  const { privateKey } = generateKeyPairSync("ed25519");
  const key = put("key.pem", privateKey.export({ format: "pem", type: "pkcs8" }).toString());
  expect(run(["verify", good, "--key", key]).status).toBe(2);
});

it.each([
  ["US-CA-AG", "2026-03-02", "America/Los_Angeles", "2026-03-17T23:59:59.999"],
  ["US-VT-AG", "2026-11-06", "America/New_York", "2026-11-30T23:59:59.999"],
  ["72h", "2026-03-28T10:00", "Europe/Berlin", "2026-03-31T11:00:00.000"],
  ["30 calendar days", "2026-01-31", "Europe/Berlin", "2026-03-02T23:59:59.999"],
])("%s from %s in %s is due at %s", (rule, start, zone, due) => {
  const done = run(["due", "--rule", rule, "--start", start, "--zone", zone, "--json"]);
  expect(done.status).toBe(0);
  expect(JSON.parse(done.out)).toMatchObject({ due_local: due, zone });
  expect(done.words).toContain("It is not legal advice");
});

it("says how to ask, for a rule, a start or a zone that is not", () => {
  const ask = (rule: string, start: string, zone: string) =>
    run(["due", "--rule", rule, "--start", start, "--zone", zone]);
  expect(ask("US-C", "2026-03-02", "UTC")).toMatchObject({
    status: 2,
    words: expect.stringContaining("Did you mean"),
  });
  expect(ask("72h", "2026-02-31", "UTC").status).toBe(2);
  expect(ask("72h", "2026-02-01", "Mars/Base").status).toBe(2);
});
