import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { silentLog } from "../../core/log.ts";
import { openPostgres, type PostgresHandle } from "./postgres.ts";
import { openQueue, type QueueHandle } from "./queue.ts";
import { testPostgres, testQueueConfig } from "./testing.ts";

let handle: PostgresHandle;
let queue: QueueHandle | undefined;

beforeAll(async () => {
  handle = await testPostgres();
});
afterEach(async () => {
  await queue?.close();
  queue = undefined;
});
afterAll(() => handle.close());

async function open(prefix = `test_${randomBytes(4).toString("hex")}`): Promise<QueueHandle> {
  queue = await openQueue(testQueueConfig(), handle, { prefix });
  return queue;
}

async function until(done: () => boolean, withinMs = 20_000): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!done()) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await new Promise((go) => setTimeout(go, 10));
  }
}

describe("jobs", () => {
  it("each runs once, beside our own transactions", async () => {
    const { queue: queueOf, worker } = await open();
    const seen: number[] = [];
    worker(
      "beside",
      async (job) => {
        seen.push(job.data.n);
      },
      { concurrency: 4 },
    );
    await handle.pool.query(
      "CREATE SCHEMA IF NOT EXISTS scratch; CREATE TABLE scratch.row (n int)",
    );
    const adds = Array.from({ length: 50 }, (_, n) => queueOf("beside").add("job", { n }));
    const writes = Array.from({ length: 50 }, (_, n) =>
      handle.db
        .transaction()
        .execute(async (trx) => {
          await sql`INSERT INTO scratch.row VALUES (${n})`.execute(trx);
          if (n % 2 === 1) throw new Error("undo");
        })
        .catch(() => undefined),
    );
    await Promise.all([...adds, ...writes]);
    await until(() => seen.length >= 50);
    await new Promise((go) => setTimeout(go, 50));
    expect([...seen].sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, n) => n));
    const { rows } = await handle.pool.query("SELECT count(*) AS n FROM scratch.row");
    expect(rows).toEqual([{ n: 25 }]);
  });

  it("one that fails is tried again after its back-off, as often as it says", async () => {
    const { queue: queueOf, worker } = await open();
    const at: number[] = [];
    worker("again", async () => {
      at.push(Date.now());
      if (at.length < 3) throw new Error("not yet");
    });
    await queueOf("again").add("job", {}, { attempts: 5, backoff: { type: "fixed", delay: 60 } });
    await until(() => at.length === 3);
    expect((at[2] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(110);
  });

  it("one with the id of another that waits is not added again", async () => {
    const { queue: queueOf } = await open();
    const jobs = queueOf("same");
    await jobs.add("job", {}, { jobId: "a", delay: 60_000 });
    await jobs.add("job", {}, { jobId: "a", delay: 60_000 });
    expect(await jobs.getDelayedCount()).toBe(1);
  });

  it("a delayed one runs when its time has come, not before", async () => {
    const { queue: queueOf, worker } = await open();
    const start = Date.now();
    let ranAt = 0;
    worker("later", async () => {
      ranAt = Date.now();
    });
    await queueOf("later").add("job", {}, { delay: 300 });
    await until(() => ranAt > 0);
    expect(ranAt - start).toBeGreaterThanOrEqual(290);
  });

  it("close() lets a running job finish", async () => {
    const { queue: queueOf, worker, close } = await open();
    let state = "waiting";
    worker("closing", async () => {
      state = "running";
      await new Promise((go) => setTimeout(go, 100));
      state = "done";
    });
    await queueOf("closing").add("job", {});
    await until(() => state === "running");
    queue = undefined;
    await close();
    expect(state).toBe("done");
  });

  it("are still there when the queue is opened again", async () => {
    const prefix = `test_${randomBytes(4).toString("hex")}`;
    const first = await open(prefix);
    await first.queue("kept").add("job", { n: 7 });
    await first.close();
    const second = await open(prefix);
    const seen: unknown[] = [];
    second.worker("kept", async (job) => {
      seen.push(job.data);
    });
    await until(() => seen.length > 0);
    expect(seen).toEqual([{ n: 7 }]);
  });

  it("finished ones leave nothing behind", async () => {
    const { queue: queueOf, worker } = await open();
    let done = false;
    worker("tidy", async () => undefined).on("completed", () => {
      done = true;
    });
    await queueOf("tidy").add("job", {});
    await until(() => done);
    expect(await queueOf("tidy").getCompletedCount()).toBe(0);
  });
});

const KILLED = `
const { openPostgres } = await import(here + "/postgres.ts");
const { openQueue } = await import(here + "/queue.ts");
const { silentLog } = await import(here + "/../../core/log.ts");
const handle = await openPostgres({ postgres: { kind: "embedded" }, dataDir: folder }, silentLog);
const queue = await openQueue({ queue: { kind: "postgres" } }, handle);
queue.worker("mail", async () => { console.log("running"); await new Promise(() => setInterval(() => {}, 1000)); },
  { lockDuration: 500, stalledInterval: 300 });
await queue.queue("mail").add("job", { n: 1 });
`;

it("a job whose process was killed with kill -9 runs again", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tillwatch-queue-"));
  const path = join(folder, "script.mjs");
  const data = join(folder, "data");
  writeFileSync(
    path,
    `const here = ${JSON.stringify(import.meta.dirname)}; const folder = ${JSON.stringify(data)};\n${KILLED}`,
  );
  const child = spawn(process.execPath, [path], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((go, fail) => {
    child.stdout.once("data", go);
    child.once("exit", (code) => fail(new Error(`it ended with ${code}`)));
  });
  child.kill("SIGKILL");
  await new Promise((go) => child.once("exit", go));
  const own = await openPostgres({ postgres: { kind: "embedded" }, dataDir: data }, silentLog);
  const again = await openQueue({ queue: { kind: "postgres" } }, own);
  const seen: unknown[] = [];
  again.worker(
    "mail",
    async (job) => {
      seen.push(job.data);
    },
    { lockDuration: 500, stalledInterval: 300 },
  );
  await until(() => seen.length > 0);
  await again.close();
  await own.close();
  rmSync(folder, { recursive: true });
  expect(seen).toEqual([{ n: 1 }]);
});

it("a Redis that does not answer is named without its password", async () => {
  const url = "redis://:hidden-word@127.0.0.1:1";
  const opening = openQueue({ queue: { kind: "redis", url } }, handle);
  await expect(opening).rejects.toThrow(/127\.0\.0\.1:1 does not answer/);
  await expect(opening).rejects.not.toThrow(/hidden-word/);
});
