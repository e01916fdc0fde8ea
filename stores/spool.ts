// The write-ahead log of what came in: on disk before it is acknowledged, in ClickHouse soon after.
import { join } from "node:path";
import { AppError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";
import { DELIVERY_COLUMNS } from "./deliveries.ts";
import { EVENT_COLUMNS } from "./event-columns.ts";
import { QUARANTINE_COLUMNS } from "./quarantine.ts";
import { diskFiles, type SpoolFiles } from "./spool/files.ts";
import { Lane, type SealAt } from "./spool/lane.ts";
import { quarantineLine, type RefusedRow, type SpoolKind } from "./spool/refused-row.ts";
import { type Segment, segmentPath } from "./spool/segment.ts";
import { makeSender } from "./spool/sender.ts";
import { stretchesOf } from "./spool/stretches.ts";
import type { Stretch } from "./unjudged.ts";

export type { RefusedRow, SpoolKind } from "./spool/refused-row.ts";

/** One encoded row (encodeEvent, encodeDelivery, encodeQuarantined), without newline. */
export type SpoolLine = { kind: SpoolKind; line: string };
export type Admission =
  | { open: true }
  | { open: false; code: "BACKPRESSURE" | "SPOOL_UNAVAILABLE"; retryAfterS: number };
/** `oldestMs` = age of the oldest row that is not in ClickHouse yet, 0 when all are. Counts are since the start. */
export type SpoolStats = {
  bytes: number;
  files: number;
  oldestMs: number;
  appendedEvents: number;
  storedEvents: number;
};

export type Spool = {
  /** Resolves once all lines are synced to disk, in the order of the calls; rejects with SPOOL_UNAVAILABLE, and then none of them counts. */
  append(lines: readonly SpoolLine[]): Promise<void>;
  /** Whether the door may take a body at all: ask before parsing it. */
  admission(): Admission;
  /** Resolves when all that was appended before is in ClickHouse, however long that takes. */
  flush(): Promise<void>;
  stats(): SpoolStats;
  /** Rows that are not in ClickHouse yet stay on disk for the next start. */
  close(): Promise<void>;
};

export type SpoolOptions = {
  dir: string;
  ch: ClickHouse;
  limits: { maxBytes: number; reserveBytes: number };
  log: Log;
  now: () => number;
  onRefusedRow?: (row: RefusedRow) => void;
  /** What has come into ClickHouse, told before it leaves the spool; until this resolves it does not. */
  announce?: (stretches: readonly Stretch[]) => Promise<void>;
  /** For tests. */
  files?: SpoolFiles;
  sealAt?: Partial<SealAt>;
};

const KINDS = {
  event: { table: "events", columns: EVENT_COLUMNS },
  delivery: { table: "deliveries", columns: DELIVERY_COLUMNS },
  quarantine: { table: "quarantine", columns: QUARANTINE_COLUMNS },
} as const;
const KIND_NAMES = Object.keys(KINDS) as SpoolKind[];
const SEAL_AT: SealAt = { rows: 10_000, bytes: 8 * 1024 * 1024, ms: 200 };
/** Bytes that share one sync at most, so that files stay near their bound. */
const COMMIT_BYTES = 8 * 1024 * 1024;
const DISK_EVERY_MS = 1000;
const RETRY_AFTER_S = { BACKPRESSURE: 2, SPOOL_UNAVAILABLE: 10 } as const;

/** Opens the spool and takes up what a former run left: that is sent in the background, and `flush()` waits for it. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const spool = new DiskSpool(options);
  await spool.lookAtDisk();
  return spool;
}

type Waiting = {
  lines: readonly SpoolLine[];
  bytes: number;
  done(): void;
  failed(error: AppError): void;
};

class DiskSpool implements Spool {
  readonly #options: SpoolOptions;
  readonly #files: SpoolFiles;
  readonly #lanes: Record<SpoolKind, Lane>;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #committing: Promise<void> | undefined;
  #freeBytes = Number.POSITIVE_INFINITY;
  #diskTimer: NodeJS.Timeout;
  #failedUntil = 0;
  #closed = false;
  #appendedEvents = 0;
  #storedEvents = 0;

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#files = options.files ?? diskFiles;
    const lanes = KIND_NAMES.map((kind) => [kind, this.#openLane(kind)] as const);
    this.#lanes = Object.fromEntries(lanes) as Record<SpoolKind, Lane>;
    this.#diskTimer = setInterval(() => void this.lookAtDisk(), DISK_EVERY_MS);
    this.#diskTimer.unref();
  }

  #openLane(kind: SpoolKind): Lane {
    const { dir, ch, log, now, sealAt, announce } = this.#options;
    return new Lane({
      files: this.#files,
      folder: join(dir, kind),
      now,
      sealAt: { ...SEAL_AT, ...sealAt },
      quiet: () => this.#committing === undefined,
      makeSender: (onIdle) =>
        makeSender({
          ch,
          files: this.#files,
          ...KINDS[kind],
          log,
          onIdle,
          ...(kind === "event" && announce !== undefined
            ? { beforeRemoval: (segment: Segment) => announce(this.#stretchesOf(segment)) }
            : {}),
          refuse: (line, detail) => this.#refuse({ kind, line, detail }),
          onStored: (_, stored) => {
            if (kind === "event") this.#storedEvents += stored;
          },
        }),
    });
  }

  #stretchesOf(segment: Segment): Stretch[] {
    const content = this.#files.read(segmentPath(segment)).subarray(0, segment.bytes);
    return stretchesOf(content.toString("utf8"));
  }

  append(lines: readonly SpoolLine[]): Promise<void> {
    if (this.#closed) return Promise.reject(unavailable("The spool is closed."));
    if (lines.length === 0) return Promise.resolve();
    let bytes = 0;
    for (const { line } of lines) bytes += line.length + 1;
    return new Promise((done, failed) => {
      this.#waiting.push({ lines, bytes, done, failed });
      this.#waitingBytes += bytes;
      this.#committing ??= this.#commitAll();
    });
  }

  /** Requests that came while the disk was busy share the next sync. */
  async #commitAll(): Promise<void> {
    // Let the other requests of this turn join the first commit.
    await undefined;
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      const outcome = await this.#commit(batch);
      for (const each of batch) {
        if (outcome === "durable") each.done();
        else each.failed(outcome);
      }
    }
    this.#committing = undefined;
    for (const lane of Object.values(this.#lanes)) lane.sealIfDue();
  }

  #takeBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let bytes = 0;
    for (const each of this.#waiting) {
      if (batch.length > 0 && bytes + each.bytes > COMMIT_BYTES) break;
      batch.push(each);
      bytes += each.bytes;
    }
    this.#waiting = this.#waiting.slice(batch.length);
    this.#waitingBytes -= bytes;
    return batch;
  }

  async #commit(batch: readonly Waiting[]): Promise<"durable" | AppError> {
    const texts: Record<SpoolKind, string[]> = { event: [], delivery: [], quarantine: [] };
    for (const { lines } of batch) for (const { kind, line } of lines) texts[kind].push(line);
    const lanes = KIND_NAMES.filter((kind) => texts[kind].length > 0).map((kind) => ({
      lane: this.#lanes[kind],
      lines: texts[kind],
    }));
    try {
      for (const { lane, lines } of lanes) {
        lane.write(Buffer.from(`${lines.join("\n")}\n`), lines.length);
      }
      const synced = await Promise.allSettled(lanes.map(({ lane }) => lane.sync()));
      for (const outcome of synced) if (outcome.status === "rejected") throw outcome.reason;
    } catch (cause) {
      for (const { lane } of lanes) lane.undo();
      this.#failedUntil = this.#options.now() + DISK_EVERY_MS;
      this.#options.log.error(
        { error: String(cause) },
        "spool append failed; nothing acknowledged",
      );
      return unavailable("The event could not be written to disk.", cause);
    }
    this.#appendedEvents += texts.event.length;
    for (const { lane } of lanes) lane.keep();
    return "durable";
  }

  admission(): Admission {
    const { limits } = this.#options;
    const code =
      this.#closed || this.#freeBytes < limits.reserveBytes || this.#hasJustFailed()
        ? "SPOOL_UNAVAILABLE"
        : this.#bytes() >= limits.maxBytes
          ? "BACKPRESSURE"
          : undefined;
    return code === undefined
      ? { open: true }
      : { open: false, code, retryAfterS: RETRY_AFTER_S[code] };
  }

  /** Where the clock was set back since, what is left of the pause is longer than the pause was: then it is over. */
  #hasJustFailed(): boolean {
    const leftMs = this.#failedUntil - this.#options.now();
    return leftMs > 0 && leftMs <= DISK_EVERY_MS;
  }

  #segments() {
    return Object.values(this.#lanes).flatMap((lane) => lane.segments());
  }

  #bytes(): number {
    let bytes = this.#waitingBytes;
    for (const segment of this.#segments()) bytes += segment.bytes;
    return bytes;
  }

  stats(): SpoolStats {
    const segments = this.#segments();
    const since = Math.min(...segments.map(({ sinceMs }) => sinceMs));
    return {
      bytes: this.#bytes(),
      files: segments.length,
      oldestMs: segments.length === 0 ? 0 : Math.max(0, this.#options.now() - since),
      appendedEvents: this.#appendedEvents,
      storedEvents: this.#storedEvents,
    };
  }

  async flush(): Promise<void> {
    // Events first: a refused one becomes a row of the quarantine, which must then go too.
    for (const kind of KIND_NAMES) {
      const lane = this.#lanes[kind];
      while (this.#committing !== undefined) await this.#committing;
      lane.seal();
      await lane.sender.drained();
    }
  }

  async #refuse(row: RefusedRow): Promise<void> {
    const { log, now, dir, onRefusedRow } = this.#options;
    if (row.kind === "quarantine") {
      // Nowhere left to set it aside: keep it where a person finds it.
      await this.#files.add(join(dir, "refused.rows"), `${row.line}\n`);
      log.error(
        { detail: row.detail.slice(0, 300) },
        "a quarantine row was refused; see refused.rows",
      );
    } else {
      const line = quarantineLine(row, now());
      while (!this.#closed && !(await this.#appended({ kind: "quarantine", line }))) {
        await new Promise((resolve) => setTimeout(resolve, DISK_EVERY_MS));
      }
    }
    onRefusedRow?.(row);
  }

  #appended(line: SpoolLine): Promise<boolean> {
    return this.append([line]).then(
      () => true,
      () => false,
    );
  }

  async lookAtDisk(): Promise<void> {
    this.#freeBytes = await this.#files.freeBytes(this.#options.dir).catch(() => 0);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearInterval(this.#diskTimer);
    while (this.#committing !== undefined) await this.#committing;
    for (const lane of Object.values(this.#lanes)) await lane.close();
  }
}

function unavailable(words: string, cause?: unknown): AppError {
  return new AppError("SPOOL_UNAVAILABLE", words, { cause });
}
