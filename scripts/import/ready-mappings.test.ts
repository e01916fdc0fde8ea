import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import { readMapping } from "./mapping.ts";
import { openItems } from "./read-items.ts";
import { mappingText, readyMappings } from "./ready-mappings.ts";

const NOW = Date.UTC(2026, 10, 25);
const fixture = (name: string) => join(import.meta.dirname, "fixtures", `${name}.csv`);
const TOLD: Record<string, Record<string, string>> = {
  "square-transactions": { currency: "USD", zone: "America/New_York" },
};

/** What a sample becomes: event type, UTC time, money, and who it was. */
const EXPECTED: Record<string, (object | null)[]> = {
  "square-transactions": [
    {
      ...{ event_type: "payment", outcome: "approved", amount: 103_116, currency: "USD" },
      ...{ ts: Date.UTC(2026, 8, 13, 14, 2, 11), entry_mode: "contactless", last4: "0000" },
      ...{ cashier_id: "TMann1", terminal_id: "Counter iPad", store_id: "Main Street" },
    },
    { event_type: "payment", amount: 1_296, payment_id: "PAYB2" },
    { event_type: "refund", amount: 1_296, cashier_id: "TMann1" },
  ],
  "stripe-payments": [
    {
      ...{ event_type: "payment", outcome: "approved", amount: 123_450, currency: "EUR" },
      ...{ ts: Date.UTC(2026, 8, 13, 8, 15, 30), card_token: "Xt5EWLLDS7FJjR1c", last4: "4242" },
    },
    { outcome: "declined", amount: 2_000, cvv_result: "fail" },
    { outcome: "approved", amount: 900, currency: "JPY" },
  ],
  "stripe-balance": [
    { event_type: "payment", outcome: "approved", amount: 123_450, payment_id: "ch_3Aexample1" },
    { event_type: "refund", amount: 20_000, ts: Date.UTC(2026, 8, 14, 12) },
    null,
  ],
  "shopify-transactions": [
    { event_type: "payment", amount: 10_000, ts: Date.UTC(2026, 8, 12, 17), sale_id: "#1001" },
    { event_type: "refund", amount: 2_000, currency: "USD" },
    null,
    { event_type: "payment", outcome: "approved", amount: 5_000 },
    { event_type: "payment", outcome: "declined", amount: 99_900 },
    null,
  ],
  "shopify-orders": [
    {
      ...{ event_type: "sale", amount: 4_500, tax: 400, discount: 500, sale_id: "#1001" },
      ...{ cashier_id: "Cy Example", store_id: "Main Street", terminal_id: "7" },
    },
    null,
    null,
  ],
};

async function mapped(name: string): Promise<unknown[]> {
  const mapping = readMapping(mappingText(name), TOLD[name]);
  const path = fixture(name);
  const { items } = await openItems({ path, kind: "lines", mapping, encoding: "utf-8" });
  const events: unknown[] = [];
  for await (const { event } of items) events.push(event);
  return events;
}

describe.each(readyMappings().map(({ name }) => name))("%s", (name) => {
  it("makes of its export what is expected, and the door takes it, each row with an id of its own", async () => {
    const events = await mapped(name);
    const wanted = EXPECTED[name] ?? [];
    expect(events).toHaveLength(wanted.length);
    for (const [nth, event] of events.entries()) {
      if (wanted[nth] === null) expect(event).toBeNull();
      else {
        expect(event).toMatchObject(wanted[nth] ?? {});
        expect(checkEvent(event, { nowMs: NOW, merchantId: "m" })).toMatchObject({ ok: true });
      }
    }
    const ids = events.flatMap((event) => (event as { event_id?: string } | null)?.event_id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it("every ready mapping has a sample and says where its columns are described; every sample has its mapping", () => {
  const all = readyMappings();
  const samples = readdirSync(join(import.meta.dirname, "fixtures")).sort();
  expect(samples).toEqual(all.map(({ name }) => `${name}.csv`));
  for (const { source } of all) expect(source).toMatch(/https:\/\//);
});

it("what a mapping asks for must be told, and nothing else", () => {
  const text = mappingText("square-transactions");
  expect(() => readMapping(text)).toThrow(/asks for currency[\s\S]*asks for zone/);
  expect(() => readMapping(text, { currency: "USD", zone: "America/New_York", shop: "x" })).toThrow(
    "does not ask for shop",
  );
  expect(() => readMapping(text, { currency: "USD", zone: "Eastern" })).toThrow("no time zone");
  const sly = readMapping(text, { currency: 'USD" }\n  note: { value: "x', zone: "UTC" });
  expect(Object.keys(sly.fields)).not.toContain("note");
});

it("a name that is neither a file nor ready is told, with the ready ones", () => {
  expect(() => mappingText("square-transaction")).toThrow(
    /Did you mean "square-transactions"[\s\S]*shopify-orders/,
  );
});

it("no sample holds a whole card number", () => {
  for (const { name } of readyMappings()) {
    expect(readFileSync(fixture(name), "utf8")).not.toMatch(/(?<!\d)\d{13,19}(?!\d)/);
  }
});
