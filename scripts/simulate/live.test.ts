import { expect, it } from "vitest";
import { checkEvent } from "../../core/check-event.ts";
import { ATTACKS } from "./attacks.ts";
import { demoShop } from "./chain.ts";
import { type LiveOptions, liveShop } from "./live.ts";
import type { SimulatedEvent } from "./recorder.ts";

const START = Date.UTC(2026, 10, 25, 2, 17, 33);

type Seen = SimulatedEvent & { atMs: number };

/** Watches the demo on a clock that moves only when the stream sleeps. */
async function watch(minutes: number, change: Partial<LiveOptions> = {}): Promise<Seen[]> {
  let clock = START;
  const stop = new AbortController();
  const stream = liveShop({
    seed: 1,
    shop: demoShop("1"),
    startMs: START,
    speed: 1,
    attackEveryMs: 240_000,
    now: () => clock,
    sleep: async (ms) => {
      clock += ms;
      if (clock > START + minutes * 60_000) stop.abort();
    },
    signal: stop.signal,
    ...change,
  });
  const seen: Seen[] = [];
  for await (const event of stream) seen.push({ ...event, atMs: clock });
  return seen;
}

it("an event comes when its time has come, in order, within a second", async () => {
  const seen = await watch(30);
  for (const [n, { draft, atMs }] of seen.entries()) {
    expect(draft.ts).toBeLessThanOrEqual(atMs);
    expect(atMs - draft.ts).toBeLessThan(1_500);
    expect(draft.ts).toBeGreaterThanOrEqual(seen[n - 1]?.draft.ts ?? 0);
    expect(checkEvent(draft, { nowMs: atMs, merchantId: "m" })).toMatchObject({
      ok: true,
      notes: [],
    });
  }
});

it("a newcomer sees an attack within twenty seconds, at any hour, and customers within minutes", async () => {
  const seen = await watch(10);
  const first = seen.filter(({ label, draft }) => label !== undefined && draft.ts < START + 20_000);
  expect(first.length).toBeGreaterThan(5);
  expect(
    seen.filter(({ draft }) => draft.event_type === "sale" && draft.in_opening_hours).length,
  ).toBeGreaterThan(0);
});

it("attacks take turns until all have been shown", async () => {
  // From the small hours into the morning, so that there is a night and a closed shop by day.
  const seen = await watch(10 * 60);
  const shown = new Set(seen.flatMap(({ label }) => label?.attack ?? []));
  expect([...shown].sort()).toEqual(ATTACKS.map(({ id }) => id).sort());
}, 20_000);

it("four times the speed brings about four times the customers", async () => {
  const sales = async (speed: number) =>
    (await watch(360, { speed, attackEveryMs: 0 })).filter(
      ({ draft }) => draft.event_type === "sale",
    ).length;
  const [usual, fast] = [await sales(1), await sales(4)];
  expect(fast / usual).toBeGreaterThan(3);
  expect(fast / usual).toBeLessThan(5);
}, 20_000);

it("a restart repeats no id", async () => {
  const first = await watch(3);
  const again = await watch(3, { startMs: START + 1 });
  const ids = new Set(first.map(({ draft }) => draft.event_id));
  expect(again.filter(({ draft }) => ids.has(draft.event_id))).toEqual([]);
});

it("after a long pause of the machine only the last minutes are told", async () => {
  let slept = 0;
  let clock = START;
  const stop = new AbortController();
  const sleep = async (ms: number) => {
    slept += 1;
    clock += slept === 50 ? 5 * 3_600_000 : ms;
    if (slept === 60) stop.abort();
  };
  const seen = await watch(600, { now: () => clock, sleep, signal: stop.signal });
  const after = seen.filter(({ draft }) => draft.ts > START + 3_600_000);
  expect(after.length).toBeGreaterThan(0);
  expect(Math.min(...after.map(({ draft }) => draft.ts))).toBeGreaterThan(START + 4.8 * 3_600_000);
});
