// Sends sealed files of one kind to ClickHouse, one at a time and in order, until each is there; finds the rows that are refused.
import { AppError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import type { ClickHouse } from "../connect/clickhouse.ts";
import { rowsAtFault } from "../connect/clickhouse-error.ts";
import type { SpoolFiles } from "./files.ts";
import { markSplit, type Segment, segmentPath } from "./segment.ts";

export type SenderParts = {
  ch: ClickHouse;
  files: SpoolFiles;
  table: string;
  columns: readonly string[];
  log: Log;
  /** Sets a row aside; resolves when that is durable. */
  refuse(line: string, detail: string): Promise<void>;
  /** A file is in ClickHouse and still in the spool, where it stays until this has resolved; it may come twice. */
  beforeRemoval?(segment: Segment): Promise<void>;
  /** A file is in ClickHouse and gone from the spool. `stored` rows of it were taken. */
  onStored(segment: Segment, stored: number): void;
  onIdle(): void;
};
export type Sender = {
  push(segment: Segment): void;
  /** Resolves when all that was pushed before is stored; rejects when the sender stops before that. */
  drained(): Promise<void>;
  waiting(): readonly Segment[];
  idle(): boolean;
  /** Ends after the insert at hand; what is left waits for the next start. */
  stop(): Promise<void>;
};

const PAUSES_MS = [100, 200, 500, 1000, 2000, 5000];

export function makeSender(parts: SenderParts): Sender {
  const queue: Segment[] = [];
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  let drains: { last: Segment; done: () => void; failed: (error: Error) => void }[] = [];

  async function run(): Promise<void> {
    for (let segment = queue[0]; segment !== undefined; segment = queue[0]) {
      const stored = await sendSegment(parts, segment, stopping.signal);
      if (stored === undefined) return;
      if (!(await told(parts, segment, stopping.signal))) return;
      parts.files.remove(segmentPath(segment));
      queue.shift();
      parts.onStored(segment, stored);
      const sent = segment;
      for (const drain of drains.filter(({ last }) => last === sent)) drain.done();
      drains = drains.filter(({ last }) => last !== sent);
    }
  }
  function start(): void {
    if (running !== undefined || stopping.signal.aborted) return;
    running = run()
      .catch((error: unknown) => {
        // Files that cannot be read or removed: keep them, say so, try again.
        parts.log.error({ table: parts.table, error: String(error) }, "spool sender failed");
        return pause(1000, stopping.signal);
      })
      .finally(() => {
        running = undefined;
        if (queue.length > 0) start();
        else if (!stopping.signal.aborted) parts.onIdle();
      });
  }
  return {
    push(segment) {
      queue.push(segment);
      start();
    },
    drained() {
      const last = queue.at(-1);
      if (last === undefined) return Promise.resolve();
      return new Promise((done, failed) => drains.push({ last, done, failed }));
    },
    waiting: () => queue,
    idle: () => queue.length === 0,
    async stop() {
      stopping.abort();
      await running;
      const stopped = new AppError("SPOOL_UNAVAILABLE", "The spool closed before all was stored.");
      for (const drain of drains) drain.failed(stopped);
      drains = [];
    },
  };
}

/** Tries until it was heard; false when the sender was stopped before that. */
async function told(
  { beforeRemoval, log, table }: SenderParts,
  segment: Segment,
  stop: AbortSignal,
): Promise<boolean> {
  for (let tried = 0; beforeRemoval !== undefined; tried += 1) {
    if (stop.aborted) return false;
    try {
      await beforeRemoval(segment);
      return true;
    } catch (error) {
      const pauseMs = PAUSES_MS[Math.min(tried, PAUSES_MS.length - 1)] ?? 5000;
      log.warn(
        { table, file: segment.name, pauseMs, error: String(error) },
        "stored events could not be announced; trying again",
      );
      await pause(pauseMs, stop);
    }
  }
  return true;
}

type Range = { from: number; to: number };

/** Sends one file. Gives the rows that were taken, or undefined when the sender was stopped before the end. */
async function sendSegment(
  parts: SenderParts,
  segment: Segment,
  stop: AbortSignal,
): Promise<number | undefined> {
  if (!segment.split) {
    const whole = { from: 0, to: segment.bytes };
    const outcome = await insertRange(parts, segment, { ...whole, token: segment.name }, stop);
    if (outcome === "stopped") return undefined;
    if (outcome === "stored") return segment.rows;
    parts.log.warn(
      { table: parts.table, file: segment.name, rows: segment.rows, detail: outcome.refused },
      "a row was refused; splitting its file to find it",
    );
    await markSplit(parts.files, segment);
    if (segment.rows === 1) return refuseLine(parts, segment, whole, outcome.refused);
  }
  const lines = linesOf(parts.files.read(segmentPath(segment)).subarray(0, segment.bytes));
  return sendHalves(parts, segment, lines, stop);
}

/** Splits again and again: what fits is stored, and single rows that do not are set aside. */
async function sendHalves(
  parts: SenderParts,
  segment: Segment,
  lines: readonly Range[],
  stop: AbortSignal,
): Promise<number | undefined> {
  let stored = 0;
  const middle = Math.ceil(lines.length / 2);
  for (const half of [lines.slice(0, middle), lines.slice(middle)]) {
    const [first, last] = [half[0], half.at(-1)];
    if (first === undefined || last === undefined) continue;
    const range = { from: first.from, to: last.to };
    // The token names the bytes, so that a restart in the middle repeats nothing.
    const token = `${segment.name}:${range.from}-${range.to}`;
    const outcome = await insertRange(parts, segment, { ...range, token }, stop);
    if (outcome === "stopped") return undefined;
    if (outcome === "stored") stored += half.length;
    else if (half.length === 1) await refuseLine(parts, segment, range, outcome.refused);
    else {
      const within = await sendHalves(parts, segment, half, stop);
      if (within === undefined) return undefined;
      stored += within;
    }
  }
  return stored;
}

async function refuseLine(
  parts: SenderParts,
  segment: Segment,
  { from, to }: Range,
  detail: string,
): Promise<number> {
  const line = parts.files.read(segmentPath(segment)).toString("utf8", from, to - 1);
  await parts.refuse(line, detail);
  return 0;
}

/** Tries until ClickHouse took the rows or refused them for good. */
async function insertRange(
  { ch, table, columns, log }: SenderParts,
  segment: Segment,
  { from, to, token }: Range & { token: string },
  stop: AbortSignal,
): Promise<"stored" | "stopped" | { refused: string }> {
  const path = segmentPath(segment);
  for (let tried = 0; !stop.aborted; tried += 1) {
    try {
      await ch.insertFile(table, columns, { path, from, to }, token);
      return "stored";
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error);
      if (rowsAtFault(error)) return { refused: words };
      const pauseMs = PAUSES_MS[Math.min(tried, PAUSES_MS.length - 1)] ?? 5000;
      const level = tried < 3 ? "debug" : "warn";
      log[level](
        { table, file: token, tried: tried + 1, pauseMs, error: words },
        "insert failed; trying again",
      );
      await pause(pauseMs, stop);
    }
  }
  return "stopped";
}

function linesOf(content: Buffer): Range[] {
  const lines: Range[] = [];
  for (let from = 0; from < content.length; ) {
    const end = content.indexOf(0x0a, from);
    const to = end === -1 ? content.length : end + 1;
    lines.push({ from, to });
    from = to;
  }
  return lines;
}

function pause(ms: number, stop: AbortSignal): Promise<void> {
  if (stop.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(end, ms);
    function end() {
      clearTimeout(timer);
      stop.removeEventListener("abort", end);
      resolve();
    }
    stop.addEventListener("abort", end);
  });
}
