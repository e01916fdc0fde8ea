// A file as items, one by one: CSV, NDJSON or Parquet; each is an event of our own format or says why it is none.
import { createReadStream, statSync } from "node:fs";
import { TextDecoder } from "node:util";
import { AppError } from "../../core/errors.ts";
import { openParquetObjects, openParquetTexts } from "../../stores/parquet.ts";
import { checkColumns, type Mapped, type Mapping, mapRow } from "./mapping.ts";
import { readCsv } from "./read-csv.ts";

/** The line or row, and the event that it became; a text says why it became none. */
export type Item = { line: number; event: Mapped };

export type Readable = {
  path: string;
  kind: "lines" | "parquet";
  /** Null: the file holds our own events: NDJSON, or Parquet with a column for each field. */
  mapping: Mapping | null;
  /** Of lines. */
  encoding: string;
};

/** `share`: how much of the file has been read, 0 to 1. */
type Items = { items: AsyncIterable<Item>; share(): number };

/** Throws REQUEST_INVALID where the file is not what it should be, or has not the columns that the mapping names. */
export async function openItems(options: Readable): Promise<Items> {
  if (options.kind === "parquet") return parquetItems(options);
  return options.mapping === null ? jsonItems(options) : csvItems(options, options.mapping);
}

async function parquetItems({ path, mapping }: Readable): Promise<Items> {
  const file = mapping === null ? await openParquetObjects(path) : await openParquetTexts(path);
  let row = 0;
  if (mapping !== null) {
    try {
      checkColumns(mapping, file.columns);
    } catch (error) {
      file.close();
      throw error;
    }
  }
  async function* items(): AsyncGenerator<Item> {
    for await (const cells of file.rows) {
      row += 1;
      const event =
        mapping !== null && Array.isArray(cells)
          ? csvEvent(mapping, file.columns, cells)
          : (cells as Record<string, string>);
      yield { line: row, event };
    }
  }
  return { items: items(), share: () => row / Math.max(1, file.count) };
}

function jsonItems({ path, encoding }: Readable): Items {
  const text = textOf(path, encoding);
  async function* items(): AsyncGenerator<Item> {
    let line = 0;
    for await (const row of linesOf(text.chunks)) {
      line += 1;
      if (row.trim() === "") continue;
      yield { line, event: jsonEvent(row) };
    }
  }
  return { items: items(), share: text.share };
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

function csvItems({ path, encoding }: Readable, mapping: Mapping): Items {
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
  return { items: items(), share: text.share };
}

function csvEvent(mapping: Mapping, header: readonly string[], cells: readonly string[]): Mapped {
  if (cells.length > header.length) {
    return `${cells.length} cells under ${header.length} columns: is a quote or separator missing?`;
  }
  return mapRow(mapping, Object.fromEntries(header.map((name, nth) => [name, cells[nth] ?? ""])));
}

/** The file as text, bytes that are not in the encoding refused with their place. */
function textOf(
  path: string,
  encoding: string,
): { chunks: AsyncIterable<string>; share(): number } {
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
  const size = Math.max(1, statSync(path).size);
  return { chunks: chunks(), share: () => read / size };
}

function decoded(decoder: TextDecoder, bytes: Buffer | undefined, at: number): string {
  try {
    return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
  } catch {
    const words = `Behind byte ${at} the file is not ${decoder.encoding}: name its --encoding, such as windows-1252 or utf-16le.`;
    throw new AppError("REQUEST_INVALID", words);
  }
}
