// Promise 1: an acknowledged event is never lost and never counted twice, whatever breaks on the way.
import { appendFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Event } from "../core/event.ts";
import { silentLog } from "../core/log.ts";
import { encodeEvent } from "./event-columns.ts";
import { findEvent } from "./events.ts";
import {
  encodeQuarantined,
  encodeReplayed,
  listQuarantine,
  readQuarantined,
} from "./quarantine.ts";
import { diskFiles, type SpoolFiles } from "./spool/files.ts";
import { openSpool, type RefusedRow, type Spool, type SpoolOptions } from "./spool.ts";
import { type TestClickHouse, testClickHouse } from "./testing.ts";

const NOW = Date.UTC(2026, 10, 25, 10);
let store: TestClickHouse;
let spools: Spool[] = [];
let folders = 0;

beforeAll(async () => {
  store = await testClickHouse();
});
afterEach(async () => {
  await Promise.all(spools.map((spool) => spool.close()));
  spools = [];
});
afterAll(() => store?.close());

function newFolder(): string {
  folders += 1;
  return join(store.folder, `spool-${folders}`);
}
async function open(dir: string, over: Partial<SpoolOptions> = {}): Promise<Spool> {
  const spool = await openSpool({
    dir,
    ch: store.ch,
    limits: { maxBytes: 1e9, reserveBytes: 0 },
    log: silentLog,
    now: Date.now,
    sealAt: { ms: 20 },
    ...over,
  });
  spools.push(spool);
  return spool;
}
function event(merchant_id: string, id: string | number, over: Partial<Event> = {}) {
  const line = encodeEvent({
    event_id: `e${id}`,
    event_type: "sale",
    merchant_id,
    source: "api",
    ts: NOW,
    received_ts: NOW,
    ...over,
  });
  return { kind: "event", line } as const;
}
/** A row that no column can hold. */
const badLine = (merchant_id: string, id: string) => ({
  kind: "event" as const,
  line: event(merchant_id, id, { local_hour: 1 }).line.replace(",1,", ',"one",'),
});
async function count(merchantId: string) {
  const [row] = await store.ch.query<{ n: number; ids: number }>(
    merchantId,
    "SELECT count() AS n, uniqExact(event_id) AS ids FROM events",
  );
  return row;
}
const once = (n: number) => ({ n, ids: n });
const filesIn = (dir: string) => readdirSync(join(dir, "event"));

describe("the way into ClickHouse", () => {
  it("stores what was appended, once, and leaves nothing in the folder", async () => {
    const dir = newFolder();
    const spool = await open(dir);
    for (let at = 0; at < 30; at += 1) {
      await spool.append([event("mer_way", `${at}a`), event("mer_way", `${at}b`)]);
    }
    await spool.flush();
    expect(await count("mer_way")).toEqual(once(60));
    expect(filesIn(dir)).toEqual([]);
    expect(spool.stats()).toMatchObject({
      bytes: 0,
      files: 0,
      oldestMs: 0,
      appendedEvents: 60,
      storedEvents: 60,
    });
  });

  it("lets requests that wait share one sync, and acknowledges none before it", async () => {
    const order: string[] = [];
    const files: SpoolFiles = {
      ...diskFiles,
      write(file, bytes) {
        order.push("write");
        diskFiles.write(file, bytes);
      },
      async sync(file) {
        await diskFiles.sync(file);
        order.push("synced");
      },
      async syncFolder(path) {
        await diskFiles.syncFolder(path);
        order.push("folder synced");
      },
      remove(path) {
        order.push("removed");
        diskFiles.remove(path);
      },
    };
    const ch = {
      ...store.ch,
      async insertFile(...args: Parameters<typeof store.ch.insertFile>) {
        await store.ch.insertFile(...args);
        order.push("in ClickHouse");
      },
    };
    const spool = await open(newFolder(), { files, ch });
    await Promise.all(
      Array.from({ length: 50 }, (_, at) =>
        spool.append([event("mer_group", at)]).then(() => order.push("acknowledged")),
      ),
    );
    await spool.flush();
    const steps = order.filter((step, at) => step !== order[at - 1]);
    expect(steps.slice(0, 1)).toEqual(["write"]);
    expect(steps.slice(1, 3).sort()).toEqual(["folder synced", "synced"]);
    expect(steps.slice(3)).toEqual(["acknowledged", "in ClickHouse", "removed"]);
    expect(order.filter((step) => step === "synced")).toHaveLength(1);
  });

  it("takes one file twice without counting it twice", async () => {
    const dir = newFolder();
    const files: SpoolFiles = {
      ...diskFiles,
      remove() {
        throw new Error("killed before the file went");
      },
    };
    const spool = await open(dir, { files });
    await spool.append([event("mer_token", 1), event("mer_token", 2)]);
    await expect.poll(() => count("mer_token")).toEqual(once(2));
    await spool.close();
    expect(filesIn(dir)).toHaveLength(1);
    const again = await open(dir);
    await again.flush();
    expect(filesIn(dir)).toEqual([]);
    expect(await count("mer_token")).toEqual(once(2));
  });
});

