// The command line for rule files: one file a verb in `rules/`; to add one, write the file and add its line here.
import { type ParseArgsConfig, parseArgs } from "node:util";
import { AppError } from "../core/errors.ts";
import { backtest } from "./rules/backtest.ts";
import { check } from "./rules/check.ts";
import { docs } from "./rules/docs.ts";
import { explain } from "./rules/explain.ts";
import { list } from "./rules/list.ts";
import { match } from "./rules/match.ts";
import { run } from "./rules/run.ts";
import { runTests } from "./rules/run-tests.ts";
import { say, type Verb, WrongUse } from "./rules/verb.ts";

const VERBS: Readonly<Record<string, Verb>> = {
  check,
  test: runTests,
  list,
  match,
  run,
  explain,
  backtest,
  docs,
};
/** Older names that still work. */
const ALIASES: Readonly<Record<string, string>> = { validate: "check" };

const HELP = `Usage: npm run --silent rules -- VERB [FILES…] [--json]

${Object.values(VERBS)
  .map(({ usage }) => `  ${usage}`)
  .join("\n")}

FILES are rule files or folders; without them the rules that Tillwatch comes with.
Exit: 0 done, 1 a mistake or a failed test, 2 wrong use.`;

const COMMON = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
  rules: { type: "string" },
  events: { type: "string" },
} as const;

async function main(): Promise<number> {
  const options: NonNullable<ParseArgsConfig["options"]> = { ...COMMON };
  for (const verb of Object.values(VERBS)) Object.assign(options, verb.options);
  const { positionals, values } = parseArgs({ allowPositionals: true, options });
  const [name, ...paths] = positionals;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (name === undefined) throw new WrongUse("Name a verb.");
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : VERBS[ALIASES[name] ?? ""];
  if (verb === undefined) throw new WrongUse(`There is no verb "${name}".`);
  return verb.run(paths, values);
}

// Who reads our output may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

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
