// The command line of the simulator: lists attacks, writes days to a file, streams a live shop to a service.
import { text } from "node:stream/consumers";
import { ATTACKS } from "./simulate/attacks.ts";
import { chain } from "./simulate/chain.ts";
import { type Command, HELP, readCommand } from "./simulate/command-line.ts";
import { streamLive } from "./simulate/stream-live.ts";
import { writeHistory } from "./simulate/write-history.ts";

const DAY_MS = 86_400_000;
const tell = (line: string) => process.stderr.write(`${line}\n`);
const print = (line: string) => process.stdout.write(`${line}\n`);

function list(json: boolean): void {
  for (const { id, detection, title, when } of ATTACKS) {
    if (json) print(JSON.stringify({ id, detection, title, when }));
    else print(`${id.padEnd(28)} ${detection.padEnd(30)} ${title}`);
  }
}

async function write(command: Extract<Command, { verb: "write" }>): Promise<void> {
  const { fromMs, days, seed, attacks, heartbeatMs, out, labels, json } = command;
  const toMs = fromMs + days * DAY_MS;
  const shop = chain(seed, command.stores);
  const detectionOf = (id: string) => ATTACKS.find((attack) => attack.id === id)?.detection ?? "";
  const written = await writeHistory(
    { seed, shop, fromMs, toMs, attacks, heartbeatMs },
    { out, labels, stdout: process.stdout },
    detectionOf,
  );
  const missing = attacks.filter((id) => !written.attacks.includes(id));
  if (missing.length > 0) tell(`No suitable hour in the span for: ${missing.join(", ")}`);
  tell(`${written.events} events, ${written.attackEvents} of ${written.attacks.length} attacks.`);
  if (json && out !== "-") print(JSON.stringify({ ...written, out, labels }));
}

async function stream(command: Extract<Command, { verb: "stream" }>): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once("SIGINT", end).once("SIGTERM", end);
  const timer = command.seconds === undefined ? undefined : setTimeout(end, command.seconds * 1000);
  const key = command.key === "-" ? (await text(process.stdin)).trim() : command.key;
  try {
    const posted = await streamLive({
      ...command,
      key,
      signal: stop.signal,
      now: Date.now,
      say: tell,
    });
    tell(`${posted} events posted.`);
  } finally {
    clearTimeout(timer);
    process.off("SIGINT", end).off("SIGTERM", end);
  }
}

async function run(command: Command): Promise<void> {
  switch (command.verb) {
    case "help":
      print(HELP);
      return;
    case "list":
      list(command.json);
      return;
    case "write":
      return write(command);
    case "stream":
      return stream(command);
  }
}

/** Exit 0 done, 1 refused or failed, 2 wrong use. */
async function main(words: readonly string[]): Promise<number> {
  let command: Command;
  try {
    command = readCommand(words);
  } catch (fault) {
    tell(`${messageOf(fault)}\n"simulate -- --help" shows how.`);
    return 2;
  }
  try {
    await run(command);
    return 0;
  } catch (fault) {
    tell(messageOf(fault));
    return 1;
  }
}

const messageOf = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault));

// A reader that has seen enough (`| head`) closes the pipe; that is no fault.
process.stdout.once("error", () => process.exit(0));
process.exitCode = await main(process.argv.slice(2));
