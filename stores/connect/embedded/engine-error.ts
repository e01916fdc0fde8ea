// Errors as ClickHouse words them, and the HTTP status that its server gives each.

/** `code` is ClickHouse's number; the message is its whole text, `Code: N. DB::Exception: … (NAME)`. */
export class EngineError extends Error {
  readonly code: number;

  constructor(code: number, name: string, words: string) {
    super(`Code: ${code}. DB::Exception: ${words} (${name})`);
    this.name = "EngineError";
    this.code = code;
  }
}

export const refused = (words: string) => new EngineError(497, "ACCESS_DENIED", words);
export const notHere = (words: string) => new EngineError(48, "NOT_IMPLEMENTED", words);
export const malformed = (words: string) => new EngineError(62, "SYNTAX_ERROR", words);
export const tooMany = (words: string) =>
  new EngineError(202, "TOO_MANY_SIMULTANEOUS_QUERIES", words);

/** ClickHouse's number for an error of the engine, or 1002 (unknown). */
export function codeOf(error: unknown): number {
  if (error instanceof EngineError) return error.code;
  const match = /Code: (\d+)/.exec(error instanceof Error ? error.message : String(error));
  return match === null ? 1002 : Number(match[1]);
}

/** The engine's own words in the server's form; anything else becomes code 1002. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  if (text.startsWith("Code: ")) return text;
  return `Code: ${codeOf(error)}. DB::Exception: ${text.replace(/^.*?DB::Exception: /s, "")} (UNKNOWN_EXCEPTION)`;
}

const STATUS: Readonly<Record<number, number>> = {
  48: 501,
  60: 404,
  81: 404,
  62: 400,
  115: 400,
  117: 400,
  202: 503,
  241: 500,
  497: 403,
  516: 401,
};
const BAD_REQUESTS = new Set([
  6, 25, 26, 27, 33, 36, 38, 41, 47, 53, 69, 70, 72, 131, 386, 456, 563,
]);

export function statusOf(code: number): number {
  return STATUS[code] ?? (BAD_REQUESTS.has(code) ? 400 : 500);
}
