// Brings a file of history through the service's own door, batch by batch, and remembers how far it came.
import { createHash } from "node:crypto";
import {
  closeSync,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from "node:fs";
import { checkEvent } from "../../core/check-event.ts";
import { parseIsoTime } from "../../core/time.ts";
import { type Item, openItems, type Readable } from "./read-items.ts";

export type ImportOptions = Readable & {
  dryRun: boolean;
  /** Whose history it is and where it goes: a cursor of another target is not this run's. */
  target: string;
  /** Sends events, or throws; out: one outcome each. */
  post(events: readonly object[]): Promise<readonly Outcome[]>;
  onProgress(share: number, sums: ImportSums): void;
  /** A row that was not taken. */
  onRefused(line: number, why: string): void;
  now: () => number;
};

export type Outcome = { outcome: string; reason?: string | undefined; detail?: string | undefined };
export type ImportSums = {
  rows: number;
  accepted: number;
  duplicate: number;
  refused: number;
  left_out: number;
  /** Lines that an earlier run had brought in. */
  skipped: number;
  /** UTC ms of the first and last event of the file, also of an earlier run. */
  span: { from: number; to: number } | null;
};

const BATCH = 500;

/** Throws REQUEST_INVALID for a file that cannot be read as said; what was sent until then stays sent, and a next run goes on behind it. */
export async function importFile(options: ImportOptions): Promise<ImportSums> {
  const sums: ImportSums = {
    ...{ rows: 0, accepted: 0, duplicate: 0, refused: 0, left_out: 0, skipped: 0 },
    span: null,
  };
  const cursor = openCursor(options);
  const source = await openItems(options);
  let batch: Item[] = [];
  const send = async () => {
    if (batch.length === 0) return;
    await sendBatch(batch, options, sums);
    const last = batch.at(-1)?.line ?? 0;
    if (!options.dryRun) cursor.save(last);
    batch = [];
    options.onProgress(Math.min(1, source.share()), sums);
  };
  for await (const item of source.items) {
    sums.span = widened(sums.span, item);
    if (item.line <= cursor.line) {
      sums.skipped += 1;
      continue;
    }
    sums.rows += 1;
    batch.push(item);
    if (batch.length >= BATCH) await send();
  }
  await send();
  options.onProgress(1, sums);
  return sums;
}

function widened(span: ImportSums["span"], { event }: Item): ImportSums["span"] {
  if (typeof event !== "object" || event === null) return span;
  const ts = typeof event.ts === "string" ? parseIsoTime(event.ts) : Number(event.ts);
  if (ts === undefined || !Number.isSafeInteger(ts)) return span;
  return { from: Math.min(span?.from ?? ts, ts), to: Math.max(span?.to ?? ts, ts) };
}

async function sendBatch(
  batch: readonly Item[],
  options: ImportOptions,
  sums: ImportSums,
): Promise<void> {
  const good: { line: number; event: object }[] = [];
  const refuse = (line: number, why: string) => {
    sums.refused += 1;
    options.onRefused(line, why);
  };
  for (const { line, event } of batch) {
    if (event === null) sums.left_out += 1;
    else if (typeof event === "string") refuse(line, event);
    else good.push({ line, event });
  }
  const outcomes = options.dryRun
    ? good.map(({ event }) => dryOutcome(event, options.now()))
    : await options.post(good.map(({ event }) => event));
  for (const [nth, { line }] of good.entries()) {
    const { outcome, reason, detail } = outcomes[nth] ?? { outcome: "no answer" };
    if (outcome === "accepted" || outcome === "duplicate") sums[outcome] += 1;
    else refuse(line, [reason, detail].filter((word) => word !== undefined).join(": ") || outcome);
  }
}

/** What the door's check will say; what is a duplicate only the service knows. */
function dryOutcome(event: object, nowMs: number): Outcome {
  const merchantId = (event as { merchant_id?: unknown }).merchant_id;
  const checked = checkEvent(event, {
    nowMs,
    merchantId: typeof merchantId === "string" ? merchantId : "",
  });
  return checked.ok ? { outcome: "accepted" } : { outcome: "refused", ...checked };
}

function startOf(path: string): Buffer {
  const bytes = Buffer.alloc(65_536);
  const file = openSync(path, "r");
  try {
    return bytes.subarray(0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

/** How far an earlier run of this very file, mapping and target came, beside the file. */
function openCursor({ path, mapping, target }: ImportOptions): {
  line: number;
  save(line: number): void;
} {
  const place = `${path}.cursor.json`;
  const head = createHash("sha256").update(JSON.stringify([target, mapping]));
  head.update(startOf(path));
  const of = head.digest("hex");
  let line = 0;
  if (existsSync(place)) {
    try {
      const kept = JSON.parse(readFileSync(place, "utf8")) as { of?: string; line?: number };
      if (kept.of === of && Number.isSafeInteger(kept.line)) line = Number(kept.line);
    } catch {
      // Cut off while it was written: begin again, ids make that harmless.
    }
  }
  return {
    line,
    save(last) {
      writeFileSync(`${place}.new`, JSON.stringify({ of, line: last }));
      renameSync(`${place}.new`, place);
    },
  };
}
