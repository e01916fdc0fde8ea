import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { checkEvent } from "./check-event.ts";
import { EVENT_TYPES, FIELD_SPECS } from "./event-fields.ts";
import { eventSchema } from "./event-schema.ts";

const nowMs = Date.UTC(2026, 10, 25, 10);
const context = { nowMs, merchantId: "mer_1" };
const sale = { event_type: "sale", ts: nowMs, event_id: "e1", amount: 1250, currency: "EUR" };
const check = (raw: unknown) => checkEvent(raw, context);

describe("what is refused names its reason and field, never its value", () => {
  it.each([
    ["a text", "hello", "not_an_object", /object/],
    ["an array", [sale], "not_an_object", /object/],
    ["null", null, "not_an_object", /object/],
    ["no event type", { ts: nowMs }, "event_type_missing", /event_type/],
    [
      "an unknown event type",
      { ...sale, event_type: "sael" },
      "unknown_event_type",
      /docs\/events/,
    ],
    [
      "a name of Object's own",
      { ...sale, event_type: "toString" },
      "unknown_event_type",
      /event_type/,
    ],
    ["an id with blanks", { ...sale, event_id: "a b" }, "event_id_invalid", /event_id/],
    ["an id of 65 characters", { ...sale, event_id: "x".repeat(65) }, "event_id_invalid", /64/],
    ["no time", { event_type: "sale" }, "ts_missing", /ts/],
    ["a time without zone", { ...sale, ts: "2026-11-25T10:00:00" }, "ts_invalid", /zone/],
    ["a time with a fraction of a ms", { ...sale, ts: nowMs + 0.5 }, "ts_invalid", /whole/],
    ["a time in seconds", { ...sale, ts: Math.floor(nowMs / 1000) }, "time_out_of_range", /2000/],
    [
      "a time more than a day ahead",
      { ...sale, ts: nowMs + 86_400_001 },
      "time_out_of_range",
      /24 hours/,
    ],
    ["a float amount", { ...sale, amount: 12.5 }, "amount_not_integer", /amount/],
    ["a text amount", { ...sale, amount: "12" }, "field_invalid", /amount: expected a whole/],
    ["a negative amount", { ...sale, amount: -1 }, "amount_out_of_range", /amount/],
    ["an amount beyond 10^12", { ...sale, amount: 1e12 + 1 }, "amount_out_of_range", /10\^12/],
    [
      "an amount without currency",
      { event_type: "sale", ts: nowMs, amount: 1 },
      "currency_missing",
      /currency/,
    ],
    ["a currency that is none", { ...sale, currency: "XQQ" }, "currency_unknown", /ISO 4217/],
    ["a currency in lower case", { ...sale, currency: "eur" }, "currency_unknown", /upper case/],
    ["null", { ...sale, cashier_id: null }, "null_value", /cashier_id/],
    ["an array", { ...sale, lines: [1] }, "array_or_object", /lines/],
    ["an object", { ...sale, amount: { value: 1 } }, "array_or_object", /amount/],
    ["a text for a number", { ...sale, line_count: "3" }, "field_invalid", /line_count/],
    ["a number for a text", { ...sale, store_id: 3 }, "field_invalid", /store_id: expected a text/],
    [
      "a text for true or false",
      { ...sale, training: "yes" },
      "field_invalid",
      /training: expected true or false/,
    ],
    [
      "a text over its limit",
      { ...sale, store_id: "x".repeat(513) },
      "field_too_long",
      /store_id: at most 512/,
    ],
    ["a name of 1 MB", { ...sale, store_id: "x".repeat(1_048_576) }, "event_too_large", /65536/],
    [
      "51 unknown fields",
      { ...sale, ...Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`f${i}`, i])) },
      "too_many_attributes",
      /50/,
    ],
    ["another merchant", { ...sale, merchant_id: "mer_2" }, "wrong_merchant", /merchant_id/],
    [
      "nested attributes",
      { ...sale, attributes: { a: { b: 1 } } },
      "array_or_object",
      /attributes.a/,
    ],
    ["attributes as a text", { ...sale, attributes: "x" }, "field_invalid", /attributes/],
    ["NaN's place-holder", { ...sale, line_count: Number.NaN }, "field_invalid", /line_count/],
  ])("%s", (_name, raw, reason, detail) => {
    const result = check(raw);
    expect(result).toMatchObject({ ok: false, reason });
    expect(result.ok ? "" : result.detail).toMatch(detail);
  });

  it("a card number as a field's name is not repeated", () => {
    const result = check({ ...sale, "4111111111111111": null });
    expect(JSON.stringify(result)).not.toContain("4111111111111111");
  });
});

