import fc from "fast-check";
import { expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { encodeEvent } from "../event-columns.ts";
import { stretchesOf } from "./stretches.ts";

const event = fc.record({
  merchant_id: fc.constantFrom("mer_a", "mer_b", "mer_c"),
  store_id: fc.option(fc.string({ unit: "binary", maxLength: 8 }), { nil: undefined }),
  ts: fc.integer({ min: 0, max: 4_000_000_000_000 }),
});

it("names each merchant with its first and last instant, whatever the store is called", () => {
  fc.assert(
    fc.property(fc.array(event, { maxLength: 30 }), (events) => {
      const rows = events.map((one, at) => {
        const rest = { event_id: `e${at}`, event_type: "sale", source: "api", received_ts: 1 };
        return `${encodeEvent({ ...rest, ...one } as unknown as Event)}\n`;
      });
      const wanted = [...Map.groupBy(events, ({ merchant_id }) => merchant_id)].map(
        ([merchant_id, same]) => ({
          merchant_id,
          from_ts: Math.min(...same.map(({ ts }) => ts)),
          to_ts: Math.max(...same.map(({ ts }) => ts)),
        }),
      );
      expect(stretchesOf(rows.join(""))).toEqual(wanted);
    }),
  );
});

it("leaves out what is no event", () => {
  expect(stretchesOf('nonsense\n[1,2]\n["m","s","x"]\n')).toEqual([]);
});
