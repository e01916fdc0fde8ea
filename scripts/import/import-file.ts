// Brings a file of history through the service's own door, batch by batch, and remembers how far it came.
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { TextDecoder } from "node:util";
import { checkEvent } from "../../core/check-event.ts";
import { AppError } from "../../core/errors.ts";
import { checkColumns, type Mapped, type Mapping, mapRow } from "./mapping.ts";
import { readCsv } from "./read-csv.ts";

/** Where a record stood, and the event that it became; a text says why it became none. */
type Item = { line: number; event: Mapped };

export type ImportOptions = {
  path: string;
  /** Null: the file is NDJSON of our own events. */
  mapping: Mapping | null;
  encoding: string;
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
};

const BATCH = 500;

/** Throws REQUEST_INVALID for a file that cannot be read as said; what was sent until then stays sent, and a next run goes on behind it. */
export async function importFile(options: ImportOptions): Promise<ImportSums> {
  const sums = { rows: 0, accepted: 0, duplicate: 0, refused: 0, left_out: 0, skipped: 0 };
  const size = Math.max(1, statSync(options.path).size);
  const cursor = openCursor(options);
  const source = options.mapping === null ? jsonItems(options) : csvItems(options, options.mapping);
  let batch: Item[] = [];
  const send = async () => {
    if (batch.length === 0) return;
    await sendBatch(batch, options, sums);
    const last = batch.at(-1)?.line ?? 0;
    if (!options.dryRun) cursor.save(last);
    batch = [];
    options.onProgress(Math.min(1, source.read() / size), sums);
  };
  for await (const item of source.items) {
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

type Items = { items: AsyncIterable<Item>; read(): number };

function jsonItems({ path, encoding }: ImportOptions): Items {
  const text = textOf(path, encoding);
  async function* items(): AsyncGenerator<Item> {
    let line = 0;
    for await (const row of linesOf(text.chunks)) {
      line += 1;
      if (row.trim() === "") continue;
      yield { line, event: jsonEvent(row) };
    }
  }
  return { items: items(), read: text.read };
}

function jsonEvent(row: string): Mapped {
  try {
    const value: unknown = JSON.parse(row);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, string>;
    }
    return "an event is a JSON object.";
  } catch {
    return "it is not JSON.";
  }
}

async function* linesOf(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) yield line.replace(/\r$/, "");
  }
  if (rest !== "") yield rest;
}

function csvItems({ path, encoding }: ImportOptions, mapping: Mapping): Items {
  const text = textOf(path, encoding);
  async function* items(): AsyncGenerator<Item> {
    let header: string[] | undefined;
    for await (const { line, cells } of readCsv(text.chunks, mapping.separator)) {
      if (header === undefined) {
        header = cells.map((cell) => cell.trim());
        checkColumns(mapping, header);
        continue;
      }
      yield { line, event: csvEvent(mapping, header, cells) };
    }
    if (header === undefined) throw new AppError("REQUEST_INVALID", "The file is empty.");
  }
  return { items: items(), read: text.read };
}

function csvEvent(mapping: Mapping, header: readonly string[], cells: readonly string[]): Mapped {
  if (cells.length > header.length) {
    return `${cells.length} cells under ${header.length} columns: is a quote or separator missing?`;
  }
  return mapRow(mapping, Object.fromEntries(header.map((name, nth) => [name, cells[nth] ?? ""])));
}

/** The file as text, bytes that are not in the encoding refused with their place; `read`: how many bytes so far. */
function textOf(path: string, encoding: string): { chunks: AsyncIterable<string>; read(): number } {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch {
    throw new AppError("REQUEST_INVALID", `"${encoding}" is no encoding that is known here.`);
  }
  let read = 0;
  async function* chunks(): AsyncGenerator<string> {
    for await (const bytes of createReadStream(path) as AsyncIterable<Buffer>) {
      yield decoded(decoder, bytes, read);
      read += bytes.length;
    }
    yield decoded(decoder, undefined, read);
  }
  return { chunks: chunks(), read: () => read };
}

function decoded(decoder: TextDecoder, bytes: Buffer | undefined, at: number): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    const words = `Behind byte ${at} the file is not ${decoder.encoding}: name its --encoding, such as windows-1252 or utf-16le.`;
    throw new AppError("REQUEST_INVALID", words);
  }
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
