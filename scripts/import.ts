// The command line that brings history in: CSV or Parquet with a mapping, or our own events, through the service's door.
import { accessSync, constants } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { AppError } from "../core/errors.ts";
import { detectHistory } from "./import/detect.ts";
import { type ImportSums, importFile, type Outcome } from "./import/import-file.ts";
import { type Mapping, readMapping } from "./import/mapping.ts";
import { mappingText, readyMappings } from "./import/ready-mappings.ts";
import { reportText } from "./rules/backtest-text.ts";
import { postEvents } from "./simulate/post-events.ts";

const HELP = `Usage: npm run --silent import -- FILE (--mapping NAME|FILE.yml | --events) --key - [--url http://localhost:8080]
       npm run --silent import -- mappings      the ready mappings
  --mapping NAME|FILE.yml   a ready mapping or one of yours: the file is CSV, or Parquet (FILE.parquet); which columns become which fields (scripts/import/README.md)
  --set NAME=VALUE     what a mapping asks for, such as zone=Europe/London; several times
  --events             the file holds our own events: NDJSON, or Parquet with a column for each field (--ndjson says the same)
  --key -              an API key with events:write, read from standard input
  --detect             says what the rules find in the file's span, by event time: a report, no alert and no mail;
                       the key needs alerts:read and alerts:write too
  --dry-run            says what would be refused, and sends nothing; needs no key
  --encoding NAME      of the file: utf-8 (the default), windows-1252, utf-16le …
  --json               one JSON value on standard output
A run that was stopped goes on where it stopped; rows that were in already are duplicates and change nothing.
Exit: 0 all taken, 1 some refused or a mistake, 2 wrong use.`;

class WrongUse extends Error {}
const say = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      mapping: { type: "string" },
      set: { type: "string", multiple: true, default: [] },
      events: { type: "boolean", default: false },
      ndjson: { type: "boolean", default: false },
      key: { type: "string" },
      url: { type: "string", default: "http://localhost:8080" },
      detect: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      encoding: { type: "string", default: "utf-8" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const [path, more] = positionals;
  if (path === "mappings" && more === undefined) return listMappings(values.json);
  if (path === undefined || more !== undefined) throw new WrongUse("Name one file.");
  checkKind(values.mapping, values.events || values.ndjson);
  const dryRun = values["dry-run"];
  const key = values.key === "-" ? (await text(process.stdin)).trim() : (values.key ?? "");
  if (!dryRun && key === "") throw new WrongUse("--key - is needed, or --dry-run.");
  const sums = await importFile({
    ...{
      path: readable(path),
      kind: kindOf(path),
      dryRun,
      encoding: values.encoding,
      now: Date.now,
    },
    target: `${values.url} ${key}`,
    mapping: mappingOf(values.mapping, values.set),
    post: (events) => post(events, { url: values.url, key, stored: values.detect }),
    onProgress: progress(),
    onRefused: (line, why) => say(`${kindOf(path) === "parquet" ? "row" : "line"} ${line}: ${why}`),
  });
  if (!values.json) say(wordsOf(sums, dryRun));
  const found = values.detect && !dryRun ? await detect(sums, { url: values.url, key }) : undefined;
  if (values.json) console.log(JSON.stringify({ dry_run: dryRun, ...sums, ...found }));
  return sums.refused > 0 ? 1 : 0;
}

function checkKind(mapping: string | undefined, ours: boolean): void {
  if ((mapping === undefined) !== ours) {
    throw new WrongUse("Say what the file is: --mapping NAME, --mapping FILE.yml or --events.");
  }
}

function readable(path: string): string {
  try {
    accessSync(path, constants.R_OK);
    return path;
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
}

const kindOf = (path: string) => (/\.parquet$/i.test(path) ? "parquet" : "lines");

function mappingOf(named: string | undefined, set: readonly string[]): Mapping | null {
  return named === undefined ? null : readMapping(mappingText(named), answers(set));
}

function listMappings(json: boolean): number {
  const all = readyMappings();
  if (json) console.log(JSON.stringify(all));
  for (const { name, about, ask } of json ? [] : all) {
    console.log(`${name.padEnd(22)}${about}`);
    for (const [asked, why] of Object.entries(ask))
      console.log(`${" ".repeat(22)}--set ${asked}=…  ${why}`);
  }
  return 0;
}

function answers(set: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    set.map((one) => {
      const at = one.indexOf("=");
      if (at < 1) throw new WrongUse(`--set ${one}: it is NAME=VALUE.`);
      return [one.slice(0, at), one.slice(at + 1)];
    }),
  );
}

async function post(
  events: readonly object[],
  { url, key, stored }: { url: string; key: string; stored: boolean },
): Promise<readonly Outcome[]> {
  if (events.length === 0) return [];
  const answer = await postEvents(
    events.map((draft) => ({ draft })),
    {
      ...{ url, key, stored, fetch, sleep },
      onWait: (status, waitMs) => say(`${status}: the service is asked again in ${waitMs} ms`),
    },
  );
  return (JSON.parse(answer) as { outcomes: Outcome[] }).outcomes;
}

async function detect({ span }: ImportSums, { url, key }: { url: string; key: string }) {
  if (span === null) return undefined;
  const tell = everyTwoSeconds();
  const found = await detectHistory({
    ...{ url, key, span, fetch, sleep },
    onProgress: (progress, doing) =>
      tell(() => `detection ${Math.round(progress * 100)} %: ${doing}`),
  });
  say(`History, no alert and no mail (backtest ${found.backtest}):\n${reportText(found.report)}`);
  return found;
}

function everyTwoSeconds(): (line: () => string) => void {
  let toldAt = Date.now();
  return (line) => {
    if (Date.now() - toldAt < 2000) return;
    toldAt = Date.now();
    say(line());
  };
}

function progress(): (share: number, sums: ImportSums) => void {
  const tell = everyTwoSeconds();
  return (share, { rows, refused }) =>
    tell(() => `${Math.round(share * 100)} %: ${rows} rows, ${refused} refused`);
}

function wordsOf(sums: ImportSums, dryRun: boolean): string {
  const { rows, accepted, duplicate, refused, left_out, skipped } = sums;
  const would = dryRun ? "would be taken (nothing was sent)" : "taken";
  const before = skipped > 0 ? ` ${skipped} rows of an earlier run were skipped.` : "";
  return `${rows} rows: ${accepted} ${would}, ${duplicate} were in already, ${refused} refused, ${left_out} left out by the mapping.${before}`;
}

try {
  process.exitCode = await main();
} catch (error) {
  const wrongUse =
    error instanceof WrongUse || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  if (!wrongUse && !(error instanceof AppError)) throw error;
  say((error as Error).message);
  if (wrongUse) say(HELP);
  process.exitCode = wrongUse ? 2 : 1;
}
