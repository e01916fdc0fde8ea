// Reads fields of a provider's object: absent and null are the same, a wrong type is a named fault, nothing is guessed.

/** What a source throws inside `translate` when a field that it uses has the wrong form. `message` names field and expected form, no values. */
export class ShapeFault extends Error {
  constructor(path: string, expected: string) {
    super(`${path}: expected ${expected}`);
    this.name = "ShapeFault";
  }
}

/** An object at a known place in a delivery. Each reader gives undefined for absent or null, and throws ShapeFault for a wrong type. */
export type JsonReader = {
  readonly path: string;
  object(name: string): JsonReader | undefined;
  text(name: string): string | undefined;
  whole(name: string): number | undefined;
  flag(name: string): boolean | undefined;
  /** The first element of an array of objects. */
  first(name: string): JsonReader | undefined;
  has(name: string): boolean;
  /** The value as it stands, for fields that come in two shapes. */
  raw(name: string): unknown;
};

/** In: any JSON value. Throws ShapeFault unless it is an object. */
export function readJson(value: unknown, path: string): JsonReader {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new ShapeFault(path, "an object");
  const given = value as Record<string, unknown>;
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const raw = (name: string) => (Object.hasOwn(given, name) ? given[name] : undefined);
  const read = <T>(name: string, fits: (v: unknown) => v is T, expected: string): T | undefined => {
    const found = raw(name);
    if (found === undefined || found === null) return undefined;
    if (!fits(found)) throw new ShapeFault(at(name), expected);
    return found;
  };
  return {
    path,
    raw,
    has: (name) => raw(name) !== undefined && raw(name) !== null,
    text: (name) => read(name, (v) => typeof v === "string", "a text"),
    whole: (name) => read(name, (v): v is number => Number.isSafeInteger(v), "a whole number"),
    flag: (name) => read(name, (v) => typeof v === "boolean", "true or false"),
    object(name) {
      const found = raw(name);
      return found === undefined || found === null ? undefined : readJson(found, at(name));
    },
    first(name) {
      const list = read(name, Array.isArray, "an array");
      return list === undefined || list.length === 0
        ? undefined
        : readJson(list[0], `${at(name)}[0]`);
    },
  };
}

/** For fields that must be there: passes the value on or throws ShapeFault. */
export function needed<T>(value: T | undefined, path: string): T {
  if (value === undefined) throw new ShapeFault(path, "a value; it is missing");
  return value;
}
