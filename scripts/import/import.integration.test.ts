// The command itself against a running service: killed in the middle, run again, run once more.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  admin,
  freePort,
  type RunningService,
  startRunningService,
} from "../faults/running-service.ts";

const ROWS = 6_000;
let folder: string;
let options: { dataDir: string; port: number };
let service: RunningService;
let key: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tillwatch-import-run-"));
  options = { dataDir: join(folder, "data"), port: await freePort() };
  service = await startRunningService(options);
  key = String((await admin(options, "merchant", "create", "--name", "Soho Coffee")).api_key);
  const rows = Array.from(
    { length: ROWS },
    (_, n) =>
      `r${n};01/0${1 + (n % 9)}/2026 12:${String(n % 60).padStart(2, "0")};"1.${n % 10}00,50"`,
  );
  writeFileSync(
    join(folder, "sales.csv"),
    `Receipt;Date;Total\n${rows.join("\n")}\nbad;32/01/2026 10:00;1\n`,
  );
  writeFileSync(
    join(folder, "sales.yml"),
    `separator: ";"
event_id: [Receipt]
fields:
  event_type: { value: sale }
  ts: { column: Date, format: "DD/MM/YYYY HH:mm", zone: Europe/London }
  currency: { value: EUR }
  amount: { column: Total, decimal: "," }
  sale_id: Receipt
`,
  );
}, 120_000);
afterAll(async () => {
  await service?.stop();
  rmSync(folder, { recursive: true, force: true });
});

type Run = { code: number | null; out: string; err: string };

/** Runs the command; `killAfter`: kill -9 so many ms after the first line of progress could be there. */
function run(words: readonly string[], killAfterMs?: number): Promise<Run> {
  const script = join(import.meta.dirname, "..", "import.ts");
  const all = [script, join(folder, "sales.csv"), "--mapping", join(folder, "sales.yml"), ...words];
  const child = spawn(process.execPath, [...all, "--url", service.url, "--json"]);
  child.stdin.on("error", () => {});
  child.stdin.end(key);
  let [out, err] = ["", ""];
  child.stdout.on("data", (bytes) => {
    out += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    err += String(bytes);
  });
  if (killAfterMs !== undefined) setTimeout(() => child.kill("SIGKILL"), killAfterMs);
  return new Promise((done) => child.once("close", (code) => done({ code, out, err })));
}

async function stored(): Promise<number> {
  const query = "from=2025-12-01T00:00:00Z&to=2026-12-01T00:00:00Z&q=event_type:sale";
  const answer = await fetch(`${service.url}/v1/events/histogram?${query}`, {
    headers: { authorization: `Bearer ${key}` },
  });
  return ((await answer.json()) as { total: number }).total;
}

it("a dry run says what is wrong and sends nothing; a killed run and those after it bring each row in once", async () => {
  const dry = await run(["--dry-run"]);
  expect(JSON.parse(dry.out)).toMatchObject({ dry_run: true, accepted: ROWS, refused: 1 });
  expect(dry.err).toContain(`line ${ROWS + 2}: ts: "32/01/2026 10:00" is no time`);
  expect(dry.code).toBe(1);
  for (const ms of [400, 500, 700]) await run(["--key", "-"], ms);
  const last = await run(["--key", "-"]);
  const sums = JSON.parse(last.out) as Record<string, number>;
  // Where the kills hit is the machine's; a killed run may have come to the end already.
  expect(last.code).toBe(sums.refused);
  expect((sums.skipped ?? 0) + (sums.rows ?? 0)).toBe(ROWS + 1);
  await expect.poll(stored, { timeout: 20_000 }).toBe(ROWS);
}, 120_000);

it("detection on request: a report by event time over the file's span, marked as history; no alert, no mail", async () => {
  const path = join(folder, "old.ndjson");
  const ts = Date.now() - 60 * 86_400_000;
  const event = { event_type: "file_changed", store_id: "soho", path: "/opt/till/app.bin" };
  const lines = [1, 2].map((n) =>
    JSON.stringify({
      ...event,
      ...{ event_id: `old-${n}`, ts: ts + n * 3_600_000, terminal_id: `till-${n}` },
      ...{ new_hash: "ab12", in_release: false },
    }),
  );
  writeFileSync(path, `${lines.join("\n")}\n`);
  const script = join(import.meta.dirname, "..", "import.ts");
  const words = [
    script,
    path,
    "--events",
    "--key",
    "-",
    "--url",
    service.url,
    "--detect",
    "--json",
  ];
  const child = spawn(process.execPath, words);
  child.stdin.end(key);
  let [out, err] = ["", ""];
  child.stdout.on("data", (bytes) => {
    out += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    err += String(bytes);
  });
  const code = await new Promise((done) => child.once("close", done));
  expect({ code, err }).toMatchObject({ code: 0 });
  const { report, span } = JSON.parse(out) as {
    span: object;
    report: { after: { detection: string; findings: number }[] };
  };
  expect(span).toEqual({ from: ts + 3_600_000, to: ts + 7_200_000 });
  const found = report.after.find(({ detection }) => detection === "file-integrity-change");
  expect(found?.findings).toBe(2);
  expect(err).toMatch(/History, no alert and no mail[\s\S]*file-integrity-change/);
  const get = async (at: string) =>
    (await fetch(service.url + at, { headers: { authorization: `Bearer ${key}` } })).json();
  // A live alert of these would be there by now: the backtest read them from the store.
  expect(await get("/v1/alerts?detection=file-integrity-change&limit=10")).toMatchObject({
    alerts: [],
  });
}, 120_000);

it("a wrong key is told, and nothing is repeated for ever", async () => {
  const script = join(import.meta.dirname, "..", "import.ts");
  const path = join(folder, "one.ndjson");
  writeFileSync(path, '{"event_id":"x","event_type":"sale","ts":1764000000000}\n');
  const words = [script, path, "--ndjson", "--key", "tw_wrong", "--url", service.url];
  const child = spawn(process.execPath, words);
  let err = "";
  child.stderr.on("data", (bytes) => {
    err += String(bytes);
  });
  const code = await new Promise((done) => child.once("close", done));
  expect(code).toBe(1);
  expect(err).toContain("refused with 401");
}, 60_000);
