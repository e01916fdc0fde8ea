// What an engine of `rules -- match` is, and how a line of a file becomes an event.
import type { Logsource } from "../../detectors/engine/plan.ts";
import type { SigmaRule } from "../../detectors/engine/sigma.ts";
import type { Lists } from "../../detectors/engine/sql/leaf-sql.ts";

/**
 * One engine of `match`. In: rules, an open NDJSON file and what its events' log source is. Out: for every event, in order,
 * its line and the `ref`s of the rules that it matches, in the rules' order. `complain` tells of lines that are no event.
 */
export type MatchEngine = (of: {
  rules: readonly SigmaRule[];
  events: number;
  logsource: Logsource | undefined;
  lists: Lists;
  complain(line: number, message: string): void;
}) => AsyncIterable<{ event: number; rules: readonly string[] }>;

/** The event of a line, or what is wrong with it. */
export function readEvent(line: string): object | string {
  let event: unknown;
  try {
    event = JSON.parse(line);
  } catch {
    return "it is not JSON.";
  }
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    return "an event is a JSON object.";
  }
  return event;
}
