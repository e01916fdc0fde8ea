// The command line for rule files: `rules -- validate | test | list | match`.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { AppError } from "../core/errors.ts";
import type { Event } from "../core/event.ts";
import { isCurrency } from "../core/money.ts";
import { describeRules, readRuleFiles } from "../detectors/catalogue.ts";
import { createEngine } from "../detectors/engine/live/engine.ts";
import { runEvents, runRuleTests } from "../detectors/engine/proof/run-rule-tests.ts";
import { faultText } from "../detectors/engine/read/fault.ts";
import { checkRules, loadRules, type RuleFile } from "../detectors/engine/read/load.ts";

const HELP = `Usage: npm run --silent rules -- VERB [FILES…] [--json]

  validate [FILES…]                      reads rule files and tells every mistake with line and column
  test [FILES…]                          runs the tests inside the files
  list                                   the rules that Tillwatch comes with
  match --rules DIR --events FILE        findings of an NDJSON file of events; --currency EUR, --merchant ID

FILES are rule files or folders; without them the rules that Tillwatch comes with.
Exit: 0 done, 1 a mistake or a failed test, 2 wrong use.`;

type Flags = { json: boolean; rules?: string; events?: string; currency: string; merchant: string };
/** Words go to stderr, values to stdout. */
const say = (text: string) => console.error(text);
const print = (value: unknown) => console.log(JSON.stringify(value));

class WrongUse extends Error {}

function main(): number {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      rules: { type: "string" },
      events: { type: "string" },
      currency: { type: "string", default: "EUR" },
      merchant: { type: "string", default: "m1" },
    },
  });
  const [verb, ...paths] = positionals;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  switch (verb) {
    case "validate":
      return validate(paths, values);
    case "test":
      return test(paths, values);
    case "list":
      return list(values);
    case "match":
      return match(values);
    default:
      throw new WrongUse(verb === undefined ? "Name a verb." : `There is no verb "${verb}".`);
  }
}

/** Rule files named by paths, or our own. */
function filesOf(paths: readonly string[]): RuleFile[] {
  if (paths.length === 0) return readRuleFiles();
  return paths.flatMap((path) => {
    let names: string[];
    try {
      const isFolder = statSync(path).isDirectory();
      names = isFolder
        ? readdirSync(path, { recursive: true }).map((name) => join(path, String(name)))
        : [path];
    } catch {
      throw new WrongUse(`"${path}" is not there.`);
    }
    const files = names.filter((name) => names.length === 1 || /\.ya?ml$/.test(name)).sort();
    if (files.length === 0) throw new WrongUse(`"${path}" holds no .yml file.`);
    return files.map((name) => ({
      path: relative(".", name) || name,
      text: readFileSync(name, "utf8"),
    }));
  });
}

/** Our shared detections stand beside files that name them. */
function withShared(files: RuleFile[]): RuleFile[] {
  const shared = readRuleFiles().filter(({ path }) => path.endsWith("/shared.yml"));
  const known = files.some(({ path }) => path.endsWith("shared.yml"));
  return known ? files : [...shared, ...files];
}

function validate(paths: readonly string[], { json }: Flags): number {
  const files = withShared(filesOf(paths));
  const { ruleset, faults } = checkRules(files);
  if (json) print({ ok: faults.length === 0, rules: ruleset.rules.length, faults });
  else if (faults.length > 0) say(faults.map(faultText).join("\n"));
  else say(`${ruleset.rules.length} rules in ${files.length} files: no mistake.`);
  return faults.length === 0 ? 0 : 1;
}

function test(paths: readonly string[], { json }: Flags): number {
  const results = runRuleTests(loadRules(withShared(filesOf(paths))));
  const failed = results.filter(({ faults }) => faults.length > 0);
  if (json) print({ ok: failed.length === 0, tests: results.length, failed });
  for (const { rule, test: name, faults } of json ? [] : failed) {
    say(`${rule}: ${name}\n  ${faults.join("\n  ")}`);
  }
  if (!json) say(`${results.length - failed.length} of ${results.length} tests passed.`);
  return failed.length === 0 ? 0 : 1;
}

function list({ json }: Flags): number {
  const rules = describeRules(loadRules(readRuleFiles()));
  if (json) print(rules);
  for (const { rule, level, title } of json ? [] : rules) say(`${rule} (${level}): ${title}`);
  return 0;
}

function match({ rules, events, currency, merchant, json }: Flags): number {
  if (rules === undefined || events === undefined) {
    throw new WrongUse("match needs --rules and --events.");
  }
  if (!isCurrency(currency)) throw new WrongUse(`"${currency}" is not a currency code.`);
  const engine = createEngine(loadRules(withShared(filesOf([rules]))), {
    merchantId: merchant,
    currency,
  });
  const findings = runEvents(engine, readEventsFile(events));
  for (const finding of findings) {
    if (json) print(finding);
    else say(`${new Date(finding.ts).toISOString()} ${finding.level} ${finding.explanation}`);
  }
  return 0;
}

function readEventsFile(path: string): Event[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
  return text.split("\n").flatMap((line, index) => {
    if (line.trim() === "") return [];
    let event: Partial<Event> | null;
    try {
      event = JSON.parse(line) as Partial<Event> | null;
    } catch {
      throw new AppError("BODY_NOT_JSON", `${path}:${index + 1}: the line is not JSON.`);
    }
    if (typeof event?.ts !== "number" || typeof event.event_type !== "string") {
      const message = `${path}:${index + 1}: an event needs ts (UTC ms) and event_type.`;
      throw new AppError("REQUEST_INVALID", message);
    }
    const id = `line-${String(index + 1).padStart(9, "0")}`;
    return [{ event_id: id, source: "import", received_ts: event.ts, ...event } as Event];
  });
}

try {
  process.exitCode = main();
} catch (error) {
  const wrongUse =
    error instanceof WrongUse || (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  if (!wrongUse && !(error instanceof AppError)) throw error;
  say((error as Error).message);
  if (wrongUse) say(HELP);
  process.exitCode = wrongUse ? 2 : 1;
}
