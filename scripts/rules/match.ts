// `rules -- match`: which Sigma rules each event of a file matches; any rules, any JSON events.
import { openSync, readFileSync } from "node:fs";
import type { Logsource } from "../../detectors/engine/plan.ts";
import { faultText, loadSigma, type SigmaRule } from "../../detectors/engine/sigma.ts";
import type { Lists } from "../../detectors/engine/sql/leaf-sql.ts";
import type { MatchEngine } from "./match-engine.ts";
import { matchLive } from "./match-live.ts";
import { matchSql } from "./match-sql.ts";
import { type Flags, filesOf, neededFlag, say, textFlag, type Verb, WrongUse } from "./verb.ts";

const ENGINES: Readonly<Record<string, MatchEngine>> = { live: matchLive, sql: matchSql };

export const match: Verb = {
  usage:
    "match --rules DIR --events FILE   ids of the Sigma rules that each event of an NDJSON file matches; any fields,\n" +
    "                                    --logsource category=…,product=…,service=…, --engine live or sql, FILE - is standard input,\n" +
    "                                    --list NAME=FILE gives %NAME% its values, one a line; again for more",
  options: {
    engine: { type: "string" },
    logsource: { type: "string" },
    list: { type: "string", multiple: true },
  },
  async run(_, flags) {
    const engineName = textFlag(flags, "engine") ?? "live";
    const engine = Object.hasOwn(ENGINES, engineName) ? ENGINES[engineName] : undefined;
    if (engine === undefined) {
      const known = Object.keys(ENGINES).join(" or ");
      throw new WrongUse(`--engine is ${known}, not "${engineName}".`);
    }
    const logsource = readLogsource(textFlag(flags, "logsource"));
    const events = openEvents(neededFlag(flags, "events"));
    const lists = readLists(flags.list);
    const rules = loadAll(neededFlag(flags, "rules"), new Set(lists.keys()));
    if (rules.length === 0) {
      say("No rule could be loaded.");
      return 1;
    }
    let wrong = 0;
    const complain = (line: number, message: string) => {
      wrong += 1;
      say(`line ${line}: ${message}`);
    };
    for await (const matched of engine({ rules, events, logsource, lists, complain })) {
      await write(`${JSON.stringify(matched)}\n`);
    }
    if (wrong > 0) say(`${wrong} lines were no events: nothing matches them.`);
    return 0;
  },
};

/** Every rule that can be read; the others are told of, and the rest goes on. */
function loadAll(path: string, lists: ReadonlySet<string>): SigmaRule[] {
  const { rules, refused, skipped } = loadSigma(filesOf([path]), { lists });
  for (const fault of refused) say(`refused: ${faultText(fault)}`);
  for (const fault of skipped) say(`skipped: ${faultText(fault)}`);
  say(`${rules.length} rules, ${refused.length} mistakes, ${skipped.length} documents skipped.`);
  return rules;
}

/** What `|expand` names: each list from a file, one value a line. */
function readLists(given: Flags[string]): Lists {
  const pairs = Array.isArray(given) ? given.map(String) : [];
  return new Map(
    pairs.map((pair) => {
      const [, name = "", path = ""] = /^([^=]+)=(.+)$/.exec(pair) ?? [];
      if (name === "") throw new WrongUse(`--list is NAME=FILE, not "${pair}".`);
      const values = linesOf(path).map((line) => line.trim());
      return [
        name,
        values.filter((value) => value !== "").map((value) => ({ value, from: 0, until: null })),
      ] as const;
    }),
  );
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
}

function openEvents(path: string): number {
  try {
    return path === "-" ? 0 : openSync(path, "r");
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
}

function readLogsource(text: string | undefined): Logsource | undefined {
  if (text === undefined) return undefined;
  const logsource: Logsource = {};
  for (const pair of text.split(",")) {
    const [key = "", value = "", more] = pair.split("=").map((part) => part.trim());
    if (!["category", "product", "service"].includes(key) || value === "" || more !== undefined) {
      throw new WrongUse(`--logsource is such as category=process_creation,product=windows.`);
    }
    logsource[key as keyof Logsource] = value;
  }
  return logsource;
}

/** Waits when the reader of our output is slower than we are, so that memory stays level. */
async function write(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once("drain", () => resolve()));
}
