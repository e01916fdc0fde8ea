import { describe, expect, it } from "vitest";
import type { Event } from "../../core/event.ts";
import { appendDurable } from "./append-durable.ts";

function appender(times: number[], stampFrom: number) {
  const handedOn: Event[] = [];
  const append = appendDurable({
    spool: { append: async () => {} },
    now: () => times.shift() ?? 0,
    stampFrom,
    metrics: { durable() {} },
    onDurable: (_merchantId, events) => handedOn.push(...events),
  });
  const one = (id: string) =>
    append({
      merchantId: "m1",
      source: "api",
      drafts: [{ event_id: id, event_type: "sale", ts: 1 }],
      lines: [],
    });
  return { one, stamps: () => handedOn.map(({ received_ts }) => received_ts) };
}

describe("the stamp", () => {
  it("never goes back when the clock does", async () => {
    const { one, stamps } = appender([5000, 5001, 1000, 1001], 0);
    await one("a");
    await one("b");
    expect(stamps()).toEqual([5000, 5000]);
  });

  it("is never below what a former run has judged, or a restart would take the event for judged", async () => {
    const { one, stamps } = appender([1000, 1001], 9000);
    await one("a");
    expect(stamps()).toEqual([9000]);
  });
});