describe("a start after a crash", () => {
  it("cuts a torn last line, which nobody acknowledged, and stores the rest", async () => {
    const dir = newFolder();
    mkdirSync(join(dir, "event"), { recursive: true });
    const whole = `${event("mer_torn", 1).line}\n${event("mer_torn", 2).line}\n`;
    writeFileSync(join(dir, "event", "01JABC00000000000000000001.rows"), whole);
    appendFileSync(
      join(dir, "event", "01JABC00000000000000000001.rows"),
      event("mer_torn", 3).line.slice(0, 40),
    );
    writeFileSync(join(dir, "event", "01JABC00000000000000000002.rows"), "");
    writeFileSync(join(dir, "event", "01JABC00000000000000000003.rows"), '["mer_torn","half');
    const spool = await open(dir);
    await spool.flush();
    expect(await count("mer_torn")).toEqual(once(2));
    expect(filesIn(dir)).toEqual([]);
  });

  it("goes on in the order of the rows, also when the clock went back", async () => {
    const dir = newFolder();
    const away = { ...store.ch, insertFile: () => Promise.reject(new Error("away")) };
    const first = await open(dir, { ch: away, now: () => NOW + 5000 });
    await first.append([event("mer_order", 1)]);
    await first.close();
    const second = await open(dir, { ch: away, now: () => NOW });
    await second.append([event("mer_order", 2)]);
    await second.close();
    const [older, newer] = filesIn(dir).sort();
    expect(readFileSync(join(dir, "event", older as string), "utf8")).toContain('"e1"');
    expect(readFileSync(join(dir, "event", newer as string), "utf8")).toContain('"e2"');
    const third = await open(dir);
    await third.flush();
    expect(await count("mer_order")).toEqual(once(2));
  });
});

describe("a row that ClickHouse refuses", () => {
  it("goes to quarantine with the reason, and takes none of its neighbours along", async () => {
    const refused: RefusedRow[] = [];
    const dir = newFolder();
    const spool = await open(dir, { onRefusedRow: (row) => refused.push(row) });
    const lines = Array.from({ length: 300 }, (_, at) => event("mer_bad", at));
    lines[17] = badLine("mer_bad", "17");
    lines[299] = badLine("mer_bad", "299");
    await spool.append(lines);
    await spool.append([badLine("mer_bad", "alone")]);
    await spool.flush();
    expect(await count("mer_bad")).toEqual(once(298));
    expect(filesIn(dir)).toEqual([]);
    expect(refused.map(({ line }) => line)).toEqual([
      lines[17]?.line,
      lines[299]?.line,
      badLine("mer_bad", "alone").line,
    ]);
    const rows = await listQuarantine(store.ch, "mer_bad", { limit: 10 });
    expect(rows.map(({ event_id, reason }) => `${event_id} ${reason}`).sort()).toEqual([
      "e17 store_refused",
      "e299 store_refused",
      "ealone store_refused",
    ]);
    expect(JSON.parse(rows[0]?.body ?? "{}")).toMatchObject({ merchant_id: "mer_bad" });
    expect(rows[0]?.detail).toMatch(/parse/i);
    expect(await listQuarantine(store.ch, "mer_good", { limit: 10 })).toEqual([]);
  });

  it("is split to the end after a restart in the middle, without doubling", async () => {
    const dir = newFolder();
    let inserts = 0;
    const ch = {
      ...store.ch,
      insertFile(...args: Parameters<typeof store.ch.insertFile>) {
        inserts += 1;
        // The whole file, then its first half, then the engine is away.
        if (inserts > 2) return Promise.reject(new Error("away"));
        return store.ch.insertFile(...args);
      },
    };
    const spool = await open(dir, { ch });
    const lines = Array.from({ length: 64 }, (_, at) => event("mer_split", at));
    lines[50] = badLine("mer_split", "50");
    await spool.append(lines);
    await expect.poll(() => inserts).toBeGreaterThan(2);
    await spool.close();
    expect(filesIn(dir)[0]).toMatch(/\.split$/);
    const again = await open(dir);
    await again.flush();
    expect(await count("mer_split")).toEqual(once(63));
    expect(await listQuarantine(store.ch, "mer_split", { limit: 9 })).toHaveLength(1);
  });

  it("keeps an import over more than 100 months by splitting it", async () => {
    const spool = await open(newFolder());
    const month = 31 * 86_400_000;
    await spool.append(
      Array.from({ length: 104 }, (_, at) =>
        event("mer_months", at, { ts: Date.UTC(2015, 0, 1) + at * month }),
      ),
    );
    await spool.flush();
    expect(spool.stats().storedEvents).toBe(104);
    expect(await listQuarantine(store.ch, "mer_months", { limit: 9 })).toEqual([]);
  });
});

