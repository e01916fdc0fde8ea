// ClickHouse behind `rules -- match --engine sql`: events go into a table in batches, rules become a few long statements.
import { createReadStream, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { readConfig } from "../../core/config.ts";
import { silentLog } from "../../core/log.ts";
import { agrees } from "../../detectors/engine/match/matcher.ts";
import { flattenEvent } from "../../detectors/engine/sigma.ts";
import { type ForeignTable, foreignTable } from "../../detectors/engine/sql/foreign-table.ts";
import { type ClickHouse, openClickHouse } from "../../stores/connect/clickhouse.ts";
import { type MatchEngine, readEvent } from "./match-engine.ts";

const BATCH = 5000;
const TABLE = "foreign_events";
type Waiting = { line: number; event: object | undefined };

export const matchSql: MatchEngine = async function* ({
  rules,
  events,
  logsource,
  lists,
  complain,
}) {
  const meant = rules.filter(
    ({ plan }) => logsource === undefined || agrees(plan.logsource, logsource),
  );
  const table = foreignTable(
    TABLE,
    meant.map(({ plan }) => plan),
    lists,
  );
  const folder = mkdtempSync(join(tmpdir(), "tillwatch-match-"));
  const ch = await openClickHouse(
    readConfig({ TILLWATCH_DATA: folder }, () => ""),
    silentLog,
  );
  try {
    await ch.command(table.create);
    // Not before: lines that come while nobody listens are lost.
    const lines = createInterface({
      input: createReadStream("", { fd: events, highWaterMark: 1 << 20 }),
      crlfDelay: Number.POSITIVE_INFINITY,
    });
    let line = 0;
    let batch: Waiting[] = [];
    for await (const text of lines) {
      line += 1;
      if (text.trim() === "") continue;
      const event = readEvent(text);
      if (typeof event === "string") complain(line, event);
      batch.push({ line, event: typeof event === "string" ? undefined : event });
      if (batch.length < BATCH) continue;
      yield* matchBatch(ch, { table, batch, refs: meant.map(({ ref }) => ref) });
      batch = [];
    }
    yield* matchBatch(ch, { table, batch, refs: meant.map(({ ref }) => ref) });
  } finally {
    await ch.close();
    rmSync(folder, { recursive: true, force: true });
  }
};

async function* matchBatch(
  ch: ClickHouse,
  {
    table,
    batch,
    refs,
  }: { table: ForeignTable; batch: readonly Waiting[]; refs: readonly string[] },
): AsyncGenerator<{ event: number; rules: readonly string[] }> {
  const met = new Map<number, number[]>();
  const rows = batch.flatMap(({ line, event }) =>
    event === undefined ? [] : [`${table.row(line, flattenEvent(event))}\n`],
  );
  if (rows.length > 0) {
    await ch.command(`TRUNCATE TABLE ${TABLE}`);
    const token = `match-${batch[0]?.line}`;
    await ch.insertFile(TABLE, table.columns, { rows: rows.join("") }, token);
    for (const statement of table.statements) {
      for (const { n, m } of await ch.query<{ n: number; m: number[] }>("*", statement)) {
        met.set(n, [...(met.get(n) ?? []), ...m]);
      }
    }
  }
  for (const { line } of batch) {
    const places = (met.get(line) ?? []).sort((a, b) => a - b);
    yield { event: line, rules: places.map((place) => refs[place] ?? "") };
  }
}
