// Parquet through the same door as CSV, read by an engine of the importer's own.
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { importFile, type Outcome } from "./import-file.ts";
import { readMapping } from "./mapping.ts";

const ROWS = 1_200;
const NOW = Date.UTC(2026, 10, 25);
let folder: string;

/** Writes a file as another program would. In a process of its own: an engine that was opened ends its process badly. */
function write(name: string, select: string, compression = "zstd"): void {
  const sql = `${select} INTO OUTFILE '${join(folder, name)}' FORMAT Parquet SETTINGS output_format_parquet_compression_method = '${compression}'`;
  const code = `import { Session } from "chdb"; new Session(${JSON.stringify(join(folder, "engine"))}).query(${JSON.stringify(sql)}); process.kill(process.pid, "SIGKILL");`;
  const ran = spawnSync(process.execPath, ["--input-type=module", "-e", code], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  if (!existsSync(join(folder, name))) throw new Error(ran.stderr);
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tillwatch-parquet-test-"));
  const sales = `SELECT 'r' || toString(number) AS Receipt, if(number = 7, 'Exchange', 'Sale') AS Kind,
    toDateTime64('2026-07-01 11:30:00', 3, 'UTC') + toIntervalSecond(number) AS At,
    CAST(number + 0.5 AS Decimal(12, 2)) AS Total, if(number % 2 = 0, NULL, 'note 4111 1111 1111 1111') AS Note
    FROM numbers(${ROWS})`;
  write("sales.parquet", sales);
  write("snappy.parquet", `${sales} LIMIT 3`, "snappy");
  write("gzip.parquet", `${sales} LIMIT 3`, "gzip");
  write(
    "events.parquet",
    `SELECT 'e' || toString(number) AS event_id, 'sale' AS event_type,
     toDateTime64('2026-07-01 11:30:00', 3, 'UTC') AS ts, toInt64(1250) AS amount, 'EUR' AS currency,
     CAST(NULL AS Nullable(String)) AS sale_id, map('loyalty', 'gold') AS attributes FROM numbers(3)`,
  );
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const mapping = readMapping(`
event_id: [Receipt]
fields:
  event_type: { column: Kind, values: { Sale: sale } }
  ts: At
  currency: { value: EUR }
  amount: Total
  sale_id: Receipt
`);

function door() {
  const taken = new Map<string, object>();
  return {
    taken,
    calls: 0,
    failAfter: Number.POSITIVE_INFINITY,
    async post(events: readonly object[]): Promise<readonly Outcome[]> {
      this.calls += 1;
      if (this.calls > this.failAfter) throw new Error("cut off");
      return events.map((event) => {
        const { event_id } = event as { event_id: string };
        const outcome = taken.has(event_id) ? "duplicate" : "accepted";
        taken.set(event_id, event);
        return { outcome };
      });
    },
  };
}

function run(name: string, at: ReturnType<typeof door>, change: object = {}) {
  const refused: string[] = [];
  const shares: number[] = [];
  const done = importFile({
    ...{ path: join(folder, name), kind: "parquet", mapping, encoding: "utf-8", target: "a" },
    ...{ dryRun: false, now: () => NOW },
    post: (events) => at.post(events),
    onProgress: (share) => shares.push(share),
    onRefused: (row, why) => refused.push(`${row}: ${why}`),
    ...change,
  });
  return { done, refused, shares };
}

describe("a Parquet file", () => {
  it("goes in once in its own order; a cut run goes on where it was, a second run is nothing new", async () => {
    const at = door();
    at.failAfter = 1;
    await expect(run("sales.parquet", at).done).rejects.toThrow("cut off");
    at.failAfter = Number.POSITIVE_INFINITY;
    const second = run("sales.parquet", at);
    expect(await second.done).toMatchObject({ skipped: 500, accepted: ROWS - 500, refused: 0 });
    expect(second.shares.at(0)).toBeCloseTo(1000 / ROWS, 1);
    const sales = [...at.taken.values()] as { sale_id: string; ts: number; amount: number }[];
    expect(sales.map(({ sale_id }) => sale_id)).toEqual(
      Array.from({ length: ROWS }, (_, n) => `r${n}`).filter((id) => id !== "r7"),
    );
    expect(sales.find(({ sale_id }) => sale_id === "r3")).toMatchObject({
      amount: 350,
      ts: Date.UTC(2026, 6, 1, 11, 30, 3),
    });
    expect(await run("sales.parquet", at).done).toMatchObject({ skipped: ROWS, rows: 0 });
  }, 60_000);

  it("a dry run sends nothing and names the row that would be refused", async () => {
    const at = door();
    const dry = run("sales.parquet", at, { dryRun: true, target: "dry" });
    expect(await dry.done).toMatchObject({ rows: ROWS, accepted: ROWS - 1, refused: 1 });
    expect(dry.refused).toEqual(['8: event_type: "Exchange" is not among values.']);
    expect(at.calls).toBe(0);
  });

  it("of our own events: times become milliseconds, absent cells absent fields, attributes stay", async () => {
    const at = door();
    expect(await run("events.parquet", at, { mapping: null }).done).toMatchObject({ accepted: 3 });
    expect(at.taken.get("e1")).toEqual({
      ...{ event_id: "e1", event_type: "sale", ts: Date.UTC(2026, 6, 1, 11, 30), amount: 1250 },
      ...{ currency: "EUR", attributes: { loyalty: "gold" } },
    });
  });

  it.each(["snappy", "gzip"])("compressed with %s is read too", async (compression) => {
    const ran = run(`${compression}.parquet`, door());
    expect(await ran.done).toMatchObject({ accepted: 3 });
  });

  it.each([
    ["text.parquet", "Receipt,Total\n1,2\n", "it is no Parquet file"],
    ["cut.parquet", "PAR1 and no more PAR1", "cannot be read as Parquet"],
    ["empty.parquet", "", "cannot be read as Parquet"],
  ])("%s is refused in words", async (name, content, says) => {
    writeFileSync(join(folder, name), content);
    await expect(run(name, door()).done).rejects.toThrow(says);
  });

  it("a mapping of other columns is refused, with the columns that there are", async () => {
    const other = readMapping(
      "event_id: [Recipt]\nfields: { event_type: { value: sale }, ts: At }",
    );
    await expect(run("snappy.parquet", door(), { mapping: other }).done).rejects.toThrow(
      /no column "Recipt" Did you mean "Receipt"[\s\S]*It has: Receipt, Kind, At, Total, Note/,
    );
  });
});
