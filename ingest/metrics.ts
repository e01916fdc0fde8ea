// What the door counts: every outcome of every event and delivery, by source.
import { Counter, Histogram, type Registry } from "prom-client";
import type { EventOutcome } from "../core/event-outcome.ts";
import type { FoundInField } from "./steps/scrub-delivery.ts";

export type IngestMetrics = {
  outcomes(source: string, outcomes: readonly EventOutcome[]): void;
  delivery(source: string, outcome: string): void;
  /** Questions to providers by what came of a run: `answered`, or a kind of fault. */
  asked(source: string, outcome: string): void;
  refusedBody(door: string, code: string): void;
  bytes(door: string, count: number): void;
  masked(found: readonly FoundInField[]): void;
  durable(seconds: number): void;
  answered(door: string, seconds: number): void;
};

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];

export function ingestMetrics(registry: Registry): IngestMetrics {
  const registers = [registry];
  const events = new Counter({
    name: "tillwatch_ingest_events_total",
    help: "Events by what became of them",
    labelNames: ["source", "outcome", "reason"],
    registers,
  });
  const deliveries = new Counter({
    name: "tillwatch_ingest_deliveries_total",
    help: "Providers' deliveries by what became of them",
    labelNames: ["source", "outcome"],
    registers,
  });
  const asked = new Counter({
    name: "tillwatch_ingest_asked_total",
    help: "Runs of questions to providers by what came of them",
    labelNames: ["source", "outcome"],
    registers,
  });
  const refused = new Counter({
    name: "tillwatch_ingest_refused_total",
    help: "Requests refused as a whole, by error code",
    labelNames: ["door", "code"],
    registers,
  });
  const bytes = new Counter({
    name: "tillwatch_ingest_bytes_total",
    help: "Bytes of bodies, unpacked",
    labelNames: ["door"],
    registers,
  });
  const masked = new Counter({
    name: "tillwatch_ingest_masked_total",
    help: "Fields in which card data was masked, by kind",
    labelNames: ["kind"],
    registers,
  });
  const times = ["door", "durable"].map(
    (part) =>
      new Histogram({
        name: `tillwatch_ingest_${part}_seconds`,
        help: part === "door" ? "From the request to its answer" : "From the append to the sync",
        labelNames: part === "door" ? ["door"] : [],
        buckets: BUCKETS,
        registers,
      }),
  );
  return {
    outcomes: (source, outcomes) => countOutcomes(events, source, outcomes),
    delivery: (source, outcome) => deliveries.inc({ source, outcome }),
    asked: (source, outcome) => asked.inc({ source, outcome }),
    refusedBody: (door, code) => refused.inc({ door, code }),
    bytes: (door, count) => bytes.inc({ door }, count),
    masked(found) {
      for (const { kind } of found) masked.inc({ kind });
    },
    durable: (seconds) => times[1]?.observe(seconds),
    answered: (door, seconds) => times[0]?.observe({ door }, seconds),
  };
}

/** One increment per kind of outcome, not per event: labels cost a hash each. */
function countOutcomes(
  events: Counter<"source" | "outcome" | "reason">,
  source: string,
  outcomes: readonly EventOutcome[],
): void {
  const counts = new Map<string, number>();
  for (const outcome of outcomes) {
    const reason = "reason" in outcome ? outcome.reason : "";
    const key = `${outcome.outcome} ${reason}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  for (const [key, count] of counts) {
    const [outcome = "", reason = ""] = key.split(" ");
    events.inc({ source, outcome, reason }, count);
  }
}