describe("quarantine rows", () => {
  const row = {
    merchant_id: "mer_q",
    quarantine_id: "qua_1",
    received_ts: Date.now(),
    source: "api",
    connection_id: "",
    reason: "ts_missing",
    detail: "ts\n\n; DROP TABLE quarantine",
    event_id: "",
    body: '{"x":"\\u0000\ud800"}',
  } as const;

  it("wait until they are replayed, and are shown to their merchant alone", async () => {
    const spool = await open(newFolder());
    await spool.append([{ kind: "quarantine", line: encodeQuarantined(row) }]);
    await spool.flush();
    const stored = {
      ...row,
      body: row.body.toWellFormed(),
      state: "waiting",
      state_ts: row.received_ts,
    };
    expect(await listQuarantine(store.ch, "mer_q", { limit: 5 })).toEqual([stored]);
    expect(await listQuarantine(store.ch, "mer_q", { limit: 5, reason: "null_value" })).toEqual([]);
    expect(await readQuarantined(store.ch, "mer_q", ["qua_1", "qua_2"])).toEqual([stored]);
    expect(await readQuarantined(store.ch, "mer_b", ["qua_1"])).toEqual([]);
    await spool.append([{ kind: "quarantine", line: encodeReplayed(row, row.received_ts + 9) }]);
    await spool.flush();
    expect(await listQuarantine(store.ch, "mer_q", { limit: 5 })).toEqual([]);
    const [replayed] = await readQuarantined(store.ch, "mer_q", ["qua_1"]);
    expect(replayed?.state).toBe("replayed");
  });
});

