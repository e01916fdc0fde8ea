// The write-ahead log of what came in: on disk before it is acknowledged, in ClickHouse soon after.
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";

export type SpoolKind = "event" | "delivery" | "quarantine";
/** One encoded row (encodeEvent, encodeDelivery, encodeQuarantined), without newline. */
export type SpoolLine = { kind: SpoolKind; line: string };
export type Admission =
  | { open: true }
  | { open: false; code: "BACKPRESSURE" | "SPOOL_UNAVAILABLE"; retryAfterS: number };
export type SpoolStats = { bytes: number; files: number; oldestMs: number; appendedEvents: number; storedEvents: number };
export type Spool = {
  /** Resolves once all lines are synced to disk; rejects with SPOOL_UNAVAILABLE and then none of them counts. */
  append(lines: readonly SpoolLine[]): Promise<void>;
  /** Ask before parsing a body. */
  admission(): Admission;
  /** Resolves when all that was appended before the call is in ClickHouse. */
  flush(): Promise<void>;
  stats(): SpoolStats;
  close(): Promise<void>;
};
/** A row that ClickHouse refused; it lies in quarantine by then. */
export type RefusedRow = { kind: SpoolKind; line: string; detail: string };
export type SpoolOptions = {
  dir: string;
  ch: ClickHouse;
  limits: { maxBytes: number; reserveBytes: number };
  log: Log;
  now: () => number;
  onRefusedRow?: (row: RefusedRow) => void;
};
/** Opens the spool, takes up what a former run left (in the background: `flush()` waits for it). */
export declare function openSpool(options: SpoolOptions): Promise<Spool>;
