// The copy of findings in ClickHouse, for history and dashboards. The truth is in Postgres.

import type { Finding } from "../core/finding.ts";
import { contentId } from "../core/ids.ts";
import type { ClickHouse } from "./connect/clickhouse.ts";

type Cell = { column: string; of: (finding: Finding) => unknown };
const same = (column: keyof Finding): Cell => ({ column, of: (finding) => finding[column] });
const CELLS: readonly Cell[] = [
  same("merchant_id"),
  same("ts"),
  same("id"),
  same("detection"),
  same("rule"),
  same("rule_version"),
  same("title"),
  same("level"),
  same("subject"),
  { column: "group_values", of: (finding) => finding.group },
  same("value"),
  same("threshold"),
  same("amount"),
  same("currency"),
  same("explanation"),
  same("counterfactual"),
  same("store_id"),
  same("terminal_id"),
  same("cashier_id"),
  { column: "event_ids", of: (finding) => finding.evidence.map((event) => event.event_id) },
  same("event_count"),
  same("late"),
];
const FINDING_COLUMNS = CELLS.map((cell) => cell.column);

function wellFormed(_: string, value: unknown): unknown {
  return typeof value === "string" ? value.toWellFormed() : value;
}

/** Copies findings. A finding that is there already changes nothing. Throws STORE_UNAVAILABLE while ClickHouse is away. */
export async function copyFindings(ch: ClickHouse, findings: readonly Finding[]): Promise<void> {
  if (findings.length === 0) return;
  const rows = findings.map((finding) =>
    JSON.stringify(
      CELLS.map((cell) => cell.of(finding)),
      wellFormed,
    ),
  );
  const token = `findings:${contentId(...findings.map((finding) => finding.id))}`;
  await ch.insertFile("findings", FINDING_COLUMNS, { rows: `${rows.join("\n")}\n` }, token);
}