describe("a disk that is full or fails", () => {
  const full = (at: "write" | "sync" | "create", when: () => boolean): SpoolFiles => {
    const fail = () => {
      throw Object.assign(new Error("ENOSPC: no space left on device"), { code: "ENOSPC" });
    };
    return {
      ...diskFiles,
      write(file, bytes) {
        if (at === "write" && when()) {
          // As a disk does: some bytes fit.
          diskFiles.write(file, bytes.subarray(0, bytes.length >> 1));
          fail();
        }
        diskFiles.write(file, bytes);
      },
      create: (path) => (at === "create" && when() ? fail() : diskFiles.create(path)) as number,
      sync: async (file) => (at === "sync" && when() ? fail() : diskFiles.sync(file)),
    };
  };

  it.each(["write", "sync", "create"] as const)(
    "at %s: refuses with SPOOL_UNAVAILABLE, counts none of it, and recovers",
    async (at) => {
      let broken = false;
      const merchant = `mer_full_${at}`;
      const spool = await open(newFolder(), { files: full(at, () => broken), sealAt: { ms: 300 } });
      await spool.append([event(merchant, "before")]);
      if (at === "create") await spool.flush();
      broken = true;
      const refused = [spool.append([event(merchant, "x")]), spool.append([event(merchant, "y")])];
      for (const each of refused) {
        await expect(each).rejects.toMatchObject({ code: "SPOOL_UNAVAILABLE", status: 503 });
      }
      expect(spool.admission()).toEqual({
        open: false,
        code: "SPOOL_UNAVAILABLE",
        retryAfterS: 10,
      });
      broken = false;
      await spool.append([event(merchant, "after")]);
      await spool.flush();
      expect(await count(merchant)).toEqual(once(2));
      expect(await findEvent(store.ch, merchant, "ex")).toBeUndefined();
      await expect.poll(() => spool.admission(), { timeout: 3000 }).toEqual({ open: true });
    },
  );

  it("a clock set back by an hour after it was full does not keep the door closed for that hour", async () => {
    let broken = true;
    let aheadMs = 3_600_000;
    const files = full("write", () => broken);
    const spool = await open(newFolder(), { files, now: () => Date.now() + aheadMs });
    await expect(spool.append([event("mer_back", "x")])).rejects.toMatchObject({
      code: "SPOOL_UNAVAILABLE",
    });
    broken = false;
    aheadMs = 0;
    expect(spool.admission()).toEqual({ open: true });
  });

  it("takes nothing of a request whose second file fails", async () => {
    let syncs = 0;
    const files: SpoolFiles = {
      ...diskFiles,
      async sync(file) {
        syncs += 1;
        if (syncs === 2) throw new Error("EIO");
        await diskFiles.sync(file);
      },
    };
    const spool = await open(newFolder(), { files });
    const refused = spool.append([
      event("mer_two", 1),
      {
        kind: "quarantine",
        line: encodeQuarantined({
          merchant_id: "mer_two",
          quarantine_id: "qua_two",
          received_ts: NOW,
          source: "api",
          connection_id: "",
          reason: "ts_missing",
          detail: "",
          event_id: "",
          body: "",
        }),
      },
    ]);
    await expect(refused).rejects.toMatchObject({ code: "SPOOL_UNAVAILABLE" });
    await spool.flush();
    expect(await count("mer_two")).toEqual(once(0));
  });

  it("refuses before the disk is full, and says BACKPRESSURE when too much waits", async () => {
    let free = 100;
    const files: SpoolFiles = { ...diskFiles, freeBytes: async () => free };
    const away = { ...store.ch, insertFile: () => Promise.reject(new Error("away")) };
    const spool = await open(newFolder(), {
      files,
      ch: away,
      limits: { maxBytes: 300, reserveBytes: 1000 },
    });
    expect(spool.admission()).toMatchObject({ open: false, code: "SPOOL_UNAVAILABLE" });
    free = 5000;
    await expect.poll(() => spool.admission(), { timeout: 3000 }).toEqual({ open: true });
    await spool.append([event("mer_back", 1), event("mer_back", 2)]);
    expect(spool.admission()).toMatchObject({ open: false, code: "BACKPRESSURE", retryAfterS: 2 });
  });
});

describe("ClickHouse goes away", () => {
  it("keeps acknowledging, and brings everything in order when it is back", async () => {
    let away = true;
    const tokens: string[] = [];
    const ch = {
      ...store.ch,
      insertFile(...args: Parameters<typeof store.ch.insertFile>) {
        if (away) return Promise.reject(new Error("connect ECONNREFUSED"));
        tokens.push(args[3]);
        return store.ch.insertFile(...args);
      },
    };
    const spool = await open(newFolder(), { ch, sealAt: { ms: 5, rows: 10 } });
    for (let at = 0; at < 40; at += 1) await spool.append([event("mer_away", at)]);
    expect(spool.stats()).toMatchObject({ storedEvents: 0, appendedEvents: 40 });
    expect(spool.stats().bytes).toBeGreaterThan(1000);
    expect(await count("mer_away")).toEqual(once(0));
    away = false;
    await spool.flush();
    expect(await count("mer_away")).toEqual(once(40));
    expect(tokens).toEqual([...tokens].sort());
    expect(tokens.length).toBeGreaterThan(3);
  });

  it("loses and doubles no row while the engine is killed again and again", async ({ skip }) => {
    if (store.ch.engine === "server") skip("a server is not ours to kill");
    const spool = await open(newFolder(), { sealAt: { ms: 5, rows: 200 } });
    let acknowledged = 0;
    for (let round = 0; round < 4; round += 1) {
      const until = performance.now() + 250 + round * 77;
      while (performance.now() < until) {
        await spool.append([
          event("mer_kill", `${acknowledged}a`),
          event("mer_kill", `${acknowledged}b`),
        ]);
        acknowledged += 1;
      }
      const pid = store.ch.childPid();
      if (pid !== undefined) process.kill(pid, "SIGKILL");
    }
    await spool.flush();
    expect(await count("mer_kill")).toEqual(once(acknowledged * 2));
    expect(acknowledged).toBeGreaterThan(100);
  });
});
