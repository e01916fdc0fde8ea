// A request body as single events: one JSON object, an array of them, or one a line (NDJSON).
import { AppError } from "./errors.ts";

/** One event as it came: parsed, or why its line could not be read. `index` counts from 0 over the body. */
export type RawEvent =
  | { index: number; value: unknown }
  | { index: number; fault: string; text: string };

const LINES = /ndjson|jsonl|json-seq|x-json-stream/i;

/**
 * Splits a body. Lines are read by their content type, or where the body as a whole is no JSON but its lines are.
 * Throws BODY_EMPTY, BODY_NOT_JSON, TOO_MANY_EVENTS.
 */
export function splitBody(bytes: Buffer, contentType: string, maxEvents: number): RawEvent[] {
  const text = bytes.toString("utf8").replace(/^\ufeff/, "");
  if (text.trim() === "") throw new AppError("BODY_EMPTY", "The body holds no event.");
  if (LINES.test(contentType)) return splitLines(text, maxEvents);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (cause) {
    if (/^[^\n]*\}[ \t\r]*\n/.test(text)) return splitLines(text, maxEvents);
    throw new AppError("BODY_NOT_JSON", "The body is neither JSON nor NDJSON.", { cause });
  }
  if (!Array.isArray(parsed)) return [{ index: 0, value: parsed }];
  if (parsed.length === 0) throw new AppError("BODY_EMPTY", "The array holds no event.");
  if (parsed.length > maxEvents) throw tooMany(maxEvents);
  return parsed.map((value, index) => ({ index, value }));
}

function splitLines(text: string, maxEvents: number): RawEvent[] {
  const events: RawEvent[] = [];
  let readable = false;
  for (const [number, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    if (events.length >= maxEvents) throw tooMany(maxEvents);
    try {
      events.push({ index: events.length, value: JSON.parse(line) });
      readable = true;
    } catch {
      const fault = `line ${number + 1}: not JSON`;
      events.push({ index: events.length, fault, text: line });
    }
  }
  if (!readable) throw new AppError("BODY_NOT_JSON", "No line of the body is JSON.");
  return events;
}

function tooMany(maxEvents: number): AppError {
  return new AppError("TOO_MANY_EVENTS", `A body may hold at most ${maxEvents} events.`);
}
