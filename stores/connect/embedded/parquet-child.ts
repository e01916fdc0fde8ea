// A child process of an importer's own that reads one Parquet file with the engine: first its columns, then its rows, to stdout, and at last `end`
// or `fault` and why. The service's engine and data folder are not touched.
import { Session } from "chdb";
import { type Column, describeSql, rowsSql } from "../../parquet-sql.ts";
import { errorText } from "./engine-error.ts";

/** One argument, JSON. `folder`: an empty one for the engine. */
export type ParquetStart = { path: string; folder: string; as: "texts" | "events" };

async function main(): Promise<void> {
  const { path, folder, as } = JSON.parse(process.argv[2] ?? "") as ParquetStart;
  const session = new Session(folder);
  const columns = session
    .query(describeSql(path), "JSONEachRow")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Column);
  const rows = Number(session.query(`SELECT count() FROM (${rowsSql(path, columns, as)})`, "TSV"));
  await write(`${JSON.stringify({ columns, rows })}\n`);
  const format = as === "texts" ? "JSONCompactEachRow" : "JSONEachRow";
  const stream = session.queryStream(rowsSql(path, columns, as), { format });
  for await (const chunk of stream) await write(chunk.raw());
}

/** Waits while the reader is slower than the engine. */
function write(bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

// The importer is gone: nobody reads on.
process.stdout.on("error", () => process.kill(process.pid, "SIGKILL"));
try {
  await main();
  await write("end\n");
} catch (error) {
  await write(`\nfault ${errorText(error).replaceAll("\n", " ").slice(0, 1000)}\n`);
}
// All is written; exit handlers of the engine could hang.
process.kill(process.pid, "SIGKILL");
