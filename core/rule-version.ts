// A rule's version as people read it.

/** What a merchant's own settings make of a version: the file's times this, plus 32 bits of a hash of what the rule reads then. */
export const VERSION_STEP = 2 ** 32;

/** `1`, or `1 with your settings (b9aa15de)`. */
export function ruleVersionText(version: number): string {
  if (version < VERSION_STEP) return String(version);
  const hash = (version % VERSION_STEP).toString(16).padStart(8, "0");
  return `${Math.floor(version / VERSION_STEP)} with your settings (${hash})`;
}
