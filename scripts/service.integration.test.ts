// The whole way on real input: a provider's delivery comes in, an e-mail that an owner can act on goes out.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { simpleParser } from "mailparser";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readConfig } from "../core/config.ts";
import { silentLog } from "../core/log.ts";
import { fixture, signSquare, signStripe, squareFixtures, stripeEvent } from "../ingest/testing.ts";
import { openClickHouse } from "../stores/connect/clickhouse.ts";
import { type MailServer, startMailServer } from "./faults/mail-server.ts";
import {
  admin,
  freePort,
  type RunningService,
  startRunningService,
} from "./faults/running-service.ts";

const SQUARE_SECRET = "square-signature-key-of-a-test";
const STRIPE_SECRET = "whsec_stripe_secret_of_a_test";
const STRIPE_TYPES = {
  "charge.succeeded": "charge",
  "refund.created": "refund",
  "charge.dispute.created": "dispute",
  "radar.early_fraud_warning.created": "radar.early_fraud_warning",
  "terminal.reader.updated": "terminal.reader",
};

let dataDir: string;
let mail: MailServer;
let service: RunningService;
let merchantId: string;
let key: string;
let square: { path: string; url: string };
let stripe: { path: string; url: string };
let options: Parameters<typeof startRunningService>[0];

beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "tillwatch-whole-"));
  mail = await startMailServer();
  const env = {
    TILLWATCH_SMTP_URL: `smtp://127.0.0.1:${mail.port}`,
    TILLWATCH_SMTP_REQUIRE_TLS: "false",
    TILLWATCH_METRICS_TOKEN: "whole-way-metrics-token-of-no-secret",
  };
  options = { dataDir, port: await freePort(), env };
  service = await startRunningService(options);
  const merchant = await admin(
    options,
    "merchant",
    "create",
    "--name",
    "Soho Coffee",
    "--email",
    "owner@shop.example",
  );
  merchantId = String(merchant.merchant_id);
  key = String(merchant.api_key);
  const add = async (kind: string, secret: string) => {
    const { path, url } = await admin(
      options,
      "source",
      "add",
      "--merchant",
      merchantId,
      "--kind",
      kind,
      "--secret",
      secret,
    );
    return { path: String(path), url: String(url) };
  };
  square = await add("square", SQUARE_SECRET);
  stripe = await add("stripe", STRIPE_SECRET);
});

afterAll(async () => {
  await service?.stop();
  await mail?.close();
  rmSync(dataDir, { recursive: true, force: true });
});

type Answer = { status: number; body: Record<string, unknown> };

