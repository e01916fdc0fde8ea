// The streaming engine behind `rules -- match`: one event at a time, in memory that does not grow with the file.
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { createMatcher, flattenEvent } from "../../detectors/engine/sigma.ts";
import { lookupIn } from "../../detectors/engine/tune/lists.ts";
import { type MatchEngine, readEvent } from "./match-engine.ts";

export const matchLive: MatchEngine = async function* ({
  rules,
  events,
  logsource,
  lists,
  complain,
}) {
  const matcher = createMatcher(rules, { lists: lookupIn(lists) });
  const lines = createInterface({
    input: createReadStream("", { fd: events, highWaterMark: 1 << 20 }),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  let number = 0;
  for await (const line of lines) {
    number += 1;
    if (line.trim() === "") continue;
    const event = readEvent(line);
    if (typeof event === "string") complain(number, event);
    const matched =
      typeof event === "string" ? [] : matcher.match(flattenEvent(event), { logsource });
    yield { event: number, rules: matched.map(({ ref }) => ref) };
  }
};
