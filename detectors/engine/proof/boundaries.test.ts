import { expect, it } from "vitest";
import { createEngine } from "../live/engine.ts";
import type { CorrelationPlan } from "../plan.ts";
import { bruteForce } from "./brute-force.ts";
import { runEvents } from "./run-rule-tests.ts";
import { EDGES } from "./testing/boundaries.ts";

it.each(EDGES)("$name", ({ ruleset, events, fires }) => {
  const lastTs = Math.max(...events.map(({ ts }) => ts));
  const live = runEvents(createEngine(ruleset, { merchantId: "m1", currency: "EUR" }), events);
  expect(live.some(({ ts }) => ts === lastTs)).toBe(fires);
  const plan = ruleset.plans.get("r") as CorrelationPlan;
  expect(bruteForce(ruleset, plan, events).some(({ ts }) => ts === lastTs)).toBe(fires);
  // Arrival in any order gives the same.
  const again = createEngine(ruleset, { merchantId: "m1", currency: "EUR" });
  expect(runEvents(again, [...events].reverse()).map(({ id }) => id)).toEqual(
    live.map(({ id }) => id),
  );
});