describe("what is taken is cleaned", () => {
  it.each([
    ["an ISO time becomes ms", { ...sale, ts: "2026-11-25T11:00:00+01:00" }, { ts: nowMs }],
    [
      "our own fields are dropped",
      { ...sale, card_xhash: "x", received_ts: 1 },
      { card_xhash: undefined, received_ts: undefined },
    ],
    [
      "an unknown field becomes an attribute",
      { ...sale, colour: "red", n: 1.5 },
      { attributes: { colour: "red", n: "1.5" } },
    ],
    [
      "an empty id is left out",
      { ...sale, cashier_id: "", customer_id: "\u0000" },
      { cashier_id: undefined, customer_id: undefined },
    ],
    ["control characters go", { ...sale, reason: "a\u0000b\u001bc\nd" }, { reason: "abc\nd" }],
    ["half a character is replaced", { ...sale, reason: "a\ud800b" }, { reason: "a\ufffdb" }],
    ["an IPv4 address in IPv6", { ...sale, ip: "::ffff:10.0.0.1" }, { ip: "10.0.0.1" }],
    [
      "a local time without ms",
      { ...sale, ts_local: "2026-11-25T10:00" },
      { ts_local: "2026-11-25T10:00:00.000" },
    ],
    [
      "markup and SQL stay text",
      { ...sale, reason: "<script>'; DROP TABLE events" },
      { reason: "<script>'; DROP TABLE events" },
    ],
    ["the own merchant", { ...sale, merchant_id: "mer_1" }, { amount: 1250 }],
  ])("%s", (_name, raw, expected) => {
    const result = check(raw);
    expect(result.ok).toBe(true);
    const draft = (result.ok ? result.draft : {}) as Record<string, unknown>;
    for (const [field, value] of Object.entries(expected)) expect(draft[field]).toEqual(value);
  });

  it("notes name what was unknown or dropped", () => {
    const result = check({ ...sale, colour: "red", is_late: true });
    expect(result.ok && result.notes).toEqual(["unknown_field:colour", "dropped_field:is_late"]);
  });

  it("a field called __proto__ harms nothing", () => {
    const result = check(JSON.parse(`{"event_type":"sale","ts":${nowMs},"__proto__":"x"}`));
    expect(result.ok && Object.getPrototypeOf(result.draft)).toBe(Object.prototype);
  });
});

describe("the hand-written check and the zod schema", () => {
  const schema = eventSchema(context);
  const value = fc.oneof(
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.constantFrom(
      "",
      "EUR",
      "eur",
      "2026-11-25T10:00:00Z",
      "2026-11-25T10:00:00.5",
      "x".repeat(512),
      "x".repeat(513),
      `${"x".repeat(512)}\u0000`,
    ),
    fc.integer({ min: -10, max: 10 }),
    fc.constantFrom(
      1e12,
      1e12 + 1,
      -1e12,
      nowMs,
      nowMs + 86_400_000,
      nowMs + 86_400_001,
      Number.MAX_SAFE_INTEGER + 1,
      0.5,
      180,
      181,
      -0,
    ),
    fc.boolean(),
    fc.constant(null),
    fc.constantFrom<unknown>([], {}, { a: 1 }, { a: null }, { a: [] }),
  );
  const name = fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(...FIELD_SPECS.keys(), "attributes") },
    { weight: 1, arbitrary: fc.string({ maxLength: 70 }).filter((n) => n !== "__proto__") },
  );
  const base = fc.record(
    {
      event_type: fc.oneof(fc.constantFrom(...Object.keys(EVENT_TYPES)), value),
      ts: fc.oneof(fc.constant(nowMs), value),
      event_id: fc.oneof(fc.constantFrom("e1", "", "a b"), value),
      amount: fc.oneof(fc.nat(), value),
      currency: fc.oneof(fc.constantFrom("EUR", "JPY", "XXX"), value),
    },
    { requiredKeys: ["event_type", "ts"] },
  );
  const fine = fc.record({
    event_type: fc.constantFrom(...Object.keys(EVENT_TYPES)),
    ts: fc.constant(nowMs),
    currency: fc.constant("EUR"),
  });
  it("take and refuse the same events", () => {
    let taken = 0;
    fc.assert(
      fc.property(
        fc.oneof(base, fine),
        fc.array(fc.tuple(name, value), { maxLength: 4 }),
        (head, more) => {
          const raw = { ...head, ...Object.fromEntries(more) };
          const ours = check(raw);
          if (ours.ok) taken += 1;
          expect({ raw, ok: ours.ok }).toEqual({ raw, ok: schema.safeParse(raw).success });
        },
      ),
      { numRuns: 5000 },
    );
    expect(taken).toBeGreaterThan(500);
  });
});
