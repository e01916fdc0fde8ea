// The admin command line: merchants, keys, sources, shops, staff, sign-in links, the audit log.
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { readConfig } from "../core/config.ts";
import { AppError } from "../core/errors.ts";
import { silentLog } from "../core/log.ts";
import { ACTS } from "./admin/acts.ts";
import { type Command, inLines, readCommand } from "./admin/command-line.ts";
import { reach } from "./admin/reach.ts";

const DONE = 0;
const REFUSED = 1;
const WRONG_USE = 2;

async function main(words: readonly string[]): Promise<number> {
  const command = readCommand(words, ACTS);
  if (command.kind === "help") {
    process.stdout.write(`${command.text}\n`);
    return DONE;
  }
  const config = readConfig(process.env, (path) => readFileSync(path, "utf8"));
  const input = await withStandardInput(command);
  const answer = await reach(config, silentLog, command.act, input);
  if (!answer.ok) {
    process.stderr.write(`${answer.message}\n`);
    return answer.why === "refused" ? REFUSED : WRONG_USE;
  }
  const { result } = answer;
  process.stdout.write(`${command.json ? JSON.stringify(result) : inLines(result)}\n`);
  return result.ok === false ? REFUSED : DONE;
}

/** A secret that is `-` comes from standard input, so that it stands in no shell history and no process list. */
async function withStandardInput(
  command: Extract<Command, { kind: "act" }>,
): Promise<Record<string, string | string[]>> {
  const input = { ...command.input };
  for (const [flag, option] of Object.entries(command.act.options)) {
    if (option.secret && input[flag] === "-") input[flag] = (await text(process.stdin)).trim();
  }
  return input;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (fault) {
  const wrongUse = fault instanceof AppError && fault.code === "REQUEST_INVALID";
  const message = fault instanceof AppError ? fault.message : `A fault of ours: ${String(fault)}`;
  process.stderr.write(`${message}\n`);
  process.exitCode = wrongUse ? WRONG_USE : REFUSED;
}
