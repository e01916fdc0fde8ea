// What all load scripts share: a rate that does not wait for answers, limits that fail the run, and a summary as JSON.
import { check } from "k6";
import type { Response } from "k6/http";
import { Counter } from "k6/metrics";

const number = (name: string, otherwise: number) => Number(__ENV[name] ?? otherwise);
const text = (name: string) => __ENV[name] ?? "";

/** As scripts/load.ts hands them over. */
export const given = {
  url: text("LOAD_URL"),
  key: text("LOAD_KEY"),
  run: text("LOAD_RUN"),
  rate: number("LOAD_RATE", 10),
  seconds: number("LOAD_SECONDS", 30),
  batch: number("LOAD_BATCH", 500),
  p99Ms: number("LOAD_P99_MS", 250),
  searchP99Ms: number("LOAD_SEARCH_P99_MS", 1_000),
  squareUrl: text("LOAD_SQUARE_URL"),
  squareRegistered: text("LOAD_SQUARE_REGISTERED"),
  squareSecret: text("LOAD_SQUARE_SECRET"),
};

const accepted = new Counter("events_accepted");

/** Requests begin at their time, whether or not earlier ones are answered. LOAD_RAMP: the rate climbs from a tenth to the whole. */
export function openLoop(exec: string, rate = given.rate): Record<string, unknown> {
  const lanes = { preAllocatedVUs: Math.min(100, Math.max(10, Math.ceil(rate / 5))), maxVUs: 400 };
  const common = { exec, timeUnit: "1s", gracefulStop: "30s", ...lanes };
  if (text("LOAD_RAMP") === "") {
    return { ...common, executor: "constant-arrival-rate", rate, duration: `${given.seconds}s` };
  }
  return {
    ...common,
    executor: "ramping-arrival-rate",
    startRate: Math.max(1, Math.round(rate / 10)),
    stages: [{ target: rate, duration: `${given.seconds}s` }],
  };
}

/** The run fails with 99 where one of them is crossed. `p99Ms`: by the tag `kind` of a request. */
export function optionsOf(
  scenarios: Record<string, unknown>,
  p99Ms: Readonly<Record<string, number>>,
): Record<string, unknown> {
  const slow = Object.entries(p99Ms).map(([kind, ms]) => [
    `http_req_duration{kind:${kind}}`,
    [`p(99)<${ms}`],
  ]);
  return {
    scenarios,
    discardResponseBodies: false,
    summaryTrendStats: ["med", "p(95)", "p(99)", "max"],
    thresholds: {
      http_req_failed: ["rate<0.001"],
      checks: ["rate>0.999"],
      // One that could not begin in time: the load was less than it says.
      dropped_iterations: ["count<1"],
      ...Object.fromEntries(slow),
    },
  };
}

/** Counts what the door took; a request of which one event was not taken fails its check. */
export function allTaken(response: Response, events: number): void {
  const took = response.status === 200 ? Number(response.json("accepted") ?? 0) : 0;
  accepted.add(took);
  check(response, { "every event was accepted": () => took === events });
}

export function handleSummary(data: unknown): Record<string, string> {
  return { [text("LOAD_SUMMARY")]: JSON.stringify(data) };
}
