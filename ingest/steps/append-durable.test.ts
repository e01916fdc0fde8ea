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
  it("goes on when the clock goes back, neither back nor still", async () => {
    const { one, stamps } = appender([5000, 5001, 1000, 1001], 0);
    await one("a");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await one("b");
    const [a, b] = stamps();
    expect(a).toBe(5000);
    expect(b).toBeGreaterThan(5000);
  });

  it("is never below what a former run has judged, or a restart would take the event for judged", async () => {
    const { one, stamps } = appender([1000, 1001], 9000);
    await one("a");
    expect(stamps()[0]).toBeGreaterThanOrEqual(9000);
  });
});
