// Promise 1: killed at any moment, no alert is lost and no mail is sent twice.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type MailServer, startMailServer } from "./testing.ts";

const ROUNDS = 6;
const FINDINGS = 12;
const CHILD = fileURLToPath(new URL("./testing/kill-child.ts", import.meta.url));

let server: MailServer;
let folder: string;

beforeAll(async () => {
  server = await startMailServer();
  // Long enough that every kill finds mails whose last bytes have left but whose answer has not come.
  server.delayMs = 150;
  folder = mkdtempSync(join(tmpdir(), "tillwatch-kill-"));
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** When to kill: so long after it is ready, or so long after the server has a whole mail that it has not answered; null = when idle. */
type Kill = { after: "ready" | "mail"; ms: number } | null;

/** Runs the service until it is killed. Gives its lines. */
function run(findings: number, kill: Kill): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, folder, server.url, String(findings)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  let due = false;
  const start = (after: "ready" | "mail") => {
    if (due || kill?.after !== after) return;
    due = true;
    setTimeout(() => child.kill("SIGKILL"), kill.ms);
  };
  server.onWhole = () => start("mail");
  child.stdout.on("data", (chunk: Buffer) => {
    text += chunk.toString();
    if (text.includes("ready")) start("ready");
    if (/^idle .*\n/m.test(text)) child.kill("SIGKILL");
  });
  return new Promise((resolve) => child.on("exit", () => resolve(text.split("\n"))));
}

it(`killed ${ROUNDS} times while findings come and mail goes out`, {
  timeout: 240_000,
}, async () => {
  const stored: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const lines = await run(
      FINDINGS,
      round % 2 === 0
        ? { after: "ready", ms: Math.random() * 800 }
        : { after: "mail", ms: Math.random() * 120 },
    );
    stored.push(...lines.filter((line) => line.startsWith("stored ")));
  }
  const last = await run(0, null);
  const idle = last.find((line) => line.startsWith("idle "));
  const mails = JSON.parse(idle?.slice(5) ?? "[]") as { message_id: string; state: string }[];
  const got = await Promise.all(
    server.messages.map(async (text) => (await simpleParser(text)).messageId?.slice(1, -1)),
  );
  const counts = Map.groupBy(mails, ({ state }) => state);
  const told = `${stored.length} findings, ${mails.length} mails: ${[...counts].map(([state, rows]) => `${rows.length} ${state}`).join(", ")}`;
  // A finding may be stored just before its line is written, so there can be a mail more, never one less.
  expect(mails.length, told).toBeGreaterThanOrEqual(stored.length);
  expect(mails.length, told).toBeLessThanOrEqual(stored.length + ROUNDS);
  expect(stored.length, told).toBeGreaterThan(0);
  expect(new Set(got).size, told).toBe(got.length);
  for (const { message_id, state } of mails) {
    expect(["accepted", "maybe"], told).toContain(state);
    if (state === "accepted") expect(got, told).toContain(message_id);
  }
  expect(counts.get("maybe")?.length ?? 0, told).toBeGreaterThan(0);
  // Five are sent at once; those alone can be in doubt when the sender dies.
  expect(counts.get("maybe")?.length ?? 0, told).toBeLessThanOrEqual(5 * ROUNDS);
});
