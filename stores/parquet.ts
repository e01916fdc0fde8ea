// Reads a Parquet file, row by row, with the embedded engine in a child process of its own. Stores nothing.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { AppError } from "../core/errors.ts";
import { nodePath } from "./connect/embedded/node-path.ts";

const Head = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string() })),
  rows: z.number(),
});
const Texts = z.array(z.string().nullable());

export type ParquetRows<Row> = {
  columns: readonly string[];
  /** How many there are. */
  count: number;
  rows: AsyncIterable<Row>;
  close(): void;
};

/** Every cell as text, absent ones as "". See rowsSql. Throws REQUEST_INVALID where the file is no Parquet. */
export function openParquetTexts(path: string): Promise<ParquetRows<string[]>> {
  return open(path, "texts", (line) => Texts.parse(JSON.parse(line)).map((cell) => cell ?? ""));
}

/** Rows as objects by column, absent cells without a key. Throws REQUEST_INVALID where the file is no Parquet. */
export function openParquetObjects(path: string): Promise<ParquetRows<Record<string, unknown>>> {
  return open(path, "events", (line) => {
    const row = Object.entries(JSON.parse(line) as Record<string, unknown>);
    return Object.fromEntries(row.filter(([, value]) => value !== null));
  });
}

async function open<Row>(
  path: string,
  as: "texts" | "events",
  read: (line: string) => Row,
): Promise<ParquetRows<Row>> {
  const folder = mkdtempSync(join(tmpdir(), "tillwatch-parquet-"));
  const file = fileURLToPath(new URL("./connect/embedded/parquet-child.ts", import.meta.url));
  const start = JSON.stringify({ path: resolve(path), folder, as });
  const child = spawn(nodePath(process.execPath, process.version), [file, start], {
    // As for the service's engine: SQL can read the environment, so nothing of ours is in it.
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "UTC", UV_THREADPOOL_SIZE: "8" },
    stdio: ["ignore", "pipe", "ignore"],
    cwd: folder,
  });
  const close = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  child.once("close", close);
  const lines = createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY });
  const iterator = lines[Symbol.asyncIterator]();
  const said = async () => {
    const { value, done } = await iterator.next();
    if (done) throw unreadable("it broke off");
    const line = String(value);
    if (line.startsWith("fault ")) throw unreadable(line.slice(6));
    return line;
  };
  async function* rows(): AsyncGenerator<Row> {
    try {
      for (let line = await said(); line !== "end"; line = await said()) {
        if (line !== "") yield read(line);
      }
    } finally {
      close();
    }
  }
  let first = await said();
  if (first === "") first = await said();
  const head = Head.parse(JSON.parse(first));
  return { columns: head.columns.map(({ name }) => name), count: head.rows, rows: rows(), close };
}

function unreadable(words: string): AppError {
  const plain = /Not a Parquet file|wrong magic/.test(words)
    ? "it is no Parquet file"
    : words.replace(/^Code: \d+\. DB::Exception: /, "").slice(0, 300);
  return new AppError("REQUEST_INVALID", `The file cannot be read as Parquet: ${plain}.`);
}
