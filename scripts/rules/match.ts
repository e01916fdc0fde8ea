// `rules -- match`: which Sigma rules each event of a file matches; any rules, any JSON events.
import { openSync } from "node:fs";
import type { Logsource } from "../../detectors/engine/plan.ts";
import { faultText, loadSigma, type SigmaRule } from "../../detectors/engine/sigma.ts";
import type { MatchEngine } from "./match-engine.ts";
import { matchLive } from "./match-live.ts";
import { matchSql } from "./match-sql.ts";
import { filesOf, neededFlag, say, textFlag, type Verb, WrongUse } from "./verb.ts";

const ENGINES: Readonly<Record<string, MatchEngine>> = { live: matchLive, sql: matchSql };

export const match: Verb = {
  usage:
    "match --rules DIR --events FILE   ids of the Sigma rules that each event of an NDJSON file matches; any fields,\n" +
    "                                    --logsource category=…,product=…,service=…, --engine live or sql, FILE - is standard input",
  options: { engine: { type: "string" }, logsource: { type: "string" } },
  async run(_, flags) {
    const engineName = textFlag(flags, "engine") ?? "live";
    const engine = Object.hasOwn(ENGINES, engineName) ? ENGINES[engineName] : undefined;
    if (engine === undefined) {
      const known = Object.keys(ENGINES).join(" or ");
      throw new WrongUse(`--engine is ${known}, not "${engineName}".`);
    }
    const logsource = readLogsource(textFlag(flags, "logsource"));
    const events = openEvents(neededFlag(flags, "events"));
    const rules = loadAll(neededFlag(flags, "rules"));
    if (rules.length === 0) {
      say("No rule could be loaded.");
      return 1;
    }
    let wrong = 0;
    const complain = (line: number, message: string) => {
      wrong += 1;
      say(`line ${line}: ${message}`);
    };
    for await (const matched of engine({ rules, events, logsource, complain })) {
      await write(`${JSON.stringify(matched)}\n`);
    }
    if (wrong > 0) say(`${wrong} lines were no events: nothing matches them.`);
    return 0;
  },
};

/** Every rule that can be read; the others are told of, and the rest goes on. */
function loadAll(path: string): SigmaRule[] {
  const { rules, refused, skipped } = loadSigma(filesOf([path]));
  for (const fault of refused) say(`refused: ${faultText(fault)}`);
  for (const fault of skipped) say(`skipped: ${faultText(fault)}`);
  say(`${rules.length} rules, ${refused.length} mistakes, ${skipped.length} documents skipped.`);
  return rules;
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
