// Text as an SQL string.

/** The engine takes C strings: a raw NUL would end the statement in the middle. */
export function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\0", "\\0")}'`;
}
