// The one way to write a JSON value, so that a digest over it means the same everywhere. Source: RFC 8785 (JCS).

/** A value that has no canonical form. `message` says which. */
export class NotCanonical extends Error {}

/**
 * In: a JSON value as parsed. Out: its canonical text: keys by UTF-16 code units, ECMAScript numbers, shortest escapes, no white space.
 * Throws NotCanonical for lone surrogates, numbers that are not finite, and anything that is not JSON.
 */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return String(value);
    case "number":
      if (!Number.isFinite(value)) throw new NotCanonical(`the number ${value} is not finite`);
      return JSON.stringify(value);
    case "string":
      return canonicalText(value);
    case "object":
      if (value === null) return "null";
      if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
      return canonicalObject(value as Record<string, unknown>);
    default:
      throw new NotCanonical(`${typeof value} is no JSON value`);
  }
}

function canonicalText(text: string): string {
  if (!text.isWellFormed()) throw new NotCanonical("a text holds half of a surrogate pair");
  return JSON.stringify(text);
}

function canonicalObject(value: Record<string, unknown>): string {
  const keys = Object.keys(value).sort(); // the default order of texts is by UTF-16 code units
  return `{${keys.map((key) => `${canonicalText(key)}:${canonicalJson(value[key])}`).join(",")}}`;
}
