// Which regular expressions are read: the linear-time subset that the engine and ClickHouse (both RE2) take alike (R14).
import { RE2JS } from "re2js";

const MOST_CHARS = 1000;
/** One piece of a pattern: an escape, a class, a group's start, a quantifier, or one character. */
const TOKEN =
  /\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|\(\?:|\(\?[\s\S]?|(?:[*+?]|\{\d+(?:,\d*)?\})\??|[\s\S]/gu;

/** The pieces of a pattern, in order. */
export const regexTokens = (source: string): string[] => source.match(TOKEN) ?? [];

/** What is wrong with a pattern, or undefined. `strict`: only the escapes that the rule language names. */
export function regexFault(source: string, strict: boolean): string | undefined {
  if (source.length > MOST_CHARS) {
    return `A regular expression may have at most 1,000 characters, not ${source.length}.`;
  }
  for (const token of regexTokens(source.replace(/^\(\?i\)/, ""))) {
    if (/^\(\?(?!:)/.test(token)) {
      return `"${token}" is not read. Look-around and named groups are not Sigma; flags stand only as a leading (?i).`;
    }
    if (/^\\[1-9k]/.test(token))
      return `"${token}" is a back-reference, which Sigma does not know.`;
    if (strict ? /^\\[^\WdDwWsSbBtnr_]/.test(token) : /^\\[QEC]/.test(token)) {
      return `"${token}" is not read: the escapes are \\d \\w \\s \\b, their negations, \\t \\n \\r, and signs.`;
    }
  }
  try {
    RE2JS.compile(source);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^error parsing regexp: /, "") : "";
    return `The regular expression is not in the linear-time subset (RE2 syntax): ${why}.`;
  }
}
