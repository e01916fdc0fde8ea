// The command line for playbooks and legal clocks: one file a verb in `playbooks/`. It opens no store and starts nothing.
import { parseArgs } from "node:util";
import { canonicalize } from "./playbooks/canonicalize.ts";
import { clocks, due } from "./playbooks/due.ts";
import { validate } from "./playbooks/validate.ts";
import { say, type Verb, WrongUse } from "./playbooks/verb.ts";
import { verify } from "./playbooks/verify.ts";

const VERBS: Readonly<Record<string, Verb>> = { validate, canonicalize, verify, due, clocks };

const HELP = `Usage: npm run --silent playbooks -- VERB … [--json]

${Object.values(VERBS)
  .map(({ usage }) => `  ${usage}`)
  .join("\n")}

A file may be - for standard input.
Exit: 0 done, 1 refused or found wrong, 2 wrong use.`;

const OPTIONS = {
  json: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
  allow: { type: "string", multiple: true },
  key: { type: "string", multiple: true },
  now: { type: "string" },
  rule: { type: "string" },
  start: { type: "string" },
  zone: { type: "string", multiple: true },
  calendar: { type: "string" },
} as const;

function main(): number {
  const { positionals, values } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const [name, ...paths] = positionals;
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  if (name === undefined) throw new WrongUse("Name a verb.");
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new WrongUse(`There is no verb "${name}".`);
  return verb.run(paths, values);
}

// Who reads our output may have seen enough (`| head`).
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  process.exitCode = main();
} catch (error) {
  const isArgument = (error as { code?: string }).code?.startsWith("ERR_PARSE_ARGS");
  if (!(error instanceof WrongUse) && !isArgument) throw error;
  say((error as Error).message);
  say(HELP);
  process.exitCode = 2;
}
