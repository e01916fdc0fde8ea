import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, expect, it } from "vitest";
import { threeStoreChain } from "./chain.ts";
import { simulateHistory } from "./history.ts";
import { writeHistory } from "./write-history.ts";

const folder = mkdtempSync(join(tmpdir(), "simulate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const fromMs = Date.UTC(2026, 10, 2);
const options = {
  seed: 9,
  shop: threeStoreChain("9"),
  fromMs,
  toMs: fromMs + 86_400_000,
  attacks: ["bin-attack", "cash-short"],
  heartbeatMs: 3_600_000,
};
const events = [...simulateHistory(options)];
const lines = events.map(({ draft }) => `${JSON.stringify(draft)}\n`).join("");

it("writes every event as one line, and the truth about attacks beside it", async () => {
  const out = join(folder, "events.ndjson");
  const labels = join(folder, "labels.ndjson");
  const files = { out, labels, stdout: new PassThrough() };
  const written = await writeHistory(options, files, (attack) => `for-${attack}`);
  expect(readFileSync(out, "utf8")).toBe(lines);
  const truth = readFileSync(labels, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(truth).toEqual(
    events.flatMap(({ draft, label }) =>
      label === undefined
        ? []
        : [{ event_id: draft.event_id, ...label, detection: `for-${label.attack}` }],
    ),
  );
  expect(written).toMatchObject({ events: events.length, attackEvents: truth.length });
  expect([...written.attacks].sort()).toEqual(["bin-attack", "cash-short"]);
});

it("writes to standard output when the path is -", async () => {
  const stdout = new PassThrough();
  const read = text(stdout);
  await writeHistory(options, { out: "-", labels: undefined, stdout }, () => "");
  stdout.end();
  expect(await read).toBe(lines);
});

it("a folder that is not there is an error, not a silent loss", async () => {
  const files = {
    out: join(folder, "no", "such.ndjson"),
    labels: undefined,
    stdout: new PassThrough(),
  };
  await expect(writeHistory(options, files, () => "")).rejects.toThrow(/ENOENT/);
});
