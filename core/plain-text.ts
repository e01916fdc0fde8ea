// Names come from strangers: this makes any text fit to stand in one line of a mail, a page or a header.

/** Control characters, line and paragraph separators. */
const BREAKS = /[\p{Cc}\u2028\u2029]+/gu;
/** What turns the reading direction or cannot be seen: it can make a text look like another one. */
const UNSEEN = /\p{Cf}|\p{Default_Ignorable_Code_Point}/gu;
/** Stacks of accents that run over the lines above and below. */
const STACKED = /(\p{M}{3})\p{M}+/gu;

/**
 * One line of at most `max` characters (code points): without control, direction and invisible characters; a longer
 * text ends in `…`. Markup stays as it is: escaping is the template's work.
 */
export function plainText(text: string, max: number): string {
  const line = text
    .slice(0, max * 8)
    .toWellFormed()
    .replace(BREAKS, " ")
    .replace(UNSEEN, "")
    .replace(STACKED, "$1")
    .replace(/\s+/g, " ")
    .trim();
  const points = [...line];
  const cut = text.length > max * 8;
  if (points.length <= max && !cut) return line;
  return `${points
    .slice(0, max - 1)
    .join("")
    .trimEnd()}…`;
}

/**
 * Breaks what a mail program would make into a link by itself: `evil.example` becomes `evil[.]example`. For texts that
 * came from events, in mail only.
 */
export function defang(text: string): string {
  return text
    .replace(/:\/\//g, "[:]//")
    .replace(/(?<=[\p{L}\p{N}-])\.(?=[\p{L}][\p{L}\p{N}-])/gu, "[.]");
}
