// The loads that there are, and what a run's summary says about each. Pure.
import { z } from "zod";

export type Scenario = {
  name: string;
  about: string;
  /** Requests a second when nobody says otherwise. */
  rate: number;
  batch: number;
  p99Ms: number;
};

/** `name` is also the script in k6/. The rates are about a third of what two cores take together with k6. */
export const SCENARIOS: readonly Scenario[] = [
  { name: "single-events", about: "one event a request", rate: 300, batch: 1, p99Ms: 100 },
  { name: "batches", about: "500 events a request", rate: 10, batch: 500, p99Ms: 500 },
  {
    name: "square-deliveries",
    about: "Square's webhooks with a right signature",
    rate: 150,
    batch: 1,
    p99Ms: 100,
  },
  {
    name: "search-while-ingesting",
    about: "five searches a second beside batches of 100",
    rate: 20,
    batch: 100,
    p99Ms: 500,
  },
];

const Trend = z.object({
  med: z.number(),
  "p(95)": z.number(),
  "p(99)": z.number(),
  max: z.number(),
});
const Metric = z.object({
  values: z.record(z.string(), z.number().nullable()),
  thresholds: z.record(z.string(), z.object({ ok: z.boolean() })).optional(),
});
/** What k6 gives to handleSummary, as far as we read it. */
const Summary = z.object({
  metrics: z.record(z.string(), Metric),
  state: z.object({ testRunDurationMs: z.number() }),
});

type Milliseconds = { p50: number; p95: number; p99: number; max: number };
export type LoadReport = {
  scenario: string;
  seconds: number;
  requests: number;
  requests_per_second: number;
  events_accepted: number;
  events_per_second: number;
  failed_share: number;
  /** Requests that could not begin in time. */
  not_begun: number;
  answer_ms: Milliseconds | null;
  search_ms: Milliseconds | null;
  crossed: string[];
};

/** Throws a ZodError where the text is no summary of k6. */
export function readSummary(scenario: string, text: string): LoadReport {
  const { metrics, state } = Summary.parse(JSON.parse(text));
  const value = (name: string, of: string) => metrics[name]?.values[of] ?? 0;
  const seconds = state.testRunDurationMs / 1000;
  const events = value("events_accepted", "count");
  const requests = value("http_reqs", "count");
  return {
    scenario,
    seconds: rounded(seconds),
    requests,
    requests_per_second: rounded(requests / seconds),
    events_accepted: events,
    events_per_second: Math.round(events / seconds),
    failed_share: value("http_req_failed", "rate"),
    not_begun: value("dropped_iterations", "count"),
    answer_ms: spreadOf(metrics["http_req_duration{kind:ingest}"]?.values),
    search_ms: spreadOf(metrics["http_req_duration{kind:search}"]?.values),
    crossed: Object.entries(metrics).flatMap(([name, { thresholds = {} }]) =>
      Object.entries(thresholds).flatMap(([limit, { ok }]) => (ok ? [] : [`${name} ${limit}`])),
    ),
  };
}

function spreadOf(values: unknown): Milliseconds | null {
  const trend = Trend.safeParse(values);
  if (!trend.success) return null;
  const { med, max } = trend.data;
  return {
    p50: rounded(med),
    p95: rounded(trend.data["p(95)"]),
    p99: rounded(trend.data["p(99)"]),
    max: rounded(max),
  };
}

const rounded = (value: number) => Number(value.toFixed(1));
