// Forms of single texts: identifiers, timestamps, names, base64. Source: CACAO 2.0 CS01, chapter 10.

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-([1-8])[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}";
const IDENTIFIER = new RegExp(`^([a-z0-9][a-z0-9-]*?)--(${UUID})$`, "i");

/** The parts of `type--UUID`, or undefined. `version` is that of the UUID. */
export function identifierParts(
  text: string,
): { type: string; uuid: string; version: number } | undefined {
  const match = text.length > 250 ? null : IDENTIFIER.exec(text);
  if (match === null) return undefined;
  return { type: match[1] ?? "", uuid: (match[2] ?? "").toLowerCase(), version: Number(match[3]) };
}

const TIMESTAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?Z$/;

/** UTC ms of an RFC 3339 time in UTC that exists in the calendar, or undefined. */
export function timestampMs(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const ms = Date.parse(`${match[1]}${(match[2] ?? "").slice(0, 4)}Z`);
  // The parser of dates takes 31 February for 3 March.
  if (Number.isNaN(ms) || new Date(ms).toISOString().slice(0, 19) !== match[1]) return undefined;
  return ms;
}

export const hasThreeDecimals = (text: string): boolean => /\.\d{3}Z$/.test(text);

export const isDictionaryKey = (text: string): boolean => /^[a-zA-Z0-9_-]{1,250}$/.test(text);

export const isVariableName = (text: string): boolean =>
  text.length <= 250 && /^__[a-zA-Z][a-zA-Z0-9_-]*__$/.test(text);

export const isExtensionProperty = (text: string): boolean => /^[a-z0-9_]{3,250}$/.test(text);

export const isSemver = (text: string): boolean =>
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(text);

/** Standard base64 with its padding, not empty. */
export function isBase64(text: string): boolean {
  return /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0;
}

const USE = /__[a-zA-Z][a-zA-Z0-9_-]{0,246}?__(?=:value)/g;

/** Names of the variables that a text uses, as `__name__:value`. */
export const usedVariables = (text: string): string[] => text.match(USE) ?? [];

/** True when a text is one variable and nothing else. */
export const isVariableUse = (text: string): boolean =>
  text.endsWith(":value") && isVariableName(text.slice(0, -":value".length));
