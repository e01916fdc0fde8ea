// The tables of docs/clocks.md: whom to tell by when, with where each row comes from.
import { readClockFiles } from "../../playbooks/clocks/catalogue.ts";
import type { ClockRow } from "../../playbooks/clocks/clock-row.ts";
import { table } from "./markers.ts";

const SURE: Record<ClockRow["confidence"], string> = {
  A: "the primary text",
  "A-": "the primary text, as republished",
  B: "a secondary source",
  C: "general knowledge",
};

export function clocksTable(): string {
  const parts = readClockFiles().map(
    ({ title, rows }) => `### ${title}\n\n${table(HEAD, rows.map(cells))}`,
  );
  return parts.join("\n\n");
}

const HEAD = [
  "id",
  "who is told",
  "by when",
  "from",
  "threshold",
  "may wait for police",
  "source",
  "as of",
  "how sure",
];

function cells(row: ClockRow): string[] {
  const { id, told, start_event, threshold, hold, source, as_of, confidence, unchecked } = row;
  const sure = `${SURE[confidence]}${unchecked ? "; **unchecked**" : ""}`;
  return [
    `\`${id}\``,
    told,
    deadline(row),
    start_event,
    threshold,
    hold,
    source.join(" "),
    as_of,
    sure,
  ];
}

function deadline({ deadline: span, our_target: ours, says }: ClockRow): string {
  if (span !== undefined) return says;
  return ours === undefined
    ? says
    : `${says} (our goal: ${ours.amount} ${ours.unit.replace("_", " ")})`;
}

export function sourcesList(): string {
  const sources = new Map(readClockFiles().flatMap((file) => Object.entries(file.sources)));
  const number = (name: string) => Number(name.slice(1)) || 1_000;
  return [...sources]
    .sort(([a], [b]) => number(a) - number(b))
    .map(([name, text]) => `- **${name}**: ${text}`)
    .join("\n");
}
