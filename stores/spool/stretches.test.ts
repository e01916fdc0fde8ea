import fc from "fast-check";
import { expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { encodeEvent } from "../event-columns.ts";
import { stretchesOf } from "./stretches.ts";

const event = fc.record({
  merchant_id: fc.constantFrom("mer_a", "mer_b", "mer_c"),
  store_id: fc.option(fc.string({ unit: "binary", maxLength: 8 }), { nil: undefined }),
  ts: fc.oneof(
    fc.integer({ min: 0, max: 4_000_000_000_000 }),
    fc.integer({ min: 0, max: 20_000_000 }),
  ),
});

it("names each merchant's stretches, cut where an hour is empty, whatever the store is called", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const rows = events.map((one, at) => {
        const rest = { event_id: `e${at}`, event_type: "sale", source: "api", received_ts: 1 };
        return `${encodeEvent({ ...rest, ...one } as unknown as Event)}\n`;
      });
      const found = stretchesOf(rows.join(""));
      // Each event lies in exactly one stretch of its merchant, each stretch begins and ends with one, gaps are over an hour.
      for (const { merchant_id, ts } of events) {
        const around = found.filter(
          (one) => one.merchant_id === merchant_id && one.from_ts <= ts && ts <= one.to_ts,
        );
        expect(around).toHaveLength(1);
      }
      for (const one of found) {
        const own = events.filter(({ merchant_id }) => merchant_id === one.merchant_id);
        const times = own.map(({ ts }) => ts);
        expect(times).toContain(one.from_ts);
        expect(times).toContain(one.to_ts);
        const before = times.filter((ts) => ts < one.from_ts);
        expect(one.from_ts - Math.max(...before)).toBeGreaterThan(3_600_000);
      }
    }),
  );
});

it("leaves out what is no event", () => {
  expect(stretchesOf('nonsense\n[1,2]\n["m","s","x"]\n')).toEqual([]);
});
