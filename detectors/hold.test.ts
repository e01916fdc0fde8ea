import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareEvents } from "../core/event.ts";
import { anEvent } from "./engine/proof/testing/builders.ts";
import { HOLD_MS, Hold } from "./hold.ts";

describe("Hold", () => {
  it("gives the total order whatever the order of arrival within the hold", () => {
    const list = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(list, fc.infiniteStream(fc.nat(HOLD_MS - 1)), (times, delays) => {
        const events = times.map((ts, i) => anEvent((i * 7919) % 10_007, ts, {}));
        const hold = new Hold();
        const arrivals = events.map((event) => ({ event, at: 1000 + (delays.next().value ?? 0) }));
        arrivals.sort((a, b) => a.at - b.at);
        for (const { event, at } of arrivals) hold.offer(event, at);
        const first = (arrivals[0]?.at ?? 0) + HOLD_MS;
        expect(hold.release(first - 1)).toEqual([]);
        const released = [...hold.release(first), ...hold.release(first + HOLD_MS)];
        expect(released.flat()).toEqual([...events].sort(compareEvents));
        expect(hold.size).toBe(0);
      }),
    );
  });

  it.each([
    { name: "an event of now", ts: 1000, dueAt: 1250 },
    { name: "a late one", ts: 10, dueAt: 1250 },
    { name: "one ahead of the clock", ts: 61_000, dueAt: 61_250 },
  ])("$name is due at $dueAt", ({ ts, dueAt }) => {
    const hold = new Hold();
    hold.offer(anEvent(1, ts, {}), 1000);
    expect(hold.nextDueMs(1000)).toBe(dueAt);
    expect(hold.release(dueAt - 1)).toEqual([]);
    expect(hold.release(dueAt)).toHaveLength(1);
  });

  it("a clock set back by an hour keeps nobody waiting longer than the hold", () => {
    const hold = new Hold();
    hold.offer(anEvent(1, 900, {}), 3_601_000);
    expect(hold.nextDueMs(1000)).toBe(1000 + HOLD_MS);
    hold.offer(anEvent(2, 950, {}), 1001);
    expect(hold.release(1249)).toEqual([]);
    expect(hold.release(1251).flat()).toHaveLength(2);
  });

  it("an event ahead of the clock keeps nobody waiting", () => {
    const hold = new Hold();
    hold.offer(anEvent(1, 99_000, {}), 1000);
    hold.offer(anEvent(2, 900, {}), 1000);
    expect(hold.release(1250).flat()).toHaveLength(1);
    expect(hold.size).toBe(1);
  });
});
