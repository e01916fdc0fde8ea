// A provider's API as an HTTP server in the process, and all that asks it on real engines, for tests.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Registry } from "prom-client";
import { AppError } from "../../core/errors.ts";
import type { Event } from "../../core/event.ts";
import { silentLog } from "../../core/log.ts";
import type { Merchant, SourceConnection, SourceKind } from "../../core/merchant.ts";
import type { Secrets } from "../../core/settings.ts";
import { setToken, startPolls } from "../../stores/asking.ts";
import type { PostgresHandle } from "../../stores/connect/postgres.ts";
import type { QueueHandle } from "../../stores/connect/queue.ts";
import { testPostgres, testQueue } from "../../stores/connect/testing.ts";
import { createMerchant } from "../../stores/merchants.ts";
import { openSeenEvents } from "../../stores/seen-events.ts";
import { addSource } from "../../stores/sources.ts";
import { openSpool, type Spool } from "../../stores/spool.ts";
import { type TestClickHouse, testClickHouse } from "../../stores/testing.ts";
import { SOURCES } from "../catalogue.ts";
import { type Deliveries, makeDeliveries } from "../deliveries.ts";
import { makeDirectory } from "../directory.ts";
import { type IngestMetrics, ingestMetrics } from "../metrics.ts";
import { makePipeline, type Pipeline } from "../pipeline.ts";
import { type AskTools, takenContents } from "./ask-row.ts";
import { type AskingQueue, askingQueue } from "./start-asking.ts";

export const TOKEN = "sup_sk_0123456789abcdef";
export const SEAL_KEY = "SEAL_KEY".padEnd(40, "x");
const secrets = { FINGERPRINT_KEY: "f".repeat(40), OPERATOR_KEY: "o".repeat(40) } as Secrets;

export type Seen = { path: string; query: URLSearchParams; headers: IncomingMessage["headers"] };
export type Vendor = {
  base: string;
  seen: Seen[];
  /** What the next requests are answered with; a test sets it. */
  answer: (request: Seen, response: ServerResponse) => void;
  close(): Promise<void>;
};

export async function openVendor(): Promise<Vendor> {
  const vendor: Vendor = {
    base: "",
    seen: [],
    answer: (_request, response) => response.writeHead(404).end(),
    close: () =>
      new Promise((done) => {
        server.closeAllConnections();
        server.close(() => done());
      }),
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://vendor");
    const seen = { path: url.pathname, query: url.searchParams, headers: request.headers };
    vendor.seen.push(seen);
    vendor.answer(seen, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  vendor.base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return vendor;
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export type Bench = {
  pg: PostgresHandle;
  clickhouse: TestClickHouse;
  spool: Spool;
  queue: QueueHandle;
  asking: AskingQueue;
  deliveries: Deliveries;
  pipeline: Pipeline;
  count: IngestMetrics;
  merchant: Merchant;
  durable: Event[];
  /** Makes appends fail while it is set. */
  diskFull: boolean;
  tools(base: string, nowMs?: () => number): AskTools;
  source(kind: SourceKind, account: string | null): Promise<SourceConnection>;
  close(): Promise<void>;
};

export async function openBench(): Promise<Bench> {
  const pg = await testPostgres();
  const clickhouse = await testClickHouse();
  const { ch } = clickhouse;
  const now = Date.now;
  const limits = { maxBytes: 100_000_000, reserveBytes: 0 };
  const dir = join(clickhouse.folder, "spool");
  const spool = await openSpool({ dir, ch, limits, log: silentLog, now });
  const seen = await openSeenEvents({ ch });
  const queue = await testQueue(pg);
  const asking = askingQueue({ db: pg.db, queue, now });
  const directory = makeDirectory({ db: pg.db, sealKey: SEAL_KEY, now, log: silentLog });
  const count = ingestMetrics(new Registry());
  const shop = { name: "Shop", currency: "EUR", zone: "UTC", emails: [], is_demo: false };
  const merchant = await createMerchant(pg.db, shop, now());
  const durable: Event[] = [];
  const append: Spool["append"] = async (lines) => {
    if (bench.diskFull) throw new AppError("SPOOL_UNAVAILABLE", "full");
    return spool.append(lines);
  };
  const pipeline = makePipeline({
    spool: { append },
    seen,
    directory,
    secrets,
    now,
    stampFrom: 0,
    log: silentLog,
    metrics: count,
    onDurable: (_merchantId, events) => durable.push(...events),
  });
  const deliveries = makeDeliveries({
    directory,
    pipeline,
    now,
    log: silentLog,
    metrics: count,
    want: asking.want,
  });
  const bench: Bench = {
    ...{ pg, clickhouse, spool, queue, asking, deliveries, pipeline, count, merchant, durable },
    diskFull: false,
    tools: (base, nowMs = now) => ({
      db: pg.db,
      sealKey: SEAL_KEY,
      deliveries,
      taken: takenContents(),
      now: nowMs,
      chance: () => 0,
      limits: { timeoutMs: 5_000, mostBytes: 200_000 },
      base,
      log: silentLog,
      metrics: count,
      stop: new AbortController().signal,
    }),
    async source(kind, account) {
      const made = { merchant_id: merchant.id, kind, account, mode: "any" as const };
      const url = `https://shop.example/in/${kind}/{id}`;
      const source = await addSource(pg.db, { ...made, url, secret: "a-secret" }, SEAL_KEY, now());
      const of = { merchantId: merchant.id, sourceId: source.id, token: TOKEN, host: null };
      await setToken(pg.db, of, SEAL_KEY);
      const whats = (SOURCES[kind].asking?.polls ?? []).map(({ what }) => what);
      const key = { merchant_id: merchant.id, source_id: source.id };
      await startPolls(pg.db, key, whats, now());
      return source;
    },
    async close() {
      await queue.close();
      await pipeline.close();
      await seen.close();
      await spool.close();
      await clickhouse.close();
      await pg.close();
    },
  };
  return bench;
}

export async function until(done: () => boolean | Promise<boolean>, withinMs = 10_000) {
  const deadline = Date.now() + withinMs;
  while (!(await done())) {
    if (Date.now() > deadline) throw new Error("it did not come to pass");
    await new Promise((go) => setTimeout(go, 20));
  }
}