async function deliver(
  path: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<Answer> {
  const response = await fetch(service.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: new Uint8Array(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function send(events: unknown): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(events));
  return deliver("/v1/events?wait=stored", body, { authorization: `Bearer ${key}` });
}

async function alerts(query = ""): Promise<Record<string, unknown>[]> {
  const headers = { authorization: `Bearer ${key}` };
  const response = await fetch(`${service.url}/v1/alerts${query}`, { headers });
  return ((await response.json()) as { alerts: Record<string, unknown>[] }).alerts;
}

async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`It did not come within 20 s.\n${service.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function mailAbout(word: string) {
  for (const sent of mail.accepted) {
    const read = await simpleParser(sent.raw);
    if (read.text?.includes(word)) return { sent, read };
  }
  return undefined;
}

const changed = (body: Buffer) => Buffer.from(body.toString("utf8").replace(/"type"/, '"typE"'));

describe("providers' sample deliveries", () => {
  it("takes every Square sample once, and refuses each with a byte changed or another address signed", async () => {
    for (const name of squareFixtures()) {
      const body = fixture(`square/${name}.json`);
      const headers = signSquare(square.url, body, SQUARE_SECRET);
      const first = await deliver(square.path, body, headers);
      expect(first, name).toMatchObject({ status: 200 });
      const again = await deliver(square.path, body, headers);
      expect(again.body.accepted ?? 0, name).toBe(0);
      expect((await deliver(square.path, changed(body), headers)).status, name).toBe(401);
      const elsewhere = signSquare(`${square.url}/`, body, SQUARE_SECRET);
      expect((await deliver(square.path, body, elsewhere)).status, name).toBe(401);
    }
  });

  it("takes every Stripe sample, and refuses a stale and a future signature", async () => {
    for (const [type, object] of Object.entries(STRIPE_TYPES)) {
      const body = stripeEvent(type, JSON.parse(fixture(`stripe/${object}.json`).toString()));
      const sign = (at: number) => signStripe(body, STRIPE_SECRET, at);
      expect(
        (await deliver(stripe.path, body, sign(Date.now() - 301_000))).body,
        type,
      ).toMatchObject({ error: { code: "SIGNATURE_STALE" } });
      expect(
        (await deliver(stripe.path, body, sign(Date.now() + 120_000))).body,
        type,
      ).toMatchObject({ error: { code: "SIGNATURE_STALE" } });
      expect((await deliver(stripe.path, changed(body), sign(Date.now()))).status, type).toBe(401);
      expect((await deliver(stripe.path, body, sign(Date.now()))).status, type).toBe(200);
    }
  });

  it("raises nothing for samples that are years old", async () => {
    expect(await alerts("?detection=dispute-arrived")).toEqual([]);
  });
});

describe("an event and its mail", () => {
  it("tells the owner once, in words and numbers, without a card number, when a till's program changes", async () => {
    const event = {
      event_id: "whole-1",
      event_type: "file_changed",
      ts: Date.now(),
      store_id: "soho",
      terminal_id: "till-2",
      path: "/opt/till/app.bin",
      new_hash: "ab12",
      in_release: false,
    };
    expect((await send(event)).body).toMatchObject({ accepted: 1 });
    expect((await send(event)).body).toMatchObject({ duplicate: 1 });
    const found = await until(async () => (await alerts("?detection=file-integrity-change"))[0]);
    expect(found).toMatchObject({ state: "open", level: "high", subject: "terminal:till-2" });
    const { sent, read } = await until(() => mailAbout("Till 2"));
    expect(sent.to).toEqual(["owner@shop.example"]);
    expect(read.subject).toMatch(/^\[High\] /);
    for (const part of [read.text, String(read.html)]) expect(part).toMatch(/Till 2/);
    expect(mail.accepted.filter(({ messageId }) => messageId === sent.messageId)).toHaveLength(1);
  });

  it("promise 2: masks a card number at the door, reports it, and keeps it out of store, alert and mail", async () => {
    const event = {
      event_id: "whole-pan",
      event_type: "sale",
      ts: Date.now(),
      store_id: "soho",
      terminal_id: "till-3",
      amount: 500,
      currency: "EUR",
      note: "card 4111 1111 1111 1111",
    };
    expect((await send(event)).body).toMatchObject({
      accepted: 1,
      outcomes: [{ masked: ["note"] }],
    });
    await until(async () => (await alerts("?detection=card-data-in-clear"))[0]);
    const { sent, read } = await until(() => mailAbout("Till 3"));
    const shown = [
      sent.raw.toString(),
      read.text,
      String(read.html),
      JSON.stringify(await alerts()),
      service.output(),
    ].join("\n");
    expect(shown.replace(/[ -]/g, "")).not.toContain("4111111111111111");
  });

  it("promise 3: another merchant's key sees none of it", async () => {
    const other = await admin(options, "merchant", "create", "--name", "Other");
    const headers = { authorization: `Bearer ${other.api_key}` };
    const list = await fetch(`${service.url}/v1/alerts`, { headers });
    expect(await list.json()).toMatchObject({ alerts: [] });
    const [mine] = await alerts();
    expect((await fetch(`${service.url}/v1/alerts/${mine?.id}`, { headers })).status).toBe(404);
  });
});

it.each([
  { name: "no key", path: "/v1/alerts", status: 401 },
  { name: "no such door", path: "/nowhere", status: 404 },
  { name: "metrics without token", path: "/metrics", status: 401 },
])("answers $status to $name", async ({ path, status }) => {
  const response = await fetch(service.url + path);
  expect(response.status).toBe(status);
  expect(await response.json()).toHaveProperty("error.code");
});

it("documents its doors", async () => {
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(document.paths)).toEqual(
    expect.arrayContaining([
      "/v1/events",
      "/v1/alerts",
      "/v1/quarantine",
      "/in/{kind}/{connectionId}",
    ]),
  );
});

it("keeps old samples queryable in ClickHouse after merges", async () => {
  expect(await service.stop()).toBe(0);
  const ch = await openClickHouse(
    readConfig({ TILLWATCH_DATA: dataDir }, () => ""),
    silentLog,
  );
  try {
    await ch.command("OPTIMIZE TABLE events FINAL");
    const rows = await ch.query<{ source: string; oldest: string; events: string | number }>(
      merchantId,
      "SELECT source, toString(min(ts)) AS oldest, count() AS events FROM events WHERE event_type != 'control_failed' GROUP BY source ORDER BY source",
    );
    const bySource = new Map(rows.map((row) => [row.source, row]));
    expect(Number(bySource.get("stripe")?.events)).toBe(5);
    expect(bySource.get("stripe")?.oldest).toMatch(/^2009/);
    expect(Number(bySource.get("square")?.events)).toBeGreaterThan(10);
  } finally {
    await ch.close();
  }
});
