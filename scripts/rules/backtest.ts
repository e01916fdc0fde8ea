// `rules -- backtest`: what rules, or a changed rule, would have said over history: of this installation, or of a file of events.
import { readFileSync } from "node:fs";
import { parseIsoTime } from "../../core/time.ts";
import type { BacktestReport } from "../../detectors/backtest/backtest.ts";
import type { BacktestChange } from "../../detectors/backtest/prepare.ts";
import { backtestFile } from "./backtest-file.ts";
import { backtestStore } from "./backtest-store.ts";
import { reportText } from "./backtest-text.ts";
import { type Flags, neededFlag, print, say, textFlag, type Verb, WrongUse } from "./verb.ts";

export const backtest: Verb = {
  usage:
    "backtest --merchant ID --from … --to …   what the rules would have said over stored history; --rule NAME (again for more),\n" +
    "                                    --file CHANGED.yml, --set RULE.KNOB=5: with the difference to what is in force;\n" +
    "                                    --events FILE [--labels FILE] instead of --merchant: over a file, by the streaming engine",
  options: {
    merchant: { type: "string" },
    from: { type: "string" },
    to: { type: "string" },
    rule: { type: "string", multiple: true },
    file: { type: "string" },
    set: { type: "string", multiple: true },
    labels: { type: "string" },
    currency: { type: "string" },
    stores: { type: "string" },
  },
  async run(_, flags) {
    const change = changeOf(flags);
    const ender = new AbortController();
    const onInterrupt = () => ender.abort(new Error("interrupted"));
    process.once("SIGINT", onInterrupt);
    try {
      const report = await reportOf(flags, change, ender.signal);
      if (flags.json) print(report);
      else console.log(reportText(report));
      return 0;
    } catch (error) {
      if (!ender.signal.aborted) throw error;
      say("Ended.");
      return 130;
    } finally {
      process.removeListener("SIGINT", onInterrupt);
    }
  },
};

async function reportOf(
  flags: Flags,
  change: BacktestChange,
  signal: AbortSignal,
): Promise<BacktestReport> {
  const events = textFlag(flags, "events");
  if (events !== undefined) {
    return backtestFile(change, {
      events,
      labels: textFlag(flags, "labels"),
      currency: textFlag(flags, "currency") ?? "EUR",
      stores: Number(textFlag(flags, "stores") ?? 1),
    });
  }
  const request = { from: timeOf(flags, "from"), to: timeOf(flags, "to"), ...change };
  const progress = progressLine();
  return await backtestStore(neededFlag(flags, "merchant"), request, {
    signal,
    onProgress: progress,
  });
}

/** Progress on stderr: on a terminal one line that is written over, else a line every two seconds. */
function progressLine(): (share: number, doing: string) => void {
  let toldAt = 0;
  return (share, doing) => {
    const now = Date.now();
    if (now - toldAt < (process.stderr.isTTY ? 100 : 2000)) return;
    toldAt = now;
    const line = `${Math.round(share * 100)} % ${doing}`;
    process.stderr.write(
      process.stderr.isTTY ? `\r\u001b[K${line}${share >= 1 ? "\n" : ""}` : `${line}\n`,
    );
  };
}

function timeOf(flags: Flags, name: string): number {
  const text = neededFlag(flags, name);
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text;
  const ms = /^\d{1,15}$/.test(day) ? Number(day) : parseIsoTime(day);
  if (ms === undefined) throw new WrongUse(`--${name} is a day, or ISO 8601 with a zone.`);
  return ms;
}

const listOf = (value: Flags[string]): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];

function changeOf(flags: Flags): BacktestChange {
  const rules = listOf(flags.rule);
  const file = textFlag(flags, "file");
  const knobs: Record<string, Record<string, number>> = {};
  for (const pair of listOf(flags.set)) {
    const match = /^([a-z0-9_]+)\.([a-z0-9_]+)=(-?\d+(?:\.\d+)?)$/.exec(pair);
    if (match === null) throw new WrongUse(`--set is RULE.KNOB=NUMBER, not "${pair}".`);
    const [, rule = "", knob = "", value] = match;
    knobs[rule] = { ...knobs[rule], [knob]: Number(value) };
  }
  return {
    ...(rules.length > 0 ? { rules } : {}),
    ...(file === undefined ? {} : { text: textOf(file) }),
    ...(Object.keys(knobs).length > 0 ? { knobs } : {}),
  };
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    throw new WrongUse(`"${path}" cannot be read.`);
  }
}
