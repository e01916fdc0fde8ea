// `rules -- run`: the findings that our own rules make of a file of our own events.
import { readFileSync } from "node:fs";
import { AppError } from "../../core/errors.ts";
import type { Event } from "../../core/event.ts";
import { isCurrency } from "../../core/money.ts";
import { createEngine } from "../../detectors/engine/live/engine.ts";
import { runEvents } from "../../detectors/engine/proof/run-rule-tests.ts";
import { loadRules } from "../../detectors/engine/read/load.ts";
import {
  filesOf,
  neededFlag,
  print,
  say,
  textFlag,
  type Verb,
  WrongUse,
  withShared,
} from "./verb.ts";

export const run: Verb = {
  usage:
    "run --rules DIR --events FILE     findings of our rules over an NDJSON file of our events; --currency EUR, --merchant ID",
  options: { currency: { type: "string" }, merchant: { type: "string" } },
  run(_, flags) {
    const [rules, events] = [neededFlag(flags, "rules"), neededFlag(flags, "events")];
    const currency = textFlag(flags, "currency") ?? "EUR";
    if (!isCurrency(currency)) throw new WrongUse(`"${currency}" is not a currency code.`);
    const engine = createEngine(loadRules(withShared(filesOf([rules]))), {
      merchantId: textFlag(flags, "merchant") ?? "m1",
      currency,
    });
    for (const finding of runEvents(engine, readEventsFile(events))) {
      if (flags.json) print(finding);
      else say(`${new Date(finding.ts).toISOString()} ${finding.level} ${finding.explanation}`);
    }
    return 0;
  },
};

/** Our own events, one JSON object a line; a line without an id is named by its number. */
export function readEventsFile(path: string): Event[] {
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
