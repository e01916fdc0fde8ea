// What waits in the spool, and what the process weighs, as metrics.
import { Counter, collectDefaultMetrics, Gauge, type Registry } from "prom-client";
import type { OpenStores } from "./open-parts.ts";

/** Gauges are read when somebody asks for them. */
export function storeMetrics(metrics: Registry, { spool, seen, shared }: OpenStores): void {
  collectDefaultMetrics({ register: metrics, prefix: "tillwatch_" });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [metrics],
      collect() {
        this.set(read());
      },
    });
  gauge(
    "tillwatch_spool_bytes",
    "Bytes on disk that wait for ClickHouse.",
    () => spool.stats().bytes,
  );
  gauge(
    "tillwatch_spool_files",
    "Spool files that wait for ClickHouse.",
    () => spool.stats().files,
  );
  gauge(
    "tillwatch_spool_oldest_seconds",
    "Age of the oldest row that waits for ClickHouse.",
    () => spool.stats().oldestMs / 1000,
  );
  gauge(
    "tillwatch_spool_appended_events",
    "Events synced to disk since the start.",
    () => spool.stats().appendedEvents,
  );
  gauge(
    "tillwatch_spool_stored_events",
    "Events stored in ClickHouse since the start.",
    () => spool.stats().storedEvents,
  );
  gauge("tillwatch_known_event_ids", "Event ids held in memory to tell repeats.", () =>
    seen.size(),
  );
  new Counter({
    name: "tillwatch_ingest_shared_claims_failed_total",
    help: "Events about which the other processes could not be asked; they were taken.",
    registers: [metrics],
    collect() {
      this.reset();
      this.inc(shared?.failed() ?? 0);
    },
  });
}
