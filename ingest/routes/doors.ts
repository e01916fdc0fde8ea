// What ingest needs from outside, and what its doors share.
import type { Registry } from "prom-client";
import type { Event } from "../../core/event.ts";
import type { Log } from "../../core/log.ts";
import type { Secrets } from "../../core/settings.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { SharedClaims } from "../../stores/seen/shared-claims.ts";
import type { SeenEvents } from "../../stores/seen-events.ts";
import type { Spool } from "../../stores/spool.ts";
import type { TestOf, TestResult, TestTools } from "../connection/test-source.ts";
import type { Deliveries, DeliveriesDeps } from "../deliveries.ts";
import type { Directory } from "../directory.ts";
import type { IngestMetrics } from "../metrics.ts";
import type { Pipeline } from "../pipeline.ts";

export type DoorDeps = {
  spool: Pick<Spool, "append" | "admission" | "flush">;
  seen: Pick<SeenEvents, "claim" | "claimSync" | "settle">;
  /** Where several processes take events. */
  shared?: Pick<SharedClaims, "claim" | "settle"> | undefined;
  ch: ClickHouse;
  directory: Directory;
  secrets: Pick<Secrets, "FINGERPRINT_KEY" | "OPERATOR_KEY">;
  now: () => number;
  /** No `received_ts` is lower: the newest that a former run has judged. */
  stampFrom: number;
  log: Log;
  metrics: Registry;
  /** For the doors to connections. `base` null: the providers' own hosts are asked. */
  connections: Pick<TestTools, "db" | "sealKey" | "base" | "limits"> & { publicUrl: string };
  /** Notes what a delivery named, to be asked for. */
  want: DeliveriesDeps["want"];
  /** Called after the sync, in the order of the appends; `received_ts` never goes back. */
  onDurable(merchantId: string, events: Event[]): void;
};

/** What the doors share. `pipeline` is also how events made in this process come in (the demo, our own reports). */
export type Ingest = {
  pipeline: Pipeline;
  deliveries: Deliveries;
  count: IngestMetrics;
  testSource(of: TestOf): Promise<TestResult>;
  close(): Promise<void>;
};
export type Doors = Ingest & DoorDeps;
