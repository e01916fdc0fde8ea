// What ingest needs from outside, and what its doors share.
import type { Registry } from "prom-client";
import type { Secrets } from "../../core/config.ts";
import type { Event } from "../../core/event.ts";
import type { Log } from "../../core/log.ts";
import type { ClickHouse } from "../../stores/connect/clickhouse.ts";
import type { SharedClaims } from "../../stores/seen/shared-claims.ts";
import type { SeenEvents } from "../../stores/seen-events.ts";
import type { Spool } from "../../stores/spool.ts";
import type { Deliveries } from "../deliveries.ts";
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
  /** Called after the sync, in the order of the appends; `received_ts` never goes back. */
  onDurable(merchantId: string, events: Event[]): void;
};

/** What the doors share. `pipeline` is also how events made in this process come in (the demo, our own reports). */
export type Ingest = { pipeline: Pipeline; deliveries: Deliveries; close(): Promise<void> };
export type Doors = Ingest & DoorDeps & { count: IngestMetrics };
