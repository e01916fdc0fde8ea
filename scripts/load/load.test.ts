import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import { SOURCES } from "../../ingest/catalogue.ts";
import {
  madeBatch,
  madeEvent,
  madeSearch,
  madeSquarePayment,
  squareHeaders,
} from "./k6/made-requests.ts";
import { readSummary, SCENARIOS } from "./scenarios.ts";

const NOW = Date.UTC(2026, 10, 25);

describe("what the load scripts send is what the door takes", () => {
  it("every made event passes the check unchanged in count, each of its own id", () => {
    const ids = new Set<string>();
    for (let nth = 0; nth < 2_000; nth += 1) {
      const checked = checkEvent(madeEvent("loadab12", nth, NOW), { nowMs: NOW, merchantId: "m" });
      if (!checked.ok) throw new Error(JSON.stringify(checked));
      ids.add(String(madeEvent("loadab12", nth, NOW).event_id));
    }
    expect(ids.size).toBe(2_000);
  });

  it("batches of one run share no event", () => {
    const lines = [0, 1].flatMap((nth) => madeBatch("r", nth, 50, NOW).trim().split("\n"));
    const ids = lines.map((line) => (JSON.parse(line) as { event_id: string }).event_id);
    expect(new Set(ids).size).toBe(100);
  });

  it("Square's deliveries pass Square's own check and become one payment; with another secret they do not", () => {
    const url = "https://shop.example/in/square/src_1";
    const text = madeSquarePayment("loadab12", 7, NOW);
    const headers = squareHeaders(url, text, (data) =>
      createHmac("sha256", "secret-of-square").update(data).digest("base64"),
    );
    const { source } = SOURCES.square;
    const delivery = { url, headers, body: Buffer.from(text) };
    expect(source.verify(delivery, ["secret-of-square"], NOW)).toEqual({ ok: true });
    expect(source.verify(delivery, ["another-secret"], NOW)).toMatchObject({ ok: false });
    expect(source.translate(delivery)).toMatchObject({
      account: "LOADMERCHANT1",
      outcome: "events",
      facts: [{ draft: { event_type: "payment", outcome: "approved", store_id: "loadab12-7" } }],
    });
  });

  it("searches come round: a card, declined payments, a cashier, counts", () => {
    const paths = [0, 1, 2, 3].map((nth) => madeSearch("r", nth, NOW));
    expect(new Set(paths).size).toBe(4);
    expect(madeSearch("r", 3, NOW)).toContain("/v1/events/histogram?");
  });
});

it("every load has its script and every script its load", () => {
  const pieces = ["k6.d.ts", "made-requests.ts", "open-loop.ts"];
  const scripts = readdirSync(join(import.meta.dirname, "k6")).filter((f) => !pieces.includes(f));
  expect(scripts.sort()).toEqual(SCENARIOS.map(({ name }) => `${name}.ts`).sort());
});

it("a summary of k6 1.8 is read: rates, percentiles, and each limit that was crossed", () => {
  const summary = readFileSync(join(import.meta.dirname, "fixtures", "summary.json"), "utf8");
  expect(readSummary("single-events", summary)).toEqual({
    scenario: "single-events",
    seconds: 2,
    requests: 21,
    requests_per_second: 10.4,
    events_accepted: 21,
    events_per_second: 10,
    failed_share: 0,
    not_begun: 0,
    answer_ms: { p50: 22.2, p95: 34.8, p99: 85.3, max: 97.9 },
    search_ms: null,
    crossed: ["http_req_duration{kind:ingest} p(99)<10"],
  });
  expect(() => readSummary("x", "{}")).toThrow();
});

it.each([
  { words: ["--k6", "/nowhere/k6"], code: 1, says: "k6 is not installed" },
  { words: ["tills"], code: 2, says: 'There is no load "tills"' },
  { words: ["--rate", "0"], code: 2, says: "--rate is a whole number" },
])("load $words ends with $code and says why", ({ words, code, says }) => {
  const script = join(import.meta.dirname, "..", "load.ts");
  const ran = spawnSync(process.execPath, [script, ...words], { encoding: "utf8" });
  expect(ran.status).toBe(code);
  expect(ran.stderr).toContain(says);
});
